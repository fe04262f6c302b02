"""What every call has in common: who may call, in what, and what a failure looks like."""

from collections.abc import Callable
from typing import Any, cast

import orjson
from rest_framework.parsers import JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from twitter.api.authentication import ApiKeyAuthentication, SessionAuthentication
from twitter.api.errors import NoSuchThing, failure
from twitter.api.pages import Asked, page_shape
from twitter.models import User
from twitter.models.tweets import TweetQuerySet
from twitter.shapes import Shape


class FastJSON(JSONRenderer):
    """Several times as fast as the one of the standard library."""

    def render(self, data: Any, *_media_type: Any, **_context: Any) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)


class ContractView(APIView):
    """A call for people who show a key or have signed in."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]
    parser_classes = [JSONParser]
    renderer_classes = [FastJSON]

    @property
    def person(self) -> User:
        """Who calls; nobody else gets past the permissions."""
        return cast(User, self.request.user)

    def asked(self, kind: type[Serializer[Any]], data: Any = None) -> dict[str, Any]:
        """Return what was asked in the query, or sent in `data`; ValidationError."""
        asked = kind(data=self.request.query_params if data is None else data)
        asked.is_valid(raise_exception=True)
        return cast(dict[str, Any], asked.validated_data)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response]:
        return failure

    def page(self, tweets: TweetQuerySet, asked: Shape) -> Response:
        """Answer with the page of tweets that was asked for."""
        page = Asked(asked["limit"], asked["offset"], asked.get("cursor"))
        return Response(page_shape(tweets, page, self.person))

    @staticmethod
    def done(**facts: Any) -> Response:
        return Response({"result": True, **facts})


class NoSuchCall(ContractView):
    """Any other address under /api/."""

    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NoSuchThing

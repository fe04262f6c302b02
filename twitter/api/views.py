"""What every call has in common: who may call, in what, and what a failure looks like."""

from collections.abc import Callable
from typing import Any, cast

import orjson
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
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


class StrictJSON(JSONParser):
    """Refuses what the standard library lets through: endless nesting, halves of surrogates."""

    def parse(self, stream: Any, *_media_type: Any, **_context: Any) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(_("The body is no JSON: %s.") % error) from error


class OneKindOfAnswer(DefaultContentNegotiation):
    """Answers in JSON whatever is asked for: to get something else helps nobody."""

    def select_renderer(self, request: Request, renderers: Any, *_suffix: Any) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class ContractView(APIView):
    """A call for people who show a key or have signed in."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]
    parser_classes = [StrictJSON]
    renderer_classes = [FastJSON]
    content_negotiation_class = OneKindOfAnswer

    @property
    def person(self) -> User:
        """Who calls; nobody else gets past the permissions."""
        return cast(User, self.request.user)

    def asked(self, kind: type[Serializer[Any]]) -> dict[str, Any]:
        """Return what was asked in the query; ValidationError."""
        return _checked(kind(data=self.request.query_params))

    def sent(self, kind: type[Serializer[Any]]) -> dict[str, Any]:
        """Return what was sent in the body; ValidationError."""
        return _checked(kind(data=self.request.data))

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


def _checked(values: Serializer[Any]) -> dict[str, Any]:
    values.is_valid(raise_exception=True)
    return cast(dict[str, Any], values.validated_data)

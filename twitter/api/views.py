"""What every call has in common: who may call, in what, and what a failure looks like."""

from collections.abc import Callable
from typing import Any, cast

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
from twitter.api.json import dumped, parsed
from twitter.api.pages import page_shape
from twitter.api.serializers import checked
from twitter.models import User
from twitter.models.tweets import TweetQuerySet
from twitter.shapes import Shape

# What is no page does nothing and is in no frame, should a browser open it.
HARMLESS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


class FastJSON(JSONRenderer):
    def render(self, data: Any, *_media_type: Any, **_context: Any) -> bytes:
        return b"" if data is None else dumped(data)


class StrictJSON(JSONParser):
    def parse(self, stream: Any, *_media_type: Any, **_context: Any) -> Any:
        return parsed(stream.read())


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
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, **HARMLESS}

    @property
    def person(self) -> User:
        """Who calls; nobody else gets past the permissions."""
        return cast(User, self.request.user)

    def asked(self, kind: type[Serializer[Any]]) -> dict[str, Any]:
        """Return what was asked in the query; ValidationError."""
        return checked(kind, self.request.query_params)

    def sent(self, kind: type[Serializer[Any]]) -> dict[str, Any]:
        """Return what was sent in the body; ValidationError."""
        return checked(kind, self.request.data)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response]:
        return failure

    def page(self, tweets: TweetQuerySet, asked: Shape) -> Response:
        """Answer with the page of tweets that was asked for."""
        return Response(page_shape(tweets, asked, self.person))

    @staticmethod
    def done(**facts: Any) -> Response:
        return Response({"result": True, **facts})


class NoSuchCall(ContractView):
    """Any other address under /api/."""

    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NoSuchThing

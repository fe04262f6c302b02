"""The calls of the contract."""

from collections.abc import Callable
from typing import Any, cast

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.parsers import JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from twitter.actions import post_tweet
from twitter.api.authentication import ApiKeyAuthentication
from twitter.api.errors import failure
from twitter.api.serializers import FeedPage, NewTweet
from twitter.feed import Page, page_after
from twitter.models import Tweet, User
from twitter.shapes import profile_shape, tweet_shape


class ContractView(APIView):
    """A call for people who show a key or have signed in."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]

    @property
    def person(self) -> User:
        """Who calls; nobody else gets past the permissions."""
        return cast(User, self.request.user)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response]:
        return failure


class Me(ContractView):
    def get(self, request: Request) -> Response:
        return Response({"result": True, "user": profile_shape(self.person)})


class Tweets(ContractView):
    def get(self, request: Request) -> Response:
        asked = FeedPage(data=request.query_params)
        asked.is_valid(raise_exception=True)
        page = _page(**asked.validated_data)
        return Response(
            {
                "result": True,
                "tweets": [tweet_shape(tweet) for tweet in page.tweets],
                "next_cursor": page.next and str(page.next),
            }
        )

    def post(self, request: Request) -> Response:
        new = NewTweet(data=request.data)
        new.is_valid(raise_exception=True)
        tweet = post_tweet(self.person, new.validated_data["tweet_data"])
        return Response({"result": True, "tweet_id": tweet.pk})


class NoSuchCall(ContractView):
    """Any other address under /api/."""

    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound


def _page(limit: int, offset: int, cursor: Any = None) -> Page:
    feed = Tweet.objects.feed()
    if cursor is not None or offset == 1:
        return page_after(feed, cursor, limit)
    return page_after(feed[(offset - 1) * limit :], None, limit)

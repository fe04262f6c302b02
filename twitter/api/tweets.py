"""The calls about tweets."""

from functools import partial

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from twitter import actions
from twitter.api import answers
from twitter.api.pages import tweet_seen
from twitter.api.schema import call
from twitter.api.serializers import EditedTweet, FeedAsked, NewTweet, PageAsked, SearchAsked
from twitter.api.views import ContractView
from twitter.models import Hashtag, Tweet, User
from twitter.models.tweets import TweetQuerySet
from twitter.shapes import Shape, trend_shape

MOST_TRENDS = 10
A_TWEET = {"tweet_data": "Привет, #команда!", "tweet_media_ids": []}

describe = partial(call, tag="tweets")


class Tweets(ContractView):
    @describe(_("Read a feed, a page at a time"), answers.TweetPage, 400, 404, query=FeedAsked)
    def get(self, request: Request) -> Response:
        asked = self.asked(FeedAsked)
        tweets = self._feed(asked)
        return self.page(tweets.tagged(asked["tag"]) if "tag" in asked else tweets, asked)

    @describe(_("Post a tweet"), answers.TweetMade, sends=NewTweet, example=A_TWEET)
    def post(self, request: Request) -> Response:
        return self.done(tweet_id=post_sent(self.person, self.sent(NewTweet)).pk)

    def _feed(self, asked: Shape) -> TweetQuerySet:
        match asked["feed"]:
            case "following":
                return Tweet.objects.following(self.person)
            case "popular":
                return Tweet.objects.popular()
            case "user":
                return Tweet.objects.by(User.objects.get(pk=asked["user"]))
        return Tweet.objects.feed()


class OneTweet(ContractView):
    @describe(_("Read one tweet"), answers.OneTweet, 404)
    def get(self, request: Request, tweet_id: int) -> Response:
        return self.done(tweet=tweet_seen(tweet_id, self.person))

    @describe(_("Reply to a tweet"), answers.TweetMade, 404, sends=NewTweet, example=A_TWEET)
    def post(self, request: Request, tweet_id: int) -> Response:
        reply_to = _tweet(tweet_id)
        return self.done(tweet_id=post_sent(self.person, self.sent(NewTweet), reply_to).pk)

    @describe(
        _("Edit one's tweet, shortly after posting it"),
        answers.OneTweet, 403, 404,
        sends=EditedTweet,
    )  # fmt: skip
    def patch(self, request: Request, tweet_id: int) -> Response:
        text = self.sent(EditedTweet)["tweet_data"]
        actions.edit_tweet(self.person, _tweet(tweet_id), text)
        return self.done(tweet=tweet_seen(tweet_id, self.person))

    @describe(_("Delete one's tweet, or, as a moderator, anybody's"), answers.Done, 403, 404)
    def delete(self, request: Request, tweet_id: int) -> Response:
        actions.delete_tweet(self.person, _tweet(tweet_id))
        return self.done()


class Thread(ContractView):
    @describe(
        _("Read the conversation of a tweet, in its order"),
        answers.TweetPage, 400, 404,
        query=PageAsked,
    )  # fmt: skip
    def get(self, request: Request, tweet_id: int) -> Response:
        return self.page(Tweet.objects.thread(_tweet(tweet_id)), self.asked(PageAsked))


class Likes(ContractView):
    @describe(_("Like a tweet"), answers.Done, 404)
    def post(self, request: Request, tweet_id: int) -> Response:
        actions.like(self.person, _tweet(tweet_id))
        return self.done()

    @describe(_("Take a like back"), answers.Done, 404)
    def delete(self, request: Request, tweet_id: int) -> Response:
        actions.unlike(self.person, _tweet(tweet_id))
        return self.done()


class Reposts(ContractView):
    @describe(_("Pass a tweet on to one's followers"), answers.TweetMade, 404)
    def post(self, request: Request, tweet_id: int) -> Response:
        return self.done(tweet_id=actions.repost(self.person, _tweet(tweet_id)).pk)

    @describe(_("Take a repost back"), answers.Done, 404)
    def delete(self, request: Request, tweet_id: int) -> Response:
        actions.undo_repost(self.person, _tweet(tweet_id))
        return self.done()


class Bookmark(ContractView):
    @describe(_("Keep a tweet for oneself"), answers.Done, 404)
    def post(self, request: Request, tweet_id: int) -> Response:
        actions.bookmark(self.person, _tweet(tweet_id))
        return self.done()

    @describe(_("Keep it no longer"), answers.Done, 404)
    def delete(self, request: Request, tweet_id: int) -> Response:
        actions.unbookmark(self.person, _tweet(tweet_id))
        return self.done()


class Bookmarks(ContractView):
    @describe(
        _("Read what one keeps, the latest kept first"), answers.TweetPage, 400, query=PageAsked
    )
    def get(self, request: Request) -> Response:
        return self.page(Tweet.objects.bookmarked_by(self.person), self.asked(PageAsked))


class Search(ContractView):
    @describe(_("Search the tweets"), answers.TweetPage, 400, query=SearchAsked)
    def get(self, request: Request) -> Response:
        asked = self.asked(SearchAsked)
        return self.page(Tweet.objects.search(asked["q"]), asked)


class Trends(ContractView):
    @describe(_("Read which hashtags many people use of late"), answers.Trends)
    def get(self, request: Request) -> Response:
        trends = Hashtag.objects.trends()[:MOST_TRENDS]
        return self.done(trends=[trend_shape(each) for each in trends])


def _tweet(tweet_id: int) -> Tweet:
    """Return a tweet to act on, unless it is hidden; DoesNotExist."""
    return Tweet.objects.get(pk=tweet_id, hidden_at=None)


def post_sent(person: User, sent: Shape, reply_to: Tweet | None = None) -> Tweet:
    """Post what was sent as a NewTweet."""
    media = actions.chosen_media(person, sent["tweet_media_ids"] or [])
    return actions.post_tweet(person, sent["tweet_data"], media, reply_to)

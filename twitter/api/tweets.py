"""Calls about tweets."""

from twitter import actions
from twitter.api.pages import serialize_page, serialize_tweet_for
from twitter.models import Hashtag, Tweet, User
from twitter.models.tweets import TweetQuerySet
from twitter.serialization import Json, serialize_trend

MAX_TRENDS = 10


def find_tweet(tweet_id: int) -> Tweet:
    """Return a visible tweet. Raises DoesNotExist."""
    return Tweet.objects.get(pk=tweet_id, hidden_at=None)


def list_feed(caller: User, query: Json) -> Json:
    tweets = _feed(caller, query)
    return serialize_page(tweets.tagged(query["tag"]) if "tag" in query else tweets, query, caller)


def _feed(caller: User, query: Json) -> TweetQuerySet:
    match query["feed"]:
        case "following":
            return Tweet.objects.following(caller)
        case "popular":
            return Tweet.objects.popular()
        case "user":
            return Tweet.objects.by(User.objects.get(pk=query["user"]))
    return Tweet.objects.feed()


def list_thread(caller: User, tweet: Tweet, query: Json) -> Json:
    return serialize_page(Tweet.objects.thread(tweet), query, caller)


def list_bookmarks(caller: User, query: Json) -> Json:
    return serialize_page(Tweet.objects.bookmarked_by(caller), query, caller)


def search(caller: User, query: Json) -> Json:
    return serialize_page(Tweet.objects.search(query["q"]), query, caller)


def list_trends(_caller: User) -> Json:
    return {"trends": [serialize_trend(each) for each in Hashtag.objects.trends()[:MAX_TRENDS]]}


def read_tweet(caller: User, tweet_id: int) -> Json:
    return {"tweet": serialize_tweet_for(tweet_id, caller)}


def post_tweet(caller: User, body: Json) -> Json:
    return _post(caller, body, reply_to=None)


def reply(caller: User, tweet: Tweet, body: Json) -> Json:
    return _post(caller, body, reply_to=tweet)


def _post(caller: User, body: Json, reply_to: Tweet | None) -> Json:
    media = actions.find_uploads(caller, body["tweet_media_ids"] or [])
    return {"tweet_id": actions.post_tweet(caller, body["tweet_data"], media, reply_to).pk}


def edit_tweet(caller: User, tweet_id: int, body: Json) -> Json:
    actions.edit_tweet(caller, find_tweet(tweet_id), body["tweet_data"])
    return read_tweet(caller, tweet_id)


def repost(caller: User, tweet: Tweet) -> Json:
    return {"tweet_id": actions.repost(caller, tweet).pk}

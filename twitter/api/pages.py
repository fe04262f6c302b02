"""Pages of tweets as JSON, in a fixed number of queries.

Rows become JSON without model instances, which would take most of the time.
"""

from collections import defaultdict
from typing import Any

import orjson
from django.conf import settings
from django.db import connection

from twitter.api.body import dump
from twitter.feed import Cursor, order_of, rest_after
from twitter.models import Tweet, User
from twitter.models.tweets import TweetQuerySet
from twitter.serialization import TWEET_FIELDS, Json, serialize_media_values, serialize_tweet_row

PART_SIZE = 100
MAX_LIKES = 200
"""The number of latest likes that are returned with a tweet."""


# Raw SQL, since composing these queries in the ORM takes twice as long as running them.
MEDIA = """
    SELECT tweet_id, id, file, thumbnail, kind, width, height, alt FROM twitter_media
    WHERE tweet_id IN ({ids}) ORDER BY position, id
"""
LATEST_LIKES = """
    SELECT * FROM (
        SELECT id, tweet_id, person_id FROM twitter_like
        WHERE tweet_id = {id} ORDER BY id DESC LIMIT {most}
    ) AS latest
"""
# Subqueries, since PostgreSQL would plan a join as a hash of all people.
LIKES = """
    SELECT tweet_id, person_id, (SELECT name FROM twitter_user WHERE id = person_id),
        (SELECT username FROM twitter_user WHERE id = person_id)
    FROM (
        {latest} UNION
        SELECT id, tweet_id, person_id FROM twitter_like
        WHERE person_id = %s AND tweet_id IN ({ids})
    ) AS likes
    ORDER BY id
"""
OWN = """
    SELECT 'bookmark', tweet_id FROM twitter_bookmark WHERE person_id = %s AND tweet_id IN ({ids})
    UNION ALL
    SELECT 'repost', repost_of_id FROM twitter_tweet
    WHERE author_id = %s AND hidden_at IS NULL AND repost_of_id IN ({ids})
"""


def serialize_page(tweets: TweetQuerySet, query: Json, viewer: User) -> Json:
    """Return a page as `viewer` sees it: `tweets` and `next_cursor`.

    `query` is the validated input of a `PageQuery`. Raises BadCursor if the cursor belongs to a
    feed with another order.
    """
    if query.get("is_whole"):
        return _serialize_all(tweets, viewer)
    order, limit, cursor = order_of(tweets), query["limit"], query.get("cursor")
    rest = tweets if cursor is None else rest_after(tweets, cursor)
    start = 0 if cursor else (query["offset"] - 1) * limit
    rows = _rows(rest.page_slice(start, start + limit + 1), order)
    page = rows[:limit]
    has_more = len(rows) > len(page)
    next_cursor = str(Cursor.of(page[-1][order], page[-1]["id"])) if has_more else None
    return {"tweets": serialize_rows(page, viewer), "next_cursor": next_cursor}


def _serialize_all(tweets: TweetQuerySet, viewer: User) -> Json:
    """Return all tweets up to API_FEED_MAX; `next_cursor` is set if there are more.

    They are read in parts, each of which is encoded before the next one is read, so memory usage is
    little more than the size of the response.
    """
    parts: list[bytes] = []
    query: Json = {"offset": 1}
    most = max(settings.API_FEED_MAX, 1)
    for start in range(0, most, PART_SIZE):
        query["limit"] = min(PART_SIZE, most - start)
        page = serialize_page(tweets, query, viewer)
        if page["tweets"]:
            parts.append(dump(page["tweets"])[1:-1])
        if page["next_cursor"] is None:
            break
        query["cursor"] = Cursor.parse(page["next_cursor"])
    all_parts = orjson.Fragment(b"[" + b",".join(parts) + b"]")
    return {"tweets": all_parts, "next_cursor": page["next_cursor"]}


def serialize_tweet_for(tweet_id: int, viewer: User) -> Json:
    """Return one tweet as `viewer` sees it. Raises DoesNotExist."""
    rows = _rows(Tweet.objects.shown().filter(pk=tweet_id), "id")
    if not rows:
        raise Tweet.DoesNotExist
    return serialize_rows(rows, viewer)[0]


def serialize_rows(rows: list[Json], viewer: User) -> list[Json]:
    originals = _originals(rows)
    every = [*rows, *originals.values()]
    ids = [row["id"] for row in every]
    media, likes = _media(ids), _likes(every, viewer)
    bookmarked, reposted = _viewer_marks(ids, viewer)

    def serialize(row: Json) -> Json:
        pk, liked_by = row["id"], likes.get(row["id"], [])
        return {
            **serialize_tweet_row(row, media.get(pk, []), liked_by),
            "is_liked": any(like["user_id"] == viewer.pk for like in liked_by),
            "is_bookmarked": pk in bookmarked,
            "is_reposted": pk in reposted,
        }

    shown = {pk: serialize(row) for pk, row in originals.items()}
    return [{**serialize(row), "original": shown.get(row["repost_of"])} for row in rows]


def _rows(tweets: TweetQuerySet, order: str) -> list[Json]:
    return list(tweets.prefetch_related(None).values(*TWEET_FIELDS, *({order} - {*TWEET_FIELDS})))


def _originals(rows: list[Json]) -> dict[int, Json]:
    """Return the originals of the reposts among the rows, by id."""
    ids = [row["repost_of"] for row in rows if row["repost_of"]]
    return {row["id"]: row for row in _rows(Tweet.objects.filter(pk__in=ids), "id")} if ids else {}


def _media(ids: list[int]) -> dict[int, list[Json]]:
    found: dict[int, list[Json]] = defaultdict(list)
    for tweet, *facts in _select(MEDIA, ids):
        found[tweet].append(serialize_media_values(*facts))
    return found


def _likes(rows: list[Json], viewer: User) -> dict[int, list[Json]]:
    """Return the latest likes of each tweet and that of the viewer, oldest first."""
    liked = [row["id"] for row in rows if row["likes_count"]]
    each = [LATEST_LIKES.format(id=pk, most=MAX_LIKES) for pk in liked]
    latest = " UNION ALL ".join(each)
    found: dict[int, list[Json]] = defaultdict(list)
    for tweet, person, name, username in _select(LIKES, liked, viewer.pk, latest=latest):
        found[tweet].append({"user_id": person, "name": name, "username": username})
    return found


def _viewer_marks(ids: list[int], viewer: User) -> tuple[set[int], set[int]]:
    """Return the ids of the tweets that the viewer bookmarked, and that they reposted."""
    marks: dict[str, set[int]] = {"bookmark": set(), "repost": set()}
    for mark, tweet in _select(OWN, ids, viewer.pk, viewer.pk):
        marks[mark].add(tweet)
    return marks["bookmark"], marks["repost"]


def _select(query: str, ids: list[int], *values: int, **parts: str) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(query.format(ids=", ".join(map(str, ids)), **parts), values)
        return list(cursor.fetchall())

"""Pages of tweets as the contract shows them, in a fixed number of queries, whatever is on them.

Rows become JSON without model instances between, which is most of what a page would cost.
"""

from collections import defaultdict
from typing import Any

from django.db import connection

from twitter.feed import Cursor, order_of, rest_after
from twitter.models import Tweet, User
from twitter.models.tweets import TweetQuerySet
from twitter.shapes import TWEET_FIELDS, Shape, media_shape_of, tweet_shape_of

MOST_LIKES = 200
"""Names of those who like a tweet that are told with it, the latest; the count tells all."""


# Written out, since to have them composed takes twice as long as they do.
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
# A join would be planned as a hash of all people: slower the more there are.
LIKES = """
    SELECT tweet_id, person_id, (SELECT name FROM twitter_user WHERE id = person_id)
    FROM (
        {latest} UNION
        SELECT id, tweet_id, person_id FROM twitter_like
        WHERE person_id = %s AND tweet_id IN ({ids})
    ) AS told
    ORDER BY id
"""
OWN = """
    SELECT 'kept', tweet_id FROM twitter_bookmark WHERE person_id = %s AND tweet_id IN ({ids})
    UNION ALL
    SELECT 'passed on', repost_of_id FROM twitter_tweet
    WHERE author_id = %s AND hidden_at IS NULL AND repost_of_id IN ({ids})
"""


def page_shape(tweets: TweetQuerySet, asked: Shape, viewer: User) -> Shape:
    """Return a page as `viewer` sees it; BadCursor if the cursor is of another order.

    `asked` is what a `PageAsked` gave: the page after a cursor, or by its number from 1.
    """
    order, limit, cursor = order_of(tweets), asked["limit"], asked.get("cursor")
    rest = tweets if cursor is None else rest_after(tweets, cursor)
    start = 0 if cursor else (asked["offset"] - 1) * limit
    rows = _rows(rest.part(start, start + limit + 1), order)
    page = rows[:limit]
    has_more = len(rows) > len(page)
    next_cursor = str(Cursor.of(page[-1][order], page[-1]["id"])) if has_more else None
    return {"result": True, "tweets": shapes(page, viewer), "next_cursor": next_cursor}


def tweet_seen(tweet_id: int, viewer: User) -> Shape:
    """Return one tweet as `viewer` sees it; DoesNotExist."""
    rows = _rows(Tweet.objects.shown().filter(pk=tweet_id), "id")
    if not rows:
        raise Tweet.DoesNotExist
    return shapes(rows, viewer)[0]


def shapes(rows: list[Shape], viewer: User) -> list[Shape]:
    originals = _originals(rows)
    every = [*rows, *originals.values()]
    ids = [row["id"] for row in every]
    media, likes = _media(ids), _likes(every, viewer)
    kept, passed_on = _own(ids, viewer)

    def shape(row: Shape) -> Shape:
        pk, liked_by = row["id"], likes.get(row["id"], [])
        return {
            **tweet_shape_of(row, media.get(pk, []), liked_by),
            "is_liked": any(like["user_id"] == viewer.pk for like in liked_by),
            "is_bookmarked": pk in kept,
            "is_reposted": pk in passed_on,
        }

    shown = {pk: shape(row) for pk, row in originals.items()}
    return [{**shape(row), "original": shown.get(row["repost_of"])} for row in rows]


def _rows(tweets: TweetQuerySet, order: str) -> list[Shape]:
    return list(tweets.prefetch_related(None).values(*TWEET_FIELDS, *({order} - {*TWEET_FIELDS})))


def _originals(rows: list[Shape]) -> dict[int, Shape]:
    """Return what the reposts among the rows pass on."""
    ids = [row["repost_of"] for row in rows if row["repost_of"]]
    return {row["id"]: row for row in _rows(Tweet.objects.filter(pk__in=ids), "id")} if ids else {}


def _media(ids: list[int]) -> dict[int, list[Shape]]:
    found: dict[int, list[Shape]] = defaultdict(list)
    for tweet, *facts in _select(MEDIA, ids):
        found[tweet].append(media_shape_of(*facts))
    return found


def _likes(rows: list[Shape], viewer: User) -> dict[int, list[Shape]]:
    """Return who likes each tweet, the earliest first: the latest few, and the viewer always."""
    liked = [row["id"] for row in rows if row["likes_count"]]
    each = [LATEST_LIKES.format(id=pk, most=MOST_LIKES) for pk in liked]
    latest = " UNION ALL ".join(each)
    found: dict[int, list[Shape]] = defaultdict(list)
    for tweet, person, name in _select(LIKES, liked, viewer.pk, latest=latest):
        found[tweet].append({"user_id": person, "name": name})
    return found


def _own(ids: list[int], viewer: User) -> tuple[set[int], set[int]]:
    """Return which of the tweets the viewer keeps, and which they passed on."""
    own: dict[str, set[int]] = {"kept": set(), "passed on": set()}
    for what, tweet in _select(OWN, ids, viewer.pk, viewer.pk):
        own[what].add(tweet)
    return own["kept"], own["passed on"]


def _select(query: str, ids: list[int], *values: int, **parts: str) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(query.format(ids=", ".join(map(str, ids)), **parts), values)
        return list(cursor.fetchall())

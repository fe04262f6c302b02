"""Pages of tweets as the contract shows them, in a fixed number of queries, whatever is on them.

Rows become JSON without model instances between, which is most of what a page would cost.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, Value, Window
from django.db.models.functions import RowNumber

from twitter.feed import Cursor, order_of, rest_after
from twitter.models import Bookmark, Like, Media, Tweet, User
from twitter.models.tweets import TweetQuerySet
from twitter.shapes import TWEET_FIELDS, Shape, media_shape_of, tweet_shape_of

MOST_LIKES = 200
"""Names of those who like a tweet that are told with it, the latest; the count tells all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page: after a cursor, or by its number from 1."""

    limit: int
    number: int = 1
    cursor: Cursor | None = None


def page_shape(tweets: TweetQuerySet, asked: Asked, viewer: User) -> Shape:
    """Return a page as `viewer` sees it; BadCursor if the cursor is of another order."""
    order = order_of(tweets)
    rest = tweets if asked.cursor is None else rest_after(tweets, asked.cursor)
    start = 0 if asked.cursor else (asked.number - 1) * asked.limit
    rows = _rows(rest[start : start + asked.limit + 1], order)
    page = rows[: asked.limit]
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


def _media(ids: Iterable[int]) -> dict[int, list[Shape]]:
    found: dict[int, list[Shape]] = defaultdict(list)
    fields = ("tweet", "id", "file", "thumbnail", "kind", "width", "height", "alt")
    for tweet, *facts in Media.objects.filter(tweet__in=ids).values_list(*fields):
        found[tweet].append(media_shape_of(*facts))
    return found


def _likes(rows: list[Shape], viewer: User) -> dict[int, list[Shape]]:
    """Return who likes each tweet, the earliest first: the latest few, and the viewer always."""
    liked = [row for row in rows if row["likes_count"]]
    likes = Like.objects.filter(tweet__in=[row["id"] for row in liked])
    if any(row["likes_count"] > MOST_LIKES for row in liked):
        place = Window(RowNumber(), partition_by=F("tweet"), order_by="-id")
        likes = likes.annotate(place=place).filter(Q(place__lte=MOST_LIKES) | Q(person=viewer))
    found: dict[int, list[Shape]] = defaultdict(list)
    fields = ("tweet", "person", "person__name")
    for tweet, person, name in likes.order_by("id").values_list(*fields):
        found[tweet].append({"user_id": person, "name": name})
    return found


def _own(ids: list[int], viewer: User) -> tuple[set[int], set[int]]:
    """Return which of the tweets the viewer keeps, and which they passed on."""
    kept = Bookmark.objects.filter(person=viewer, tweet__in=ids)
    passed_on = Tweet.objects.filter(author=viewer, repost_of__in=ids, hidden_at=None)
    kinds: dict[str, set[int]] = {"kept": set(), "passed on": set()}
    both = (
        kept.annotate(kind=Value("kept"))
        .values_list("tweet", "kind")
        .union(
            passed_on.annotate(kind=Value("passed on")).values_list("repost_of", "kind"), all=True
        )
    )
    for pk, kind in both:
        kinds[kind].add(pk)
    return kinds["kept"], kinds["passed on"]

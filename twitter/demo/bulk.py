"""A microblog of any size, to see how it does: people, what they say and what they like.

A hundredth as many people as tweets, and five likes to a tweet. Rows go in by COPY where there is
one. Everything is made by a fixed seed, so two databases of one size are alike.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max, Model
from django.utils import timezone

from twitter.demo import TWEETS
from twitter.models import Like, Tweet, User
from twitter.models.search import stems
from twitter.models.tweets import heat

TWEETS_PER_PERSON = 100
FEWEST_PEOPLE = 10
MOST_LIKES = 10
AT_ONCE = 20_000
SPAN = timedelta(days=365)
WORDS = sorted(
    {word for said in TWEETS for word in said.text.split() if not word.startswith(("#", "@"))}
)

Progress = Callable[[int, int], None]
"""Is told how many tweets are made, of how many."""


def make_crowd(tweets: int, progress: Progress) -> None:
    """Add so many tweets to what is there. What is made stays when it is interrupted."""
    chance = random.Random(tweets)  # noqa: S311  no secret
    people = _people(max(FEWEST_PEOPLE, tweets // TWEETS_PER_PERSON))
    first = (Tweet.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    began, step = timezone.now() - SPAN, SPAN / tweets
    for start in range(0, tweets, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, tweets))
        with transaction.atomic():
            _make_tweets([(first + n, began + step * n) for n in numbers], people, chance)
        progress(numbers[-1] + 1, tweets)


def _people(count: int) -> list[int]:
    """Return the ids of so many people, most of them new."""
    first = (User.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    made = (
        User(username=f"crowd-{n}", name=f"Сотрудник № {n}", password="!")  # noqa: S106  opens nothing
        for n in range(first, first + count)
    )
    while some := list(islice(made, AT_ONCE)):
        User.objects.bulk_create(some)
    return list(User.objects.filter(is_active=True).order_by("-pk").values_list("pk", flat=True))


def _make_tweets(
    places: list[tuple[int, datetime]], people: list[int], chance: random.Random
) -> None:
    rows, likes = [], []
    for pk, moment in places:
        text = " ".join(chance.choices(WORDS, k=chance.randint(4, 24)))
        likers = chance.sample(people, min(chance.randint(0, MOST_LIKES), len(people)))
        warmth = heat(moment, len(likers))
        rows.append((pk, chance.choice(people), text, moment, len(likers), 0, 0, warmth, ""))
        likes += [(pk, liker, moment) for liker in likers]
    fields = "author_id text created_at likes_count replies_count reposts_count heat hidden_reason"
    _insert(Tweet, ["id", *fields.split()], rows)
    _insert(Like, ["tweet_id", "person_id", "created_at"], likes)
    if connection.vendor == "sqlite":  # elsewhere the database finds the words itself
        words = [(pk, " ".join(stems(text))) for pk, _author, text, *_ in rows]
        _execute_many("twitter_tweet_words", ["rowid", "words"], words)


def _insert(model: type[Model], columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    table = model._meta.db_table
    if connection.vendor != "postgresql":
        _execute_many(table, columns, rows)
        return
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        for statement in _sequence_reset(model):
            cursor.execute(statement)


def _sequence_reset(model: type[Model]) -> Iterator[str]:
    """Let the ids that the database gives begin after ours."""
    yield from connection.ops.sequence_reset_sql(no_style(), [model])


def _execute_many(table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})",  # noqa: S608  names of ours
            rows,
        )

"""Generated people, tweets and likes, to test a microblog of any size.

There are a hundred tweets per person and five likes per tweet on average. Rows are inserted with
COPY on PostgreSQL. The random seed is fixed, so databases of the same size have the same content.
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

from twitter.demo.seed import TWEETS
from twitter.models import Like, Tweet, User
from twitter.models.search import has_separate_index
from twitter.models.tweets import heat
from twitter.text.words import index_terms

TWEETS_PER_PERSON = 100
MIN_PEOPLE = 10
MAX_LIKES = 10
BATCH_SIZE = 20_000
SPAN = timedelta(days=365)
WORDS = sorted(
    {word for sample in TWEETS for word in sample.text.split() if not word.startswith(("#", "@"))}
)

Progress = Callable[[int, int], None]
"""Called with the number of tweets created so far and the total."""


def create_bulk_data(tweets: int, progress: Progress) -> None:
    """Add `tweets` tweets. Batches that are committed remain after an interruption."""
    chance = random.Random(tweets)  # noqa: S311  no secret
    people = _people(max(MIN_PEOPLE, tweets // TWEETS_PER_PERSON))
    first = (Tweet.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    began, step = timezone.now() - SPAN, SPAN / tweets
    for start in range(0, tweets, BATCH_SIZE):
        numbers = range(start, min(start + BATCH_SIZE, tweets))
        with transaction.atomic():
            _make_tweets([(first + n, began + step * n) for n in numbers], people, chance)
        progress(numbers[-1] + 1, tweets)


def _people(count: int) -> list[int]:
    """Create `count` people; return the ids of all active people."""
    first = (User.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    made = (_person(n) for n in range(first, first + count))
    while some := list(islice(made, BATCH_SIZE)):
        User.objects.bulk_create(some)
    return list(User.objects.filter(is_active=True).order_by("-pk").values_list("pk", flat=True))


def _person(number: int) -> User:
    name = f"Сотрудник № {number}"
    person = User(username=f"crowd-{number}", name=name, password="!")  # noqa: S106  opens nothing
    person.fold_names()
    return person


def _make_tweets(
    places: list[tuple[int, datetime]], people: list[int], chance: random.Random
) -> None:
    rows, likes = [], []
    for pk, moment in places:
        text = " ".join(chance.choices(WORDS, k=chance.randint(4, 24)))
        likers = chance.sample(people, min(chance.randint(0, MAX_LIKES), len(people)))
        warmth = heat(moment, len(likers))
        terms = " ".join(index_terms(text))
        rows.append((pk, chance.choice(people), text, moment, len(likers), 0, 0, warmth, "", terms))
        likes += [(pk, liker, moment) for liker in likers]
    fields = (
        "author_id text created_at likes_count replies_count reposts_count heat hidden_reason terms"
    )
    _insert(Tweet, ["id", *fields.split()], rows)
    _insert(Like, ["tweet_id", "person_id", "created_at"], likes)
    if has_separate_index():
        _execute_many(
            "twitter_tweet_terms", ["rowid", "terms"], [(row[0], row[-1]) for row in rows]
        )


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
    """Yield the SQL that moves the id sequence behind the inserted rows."""
    yield from connection.ops.sequence_reset_sql(no_style(), [model])


def _execute_many(table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})",  # noqa: S608  names of ours
            rows,
        )

"""Full-text search: by the database where it knows languages, else by stems of our own.

PostgreSQL's configuration `russian` stems Cyrillic words as Russian and Latin ones as English;
SQLite's FTS5 is given stems that are made in the same way.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import snowballstemmer
from django.db import connection, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from twitter.models.tweets import Tweet

Rows = TypeVar("Rows", bound="models.QuerySet[Tweet]")

MOST_WORDS = 20
WORD = re.compile(r"[^\W_]+")
RUSSIAN = snowballstemmer.stemmer("russian")
ENGLISH = snowballstemmer.stemmer("english")

# The words that are in so many texts that PostgreSQL does not look for them.
COMMONEST = """
и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было
вот от меня еще нет о из ему теперь когда даже ну вдруг ли если уже или ни быть был него до вас
нибудь опять уж вам ведь там потом себя ничего ей может они тут где есть надо ней для мы тебя их
чем была сам чтоб без будто чего раз тоже себе под будет ж тогда кто этот того потому этого какой
совсем ним здесь этом один почти мой тем чтобы нее сейчас были куда зачем всех никогда можно при
наконец два об другой хоть после над больше тот через эти нас про всего них какая много разве три
эту моя впрочем хорошо свою этой перед иногда лучше чуть том нельзя такой им более всегда конечно
всю между i me my we our you your he him his she her it its they them their what which who this
that these those am is are was were be been being have has had do does did a an the and but if or
because as until while of at by for with about against between into through during before after
above below to from up down in out on off over under again further then once here there when where
why how all any both each few more most other some such no nor not only own same so than too very
s t can will just don should now
"""
STOP_WORDS = frozenset(COMMONEST.split())

# The words as the index has them; "ё" is "е" to most who write, so it is to those who search.
POSTGRES_WORDS = "to_tsvector('russian', translate(twitter_tweet.text, 'ёЁ', 'еЕ'))"


def words_match(tweets: Rows, text: str) -> Rows:
    """Keep the tweets that have all words of `text`, in any form; none when it has no words."""
    wanted = stems(text)[:MOST_WORDS]
    if not wanted:
        return tweets.none()
    if connection.vendor == "postgresql":
        words = " ".join(_words(text)[:MOST_WORDS])
        match = f"{POSTGRES_WORDS} @@ plainto_tsquery('russian', %s)"
        return tweets.filter(RawSQL(match, [words], models.BooleanField()))  # noqa: S611  constants
    query = " ".join(f'"{stem}"' for stem in wanted)
    ids = "SELECT rowid FROM twitter_tweet_words WHERE twitter_tweet_words MATCH %s"
    return tweets.filter(pk__in=RawSQL(ids, [query]))  # noqa: S611  constants


def words_need_no_index() -> bool:
    """Return whether the database by itself finds tweets by what they say, as PostgreSQL does."""
    return connection.vendor == "postgresql"


def index_words(tweets: Iterable["Tweet"]) -> None:
    """Let the tweets be found by what they say now."""
    if words_need_no_index():
        return
    rows = [(tweet.pk, " ".join(stems(tweet.text))) for tweet in tweets]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT OR REPLACE INTO twitter_tweet_words(rowid, words) VALUES (%s, %s)", rows
        )


def forget_words(tweet_ids: Iterable[int]) -> None:
    """Drop what is kept for the search of tweets that are no more."""
    if not words_need_no_index():
        with connection.cursor() as cursor:
            rows = [(pk,) for pk in tweet_ids]
            cursor.executemany("DELETE FROM twitter_tweet_words WHERE rowid = %s", rows)


def stems(text: str) -> list[str]:
    """Return the words of `text` without their endings and without the commonest words."""
    return [_stem(word) for word in _words(text) if word not in STOP_WORDS]


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower().replace("ё", "е"))


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return str((ENGLISH if word.isascii() else RUSSIAN).stemWord(word))


def make_index(schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX tweet_words ON twitter_tweet USING gin (({POSTGRES_WORDS}))"
        )
    else:
        schema_editor.execute(
            "CREATE VIRTUAL TABLE twitter_tweet_words "
            "USING fts5(words, detail=none, tokenize='unicode61 remove_diacritics 0')"
        )


def drop_index(schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_postgres = schema_editor.connection.vendor == "postgresql"
    what = "INDEX tweet_words" if is_postgres else "TABLE twitter_tweet_words"
    schema_editor.execute(f"DROP {what}")

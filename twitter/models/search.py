"""Full-text search over the terms that `twitter.text.words` extracts.

PostgreSQL indexes `Tweet.terms` as a tsvector, SQLite in a separate FTS5 table. Tokenising and
stemming happen in Python, so both databases find the same tweets.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.expressions import RawSQL

from twitter.text import words
from twitter.text.normal import normalize
from twitter.text.words import Phrase, query_phrases

Tweets = TypeVar("Tweets", bound="models.QuerySet[Any]")

TERMS = "array_to_tsvector(string_to_array(twitter_tweet.terms, ' '))"


def match_words(tweets: Tweets, text: str) -> Tweets:
    """Filter the tweets that contain all words of `text`, in any form; none if it has no words."""
    phrases = query_phrases(normalize(text))
    if not phrases:
        return tweets.none()
    if connection.vendor == "postgresql":
        match = f"{TERMS} @@ %s::tsquery"
        query = _boolean(phrases, quote="'", conjunction=" & ", disjunction=" | ")
        return tweets.filter(RawSQL(match, [query], models.BooleanField()))  # noqa: S611  constants
    query = _boolean(phrases, quote='"', conjunction=" AND ", disjunction=" OR ")
    ids = "SELECT rowid FROM twitter_tweet_terms WHERE twitter_tweet_terms MATCH %s"
    return tweets.filter(pk__in=RawSQL(ids, [query]))  # noqa: S611  constants


def _boolean(phrases: list[Phrase], *, quote: str, conjunction: str, disjunction: str) -> str:
    """Return a query in the database's syntax. Terms contain no quotation marks or backslashes."""

    def any_of(terms: Iterable[str]) -> str:
        return f"({disjunction.join(f'{quote}{term}{quote}' for term in terms)})"

    def one(phrase: Phrase) -> str:
        needed = [*map(any_of, phrase.words), *(any_of([pair]) for pair in phrase.pairs)]
        apart = conjunction.join(needed)
        return f"(({apart}){disjunction}{any_of(phrase.joined)})" if phrase.joined else apart

    return conjunction.join(map(one, phrases))


def has_separate_index() -> bool:
    """Return whether terms are indexed in a separate table, as in SQLite."""
    return connection.vendor != "postgresql"


def search_terms(text: str) -> str:
    """Return the terms by which a text is found, for the column `Tweet.terms`."""
    return " ".join(words.index_terms(normalize(text)))


def index_terms(rows: Iterable[tuple[int, str | None]]) -> None:
    """Update the separate index, if there is one, from ids of saved tweets and their terms."""
    if has_separate_index():
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT OR REPLACE INTO twitter_tweet_terms(rowid, terms) VALUES (%s, %s)",
                list(rows),
            )


def drop_terms(tweet_ids: Iterable[int]) -> None:
    """Remove tweets from the separate index, if there is one."""
    if has_separate_index():
        with connection.cursor() as cursor:
            rows = [(pk,) for pk in tweet_ids]
            cursor.executemany("DELETE FROM twitter_tweet_terms WHERE rowid = %s", rows)

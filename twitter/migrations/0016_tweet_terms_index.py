"""Search by terms instead of the databases' own stems.

Tweets that are there are found again once the sweep has indexed them, the latest first: about
100,000 in three minutes. A process of the version before still searches, slowly, on PostgreSQL;
on SQLite it must not run any more, since it would write to a table that is gone.
"""

from django.db import migrations, models
from django.db.models import Q

TERMS = "array_to_tsvector(string_to_array(terms, ' '))"
POSTGRES_WORDS = "to_tsvector('russian', translate(twitter_tweet.text, 'ёЁ', 'еЕ'))"
# All of ASCII that may be in a term; other characters are part of terms anyway.
TOKENIZER = "ascii tokenchars '!#$%&()*+,-./:;<=>?@[]^_`{|}~'"


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in (
            # What an interrupted migration left, which may be invalid.
            "DROP INDEX CONCURRENTLY IF EXISTS tweet_terms",
            "DROP INDEX CONCURRENTLY IF EXISTS tweet_unindexed",
            f"CREATE INDEX CONCURRENTLY tweet_terms ON twitter_tweet USING gin (({TERMS}))",
            "CREATE INDEX CONCURRENTLY tweet_unindexed ON twitter_tweet (id DESC)"
            " WHERE terms IS NULL",
            "DROP INDEX CONCURRENTLY IF EXISTS tweet_words",
        ):
            schema_editor.execute(statement, params=None)
    else:
        for statement in (
            "CREATE VIRTUAL TABLE twitter_tweet_terms"
            f' USING fts5(terms, detail=none, tokenize="{TOKENIZER}")',
            "CREATE INDEX tweet_unindexed ON twitter_tweet (id DESC) WHERE terms IS NULL",
            "DROP TABLE twitter_tweet_words",
        ):
            schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in (
            "DROP INDEX CONCURRENTLY IF EXISTS tweet_words",
            f"CREATE INDEX CONCURRENTLY tweet_words ON twitter_tweet USING gin (({POSTGRES_WORDS}))",
            "DROP INDEX CONCURRENTLY IF EXISTS tweet_unindexed",
            "DROP INDEX CONCURRENTLY IF EXISTS tweet_terms",
        ):
            schema_editor.execute(statement, params=None)
    else:
        for statement in (
            "CREATE VIRTUAL TABLE twitter_tweet_words"
            " USING fts5(words, detail=none, tokenize='unicode61 remove_diacritics 0')",
            "DROP INDEX tweet_unindexed",
            "DROP TABLE twitter_tweet_terms",
        ):
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    # An index that is built concurrently does not lock the table; no transaction allows it.
    atomic = False

    dependencies = [("twitter", "0015_tweet_terms")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.AddIndex(
                    model_name="tweet",
                    index=models.Index(
                        condition=Q(terms=None), fields=["-id"], name="tweet_unindexed"
                    ),
                )
            ],
        )
    ]

"""Let tweets be searched."""

from django.db import migrations

POSTGRES_WORDS = "to_tsvector('russian', translate(twitter_tweet.text, 'ёЁ', 'еЕ'))"


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX tweet_words ON twitter_tweet USING gin (({POSTGRES_WORDS}))"
        )
    else:
        schema_editor.execute(
            "CREATE VIRTUAL TABLE twitter_tweet_words "
            "USING fts5(words, detail=none, tokenize='unicode61 remove_diacritics 0')"
        )


def drop(apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    what = "INDEX tweet_words" if is_postgres else "TABLE twitter_tweet_words"
    schema_editor.execute(f"DROP {what}")


class Migration(migrations.Migration):

    dependencies = [("twitter", "0002_microblog")]

    operations = [migrations.RunPython(make, drop)]

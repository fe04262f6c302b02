"""Give the tweets that are there their place in the popular feed: they have no reactions yet."""

from django.db import migrations

from twitter.models.tweets import heat


def warm(apps, schema_editor):
    tweets = apps.get_model("twitter", "Tweet").objects.filter(heat=0).only("created_at")
    for tweet in tweets.iterator():
        tweet.heat = heat(tweet.created_at, 0)
        tweet.save(update_fields=["heat"])


class Migration(migrations.Migration):

    dependencies = [("twitter", "0003_tweet_words")]

    operations = [migrations.RunPython(warm, migrations.RunPython.noop)]

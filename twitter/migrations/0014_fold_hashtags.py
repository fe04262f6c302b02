"""Merge hashtags that differ in ё and е, stress marks or Unicode form."""

from django.db import migrations

from twitter.text.normal import fold


def merge(apps, schema_editor):
    hashtags = apps.get_model("twitter", "Hashtag").objects
    taggings = apps.get_model("twitter", "Tagging").objects
    for tag in list(hashtags.order_by("pk")):
        name = fold(tag.name)
        if name == tag.name or len(name) > 100:
            continue
        same, _ = hashtags.get_or_create(name=name)
        tweets = taggings.filter(hashtag=same).values("tweet")
        taggings.filter(hashtag=tag).exclude(tweet__in=tweets).update(hashtag=same)
        tag.delete()


class Migration(migrations.Migration):

    dependencies = [("twitter", "0013_fill_folded_names")]

    operations = [migrations.RunPython(merge, migrations.RunPython.noop)]

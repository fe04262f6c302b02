"""Let tweets be searched."""

from django.db import migrations

from twitter.models.search import drop_index, index_words, make_index


def make(apps, schema_editor):
    make_index(schema_editor)
    index_words(apps.get_model("twitter", "Tweet").objects.order_by("pk").iterator())


def drop(apps, schema_editor):
    drop_index(schema_editor)


class Migration(migrations.Migration):

    dependencies = [("twitter", "0002_microblog")]

    operations = [migrations.RunPython(make, drop)]

"""Fold the names of the people that are there. Usernames that differ in case alone get a number."""

from django.db import migrations

from twitter.models.usernames import fill_folded_names


def fill(apps, schema_editor):
    fill_folded_names(apps.get_model("twitter", "User").objects.all())


class Migration(migrations.Migration):

    dependencies = [("twitter", "0012_user_folded_names")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

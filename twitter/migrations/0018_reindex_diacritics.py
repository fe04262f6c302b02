"""Index tweets anew that have diacritics or text without spaces: the terms of those have changed.

The sweep indexes them in the background, the latest first.
"""

import re

from django.db import migrations

BATCH_SIZE = 1000
CHANGED = re.compile("[\u00c0-\u024f\u0370-\u03ff\u1e00-\u1fff\u3005-\u9fff\uac00-\ud7a3\uff66-\uff9f\U00020000-\U0003ffff]")


def forget(apps, schema_editor):
    tweets = apps.get_model("twitter", "Tweet").objects.using(schema_editor.connection.alias)
    last = 0
    while batch := list(tweets.filter(pk__gt=last).order_by("pk").values_list("pk", "text")[:BATCH_SIZE]):
        last = batch[-1][0]
        changed = [pk for pk, text in batch if CHANGED.search(text)]
        tweets.filter(pk__in=changed).update(terms=None)


class Migration(migrations.Migration):

    # Each batch is a transaction of its own, so no tweet stays locked.
    atomic = False

    dependencies = [("twitter", "0017_tagging_names")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]

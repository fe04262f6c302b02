"""The permission to post, which everybody has except readers: nobody is one yet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("twitter", "0020_api_key_scopes")]
    operations = [
        migrations.AlterModelOptions(
            name="tweet",
            options={
                "permissions": [
                    ("moderate", "Can hide and restore tweets"),
                    ("post_tweet", "Can post, reply, repost and upload pictures"),
                ],
                "verbose_name": "tweet",
                "verbose_name_plural": "tweets",
            },
        ),
        migrations.AddField(
            model_name="user",
            name="is_reader",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="reads only"
            ),
        ),
    ]

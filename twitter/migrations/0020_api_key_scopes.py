"""What a key may be used for, and until when. Existing keys may be used for everything."""

from django.db import migrations, models

EVERY_SCOPE = "read write speech publish hooks"


class Migration(migrations.Migration):
    dependencies = [("twitter", "0019_field_texts")]
    operations = [
        migrations.AddField(
            model_name="apikey",
            name="scopes",
            field=models.CharField(
                db_default=EVERY_SCOPE,
                default=EVERY_SCOPE,
                max_length=100,
                verbose_name="may be used to",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="valid until"),
        ),
    ]

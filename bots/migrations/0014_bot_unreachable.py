from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bots", "0013_delivery_failures_and_waits")]

    operations = [
        migrations.AddField(
            model_name="bot",
            name="unreachable_reason",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                verbose_name="why unreachable",
            ),
        ),
        migrations.AddField(
            model_name="bot",
            name="unreachable_since",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                null=True,
                verbose_name="Pachca unreachable since",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bots", "0012_blocking_function")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="failures",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="Attempts that may have reached Pachca and did not succeed.",
                verbose_name="failures",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="waiting_since",
            field=models.DateTimeField(
                blank=True,
                help_text="When Pachca first could not be reached, or asked to wait.",
                null=True,
                verbose_name="waiting since",
            ),
        ),
    ]

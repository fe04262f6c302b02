from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bots", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="bot",
            name="answers_here",
            field=models.BooleanField(
                default=False,
                help_text="By default it answers privately whoever wrote.",
                verbose_name="answers in the same chat",
            ),
        ),
    ]

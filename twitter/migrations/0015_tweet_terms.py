"""What a tweet is found by. The sweep fills it in for tweets that are there."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('twitter', '0014_fold_hashtags')]

    operations = [
        migrations.AddField(
            model_name='tweet',
            name='terms',
            field=models.TextField(editable=False, help_text='What the tweet is found by.', null=True),
        ),
    ]

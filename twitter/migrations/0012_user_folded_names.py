"""What is compared of usernames and names, whatever their case, on every database."""

import django.contrib.auth.validators
import django.core.validators
from django.db import migrations, models

import twitter.text.normal


class Migration(migrations.Migration):

    dependencies = [('twitter', '0011_api_key_secret')]

    operations = [
        migrations.AddField(
            model_name='user',
            name='name_folded',
            field=models.CharField(db_default='', default='', editable=False, max_length=300),
        ),
        migrations.AddField(
            model_name='user',
            name='username_folded',
            field=models.CharField(editable=False, max_length=450, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name='user',
            name='name',
            field=models.CharField(blank=True, max_length=100, validators=[django.core.validators.RegexValidator('[\\x00\\ud800-\\udfff]', 'The text has characters that cannot be stored.', inverse_match=True), twitter.text.normal.honest_name], verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='user',
            name='username',
            field=models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='At most 150 characters: letters, digits and @ . + - _', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator(), twitter.text.normal.visible_text], verbose_name='username'),
        ),
    ]

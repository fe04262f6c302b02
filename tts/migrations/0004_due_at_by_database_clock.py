from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):

    dependencies = [
        ('tts', '0003_labels'),
    ]

    operations = [
        migrations.AlterField(
            model_name='audio',
            name='due_at',
            field=models.DateTimeField(db_default=Now(), verbose_name='due'),
        ),
    ]

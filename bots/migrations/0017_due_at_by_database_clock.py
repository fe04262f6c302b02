from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):

    dependencies = [
        ('bots', '0016_plain_labels'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='due_at',
            field=models.DateTimeField(db_default=Now(), verbose_name='due'),
        ),
        migrations.AlterField(
            model_name='service',
            name='due_at',
            field=models.DateTimeField(db_default=Now(), verbose_name='due'),
        ),
        migrations.AlterField(
            model_name='update',
            name='due_at',
            field=models.DateTimeField(db_default=Now(), verbose_name='due'),
        ),
    ]

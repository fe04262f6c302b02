from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):

    dependencies = [
        ('bots', '0018_state_in_progress'),
    ]

    operations = [
        migrations.AddField(
            model_name='broadcast',
            name='attempts',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='due_at',
            field=models.DateTimeField(db_default=Now(), verbose_name='due'),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='state',
            field=models.CharField(choices=[('waiting', 'waiting'), ('working', 'in progress'), ('done', 'done'), ('failed', 'failed'), ('ignored', 'ignored')], db_default='waiting', default='waiting', editable=False, max_length=8),
        ),
        migrations.AlterField(
            model_name='broadcast',
            name='claimed_until',
            field=models.DateTimeField(editable=False, null=True, verbose_name='claimed until'),
        ),
    ]

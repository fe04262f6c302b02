from collections import Counter

from django.conf import settings
from django.db import migrations


def confirm(apps, schema_editor):
    """Take the e-mail addresses that administrators have entered as confirmed.

    One that several people share is left out: nobody can sign in by it or ask for a new password.
    """
    EmailAddress = apps.get_model("account", "EmailAddress")
    User = apps.get_model(*settings.AUTH_USER_MODEL.split("."))
    people = User.objects.exclude(email="").values_list("pk", "email")
    known = set(EmailAddress.objects.values_list("user_id", flat=True))
    holders = Counter(email.lower() for _, email in people.iterator())
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(user_id=pk, email=email.lower(), verified=True, primary=True)
            for pk, email in people.iterator()
            if holders[email.lower()] == 1 and pk not in known
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_invitations"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("twitter", "0018_reindex_diacritics"),
    ]

    operations = [migrations.RunPython(confirm, migrations.RunPython.noop)]

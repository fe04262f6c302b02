"""The secrets of second factors at rest."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from bots.models.fields import SecretUnreadable

FIELDS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}
"""What is encrypted in the data of each type."""


def encrypt_again() -> tuple[int, list[str]]:
    """Encrypt all secrets under the current SECRET_KEY; return how many, and whose are lost."""
    count, lost = 0, []
    for pk in (
        Authenticator.objects.filter(type__in=FIELDS).order_by("pk").values_list("pk", flat=True)
    ):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update(of=["self"]).filter(pk=pk).first()
            field = row and FIELDS[Authenticator.Type(row.type)]
            if not row or field not in row.data:
                continue
            try:
                secret = get_adapter().decrypt(row.data[field])
            except SecretUnreadable:
                lost.append(f"second factor {row.pk} of {row.user}")
                continue
            row.data[field] = get_adapter().encrypt(secret)
            row.save(update_fields=["data"])
            count += 1
    return count, lost

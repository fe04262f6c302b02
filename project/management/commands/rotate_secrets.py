"""`manage.py rotate_secrets`: encrypt stored secrets with a new SECRET_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import second_factors
from bots.models.fields import stored_secrets
from bots.setup.secrets import ADVICE
from twitter.models import ApiKey


class Command(BaseCommand):
    help = (
        "Re-encrypt the secrets in the database with SECRET_KEY, and list the API keys that still"
        " depend on SECRET_KEY_FALLBACKS. Can be run repeatedly."
    )

    def handle(self, *args: object, **options: Any) -> None:
        lost = []
        count = 0
        for secret in stored_secrets():
            if secret.is_readable():
                secret.encrypt_again()
                count += 1
            else:
                lost.append(str(secret))
        more, lost_factors = second_factors.encrypt_again()
        count, lost = count + more, lost + lost_factors
        self.stdout.write(f"Encrypted with SECRET_KEY: {count}.")
        self._list_api_keys()
        if lost:
            raise CommandError("\n".join([*(f"Cannot be decrypted: {it}" for it in lost), ADVICE]))

    def _list_api_keys(self) -> None:
        """List the keys hashed with a former secret. A key is hashed again when it is used."""
        left = ApiKey.objects.hashed_with_former_secret().select_related("owner").order_by("pk")
        if not left:
            self.stdout.write("All API keys are hashed with SECRET_KEY.")
            return
        self.stdout.write(
            "These API keys may depend on SECRET_KEY_FALLBACKS. A key is rehashed when it is used."
            " Keep the fallback until then, or revoke the keys:"
        )
        for key in left:
            used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never"
            self.stdout.write(f"  {key.owner.username}: {key}, last used: {used}")

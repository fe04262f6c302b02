"""A text column that is encrypted at rest."""

import base64
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.db import models, transaction


class SecretUnreadable(Exception):
    """A stored secret cannot be decrypted: put the former SECRET_KEY in SECRET_KEY_FALLBACKS."""


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """Text that is Fernet-encrypted in the database under a key derived from SECRET_KEY.

    Values encrypted with a key in SECRET_KEY_FALLBACKS stay readable, and are encrypted with the
    new key when saved. Equal values differ at rest, so the column cannot be searched.
    """

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return text and _cipher().encrypt(text.encode()).decode()

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        if not value:
            return value
        try:
            return _cipher().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise SecretUnreadable(SecretUnreadable.__doc__) from error


class Secret(NamedTuple):
    """A stored secret: the row and the field that hold it."""

    row: models.Model
    field: EncryptedTextField

    def __str__(self) -> str:
        return f"{self.row._meta.verbose_name} {self.row.pk} ({self.row}): {self.field.name}"

    def is_readable(self) -> bool:
        try:
            return getattr(self.row, self.field.attname) is not None
        except SecretUnreadable:
            return False

    def encrypt_again(self) -> None:
        """Encrypt the secret with the current SECRET_KEY, unless the row has been deleted.

        The row is locked, so that a concurrently saved secret is not overwritten.
        """
        manager = type(self.row)._base_manager
        with transaction.atomic():
            row = manager.select_for_update().only(self.field.name).filter(pk=self.row.pk).first()
            if row is not None:
                row.save(update_fields=[self.field.name])


def stored_secrets() -> Iterator[Secret]:
    """Yield all stored secrets of all models without decrypting them."""
    for model in apps.get_models():
        fields = [it for it in model._meta.fields if isinstance(it, EncryptedTextField)]
        if fields:
            for row in model._base_manager.defer(*(field.name for field in fields)).order_by("pk"):
                yield from (Secret(row, field) for field in fields)


def _cipher() -> MultiFernet:
    return MultiFernet(
        [Fernet(_derived_key(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


@lru_cache(maxsize=8)
def _derived_key(secret: str) -> bytes:
    raw = HKDF(SHA256(), length=32, salt=None, info=b"svyaz.bots.fields").derive(secret.encode())
    return base64.urlsafe_b64encode(raw)

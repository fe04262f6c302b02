"""A text column that is encrypted at rest."""

import base64
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models


class SecretUnreadable(Exception):
    """A stored secret cannot be decrypted: put the former SECRET_KEY in SECRET_KEY_FALLBACKS."""


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """Text that is Fernet-encrypted in the database under a key derived from SECRET_KEY.

    Values made under a key in SECRET_KEY_FALLBACKS stay readable and move to the new key when
    saved. Equal values differ at rest, so the column cannot be searched.
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


def _cipher() -> MultiFernet:
    return MultiFernet(
        [Fernet(_derived_key(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


@lru_cache(maxsize=8)
def _derived_key(secret: str) -> bytes:
    raw = HKDF(SHA256(), length=32, salt=None, info=b"svyaz.bots.fields").derive(secret.encode())
    return base64.urlsafe_b64encode(raw)

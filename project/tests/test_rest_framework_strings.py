"""Every message of Django REST framework that a client can be shown is translated."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from django.utils.functional import Promise
from rest_framework import exceptions, fields, relations, serializers, validators


def messages() -> Iterator[tuple[str, Any]]:
    for module in (exceptions, fields, relations, serializers, validators):
        for name, kind in inspect.getmembers(module, inspect.isclass):
            known = vars(kind)
            for key, text in known.get("default_error_messages", {}).items():
                yield f"{name}.{key}", text
            for key in ("default_detail", "extra_detail_singular", "extra_detail_plural"):
                if isinstance(known.get(key), Promise):
                    yield f"{name}.{key}", known[key]
            if kind.__module__.startswith("rest_framework") and known.get("message"):
                yield f"{name}.message", known["message"]


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=where) for where, text in dict(messages()).items()]
)
def test_a_message_is_in_russian(text: Any) -> None:
    with translation.override("en"):
        english = str(text)

    with translation.override("ru"):
        assert str(text) != english

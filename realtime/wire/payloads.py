"""Declared payloads: validation of an event's payload before its handler is called."""

import dataclasses
from collections.abc import Awaitable, Callable
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from asgiref.sync import sync_to_async
from rest_framework.serializers import BaseSerializer

from realtime.errors import EventError

Check = Callable[[Any], Awaitable[Any]]
Read = Callable[[Any], Any]

WHOLE = "non_field_errors"  # the key of errors that concern no single field, as in serializers
MEANINGS: dict[Any, str] = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
}


def payload_check(declared: type) -> Check:
    """Return a function that validates a payload and returns it in its declared form.

    `declared` is a dataclass or a serializer class; TypeError for anything else. The function
    raises EventError("bad_payload") for a payload that is not valid.
    """
    if issubclass(declared, BaseSerializer):
        return _serializer_check(declared)
    if not dataclasses.is_dataclass(declared):
        raise TypeError(f"{declared!r} is neither a dataclass nor a serializer.")
    read = _reader(declared)

    async def check(payload: Any) -> Any:
        try:
            return read(payload)
        except _InvalidPayload as invalid:
            raise bad_payload(invalid.fields) from None

    return check


def _serializer_check(declared: type[BaseSerializer[Any]]) -> Check:
    def validate(payload: Any) -> Any:
        serializer = declared(data=payload)
        if not serializer.is_valid():
            raise bad_payload(serializer.errors)
        return serializer.validated_data

    # In a thread, since validators may query the database.
    return sync_to_async(validate)


def bad_payload(fields: Any) -> EventError:
    """Return the error for a payload with these messages by field."""
    return EventError("bad_payload", "The payload does not fit this event.", fields=fields)


class _InvalidPayload(Exception):
    """Messages by the path of the field: {"cups.0.size": ["Must be a string."]}."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self.fields = fields

    @classmethod
    def of(cls, sentence: str) -> "_InvalidPayload":
        return cls({WHOLE: [sentence]})

    def under(self, name: str) -> dict[str, list[str]]:
        return {
            name if path == WHOLE else f"{name}.{path}": sentences
            for path, sentences in self.fields.items()
        }


def _reader(kind: Any) -> Read:
    """Return a function that reads a JSON value as `kind`; TypeError if JSON has no such values."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda value: value
    if dataclasses.is_dataclass(kind):
        return _object_reader(kind)
    if kind in MEANINGS:
        return _plain_reader(kind)
    if origin is list:
        return _list_reader(_reader(inner[0]))
    if origin is dict and inner[0] is str:
        return _mapping_reader(_reader(inner[1]))
    if origin is Literal:
        return _choice_reader(inner)
    if origin in (Union, UnionType):
        return _union_reader([_reader(each) for each in inner])
    raise TypeError(f"A payload cannot hold {kind!r}; declare it by a serializer.")


def _plain_reader(kind: type) -> Read:
    # Unlike in Python, true is no number in JSON.
    accepted: tuple[type, ...] = (int, float) if kind is float else (kind,)

    def read(value: Any) -> Any:
        if type(value) not in accepted:
            raise _InvalidPayload.of(f"Must be {MEANINGS[kind]}.")
        return value

    return read


def _choice_reader(choices: tuple[Any, ...]) -> Read:
    def read(value: Any) -> Any:
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            raise _InvalidPayload.of(f"Must be one of {', '.join(map(str, choices))}.")
        return value

    return read


def _union_reader(readers: list[Read]) -> Read:
    def read(value: Any) -> Any:
        errors = []
        for each in readers:
            try:
                return each(value)
            except _InvalidPayload as invalid:
                errors.append(invalid)
        raise errors[0]

    return read


def _list_reader(read_item: Read) -> Read:
    def read(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _InvalidPayload.of("Must be a list.")
        return list(
            _each_read({str(n): (read_item, item) for n, item in enumerate(value)}).values()
        )

    return read


def _mapping_reader(read_item: Read) -> Read:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _InvalidPayload.of("Must be an object.")
        return _each_read({name: (read_item, item) for name, item in value.items()})

    return read


def _object_reader(kind: Any) -> Read:
    hints = get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind) if field.init}
    readers = {name: _reader(hints[name]) for name in fields}
    required = [name for name, field in fields.items() if _has_no_default(field)]

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _InvalidPayload.of("Must be an object.")
        missing = [name for name in required if name not in value]
        if missing:
            raise _InvalidPayload({name: ["This field is required."] for name in missing})
        known = {name: (readers[name], value[name]) for name in fields if name in value}
        try:
            return kind(**_each_read(known))
        except ValueError as error:  # of its own __post_init__
            raise _InvalidPayload.of(str(error)) from None

    return read


def _has_no_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is field.default_factory is dataclasses.MISSING


def _each_read(values: dict[str, tuple[Read, Any]]) -> dict[str, Any]:
    """Read all values; the error names all those that are not valid."""
    fitting: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, (read, value) in values.items():
        try:
            fitting[name] = read(value)
        except _InvalidPayload as invalid:
            errors |= invalid.under(name)
    if errors:
        raise _InvalidPayload(errors)
    return fitting

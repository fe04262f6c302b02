from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pytest
from rest_framework import serializers

from realtime.errors import EventError
from realtime.register import EventRegister
from realtime.tests.clients import connected
from realtime.wire.payloads import payload_check


@dataclass
class Cup:
    size: Literal["small", "large"] = "small"


@dataclass
class Order:
    name: str
    cups: list[Cup]
    price: float = 1.5
    note: str | None = None
    extras: dict[str, int] = field(default_factory=dict)
    anything: Any = None

    def __post_init__(self) -> None:
        if self.price < 0:
            raise ValueError("Nothing is cheaper than free.")


class OrderSerializer(serializers.Serializer[dict[str, date]]):
    day = serializers.DateField()


async def test_a_payload_is_converted_to_its_declared_type() -> None:
    order = await payload_check(Order)(
        {"name": "чай", "cups": [{}, {"size": "large"}], "price": 2, "extras": {"sugar": 1}, "x": 1}
    )

    assert order == Order("чай", [Cup(), Cup("large")], 2, None, {"sugar": 1})


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (None, {"non_field_errors": ["Must be an object."]}),
        ({}, {"name": ["This field is required."], "cups": ["This field is required."]}),
        (
            {"name": 1, "cups": [{"size": "huge"}], "price": True, "extras": {"sugar": "x"}},
            {
                "name": ["Must be a string."],
                "cups.0.size": ["Must be one of small, large."],
                "price": ["Must be a number."],
                "extras.sugar": ["Must be a whole number."],
            },
        ),
        ({"name": "", "cups": {}}, {"cups": ["Must be a list."]}),
        (
            {"name": "", "cups": [], "price": -1},
            {"non_field_errors": ["Nothing is cheaper than free."]},
        ),
        ({"name": "", "cups": [], "note": 1}, {"note": ["Must be a string."]}),
    ],
)
async def test_validation_errors_are_reported_by_field(payload: Any, fields: Any) -> None:
    with pytest.raises(EventError) as caught:
        await payload_check(Order)(payload)

    assert caught.value.payload == {
        "code": "bad_payload",
        "message": "The payload does not fit this event.",
        "fields": fields,
    }


def test_field_types_without_json_values_are_refused() -> None:
    @dataclass
    class Meeting:
        day: date

    with pytest.raises(TypeError, match="date"):
        payload_check(Meeting)
    with pytest.raises(TypeError, match="int"):
        payload_check(int)


async def test_a_serializer_validates_before_the_handler() -> None:
    register = EventRegister(anonymous=True)

    @register.on_event("order", payload=OrderSerializer)
    async def order(context: Any) -> None:
        await context.reply(context.payload["day"].year)

    async with connected(register) as client:
        await client.emit("order", {"day": "2026-02-03"})
        assert await client.hear() == ("order", 2026)

        await client.emit("order", {"day": "soon"})
        name, payload = await client.hear()

    assert (name, payload["code"]) == ("error", "bad_payload")
    assert list(payload["fields"]) == ["day"]

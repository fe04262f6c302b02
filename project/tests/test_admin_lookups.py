"""No address of the admin, whatever it asks for, is answered with an error of the server."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from project.tests.test_admin import REGISTERED, make_row, name_of

HUGE = "9" * 30
OF_TIMES = (
    ("year", "99999999"), ("year", HUGE), ("year__gte", "99999999"), ("iso_year", "99999999"),
    ("date", "99999-01-01"), ("gte", "0001-01-01T00:00:00+14:00"), ("day", HUGE), ("hour", "-1"),
)  # fmt: skip
OF_TEXTS = (("iregex", "["), ("in", ","), ("exact", "x" * 3000))
OF_NUMBERS = (("exact", HUGE), ("gt", f"-{HUGE}"), ("in", f"1,{HUGE}"), ("exact", "NaN"))


def impossible_lookups(model: type[models.Model]) -> list[tuple[str, str]]:
    """Return lookups of every column that no row can match, or no database can run."""
    lookups = []
    for field in model._meta.concrete_fields:
        of_type: Any = OF_TEXTS
        if isinstance(field, models.DateTimeField):
            of_type = OF_TIMES
        elif isinstance(field, models.IntegerField | models.FloatField | models.ForeignKey):
            of_type = OF_NUMBERS
        lookups += [(f"{field.name}__{lookup}", value) for lookup, value in of_type]
    return lookups


def status_of(client: Client, address: str) -> int:
    """Return the status of a page; a statement that failed does not end the test's transaction."""
    point = transaction.savepoint()
    status = client.get(address).status_code
    transaction.savepoint_rollback(point)
    return status


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_no_lookup_of_a_list_is_an_error_of_the_server(admin_client: Client, model: Any) -> None:
    make_row(model)
    admin_client.raise_request_exception = False
    page = reverse(name_of(model, "changelist"))

    addresses = [f"{page}?{urlencode([lookup])}" for lookup in impossible_lookups(model)]
    statuses = {address: status_of(admin_client, address) for address in addresses}

    assert {it: status for it, status in statuses.items() if status not in (200, 302, 400)} == {}


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_nul_character_is_refused_wherever_an_address_has_it(
    admin_client: Client, model: Any
) -> None:
    admin_client.raise_request_exception = False
    page = reverse(name_of(model, "changelist"))
    rows = [reverse(name_of(model, it), args=["a\0b"]) for it in ("change", "delete", "history")]
    filters = [f"{page}?q=a%00b", f"{page}?{model._meta.pk.name}__exact=%00", f"{page}?p=%00"]

    statuses = [status_of(admin_client, address) for address in (*rows, *filters)]

    assert statuses == [400] * 6


def test_a_nul_character_is_refused_among_the_rows_of_an_action(admin_client: Client) -> None:
    page = reverse("admin:bots_conversation_changelist")

    response = admin_client.post(
        page, {"action": "delete_selected", "_selected_action": ["1", "a\0b"]}
    )

    assert response.status_code == 400


def test_a_list_says_that_its_parameters_were_invalid(admin_client: Client) -> None:
    page = reverse("admin:twitter_tweet_changelist")

    response = admin_client.get(f"{page}?created_at__year=99999999", follow=True)

    assert response.redirect_chain == [(f"{page}?e=1", 302)]
    assert (
        "The filters contain invalid values, so the whole list is shown."
        in response.content.decode()
    )


def test_an_error_of_a_list_without_lookups_is_not_hidden(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tweets = admin.site.get_model_admin(REGISTERED[-1])
    monkeypatch.setattr(tweets, "list_display", ("no_such_column",))
    admin_client.raise_request_exception = False

    page = reverse(name_of(REGISTERED[-1], "changelist"))

    assert admin_client.get(f"{page}?e=1").status_code == 500

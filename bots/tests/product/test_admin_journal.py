"""The journal of calls in the admin."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bots.models import ApiCall

LIST = reverse("admin:bots_apicall_changelist")


@pytest.fixture
def calls(bot: Any) -> None:
    rows = {"ok": 200, "refused": 422, "limited": 429, "broken": 502, "silent": None}
    for method, status in rows.items():
        ApiCall.objects.create(
            bot=bot, method=method, status=status, payload='{"a": 1}', error="" if status else "?"
        )


@pytest.mark.parametrize("outcome", ["ok", "refused", "limited", "broken", "silent"])
def test_the_journal_is_filtered_by_how_calls_ended(
    admin_client: Any, calls: Any, outcome: str
) -> None:
    shown = admin_client.get(LIST, {"outcome": outcome}).context["cl"].result_list

    assert [row.method for row in shown] == [outcome]


def test_the_length_of_the_journal_costs_no_queries(
    admin_client: Any, calls: Any, bot: Any
) -> None:
    def queries() -> Any:
        with CaptureQueriesContext(connection) as seen:
            admin_client.get(LIST)
        return len(seen)

    few = queries()
    for _ in range(20):
        ApiCall.objects.create(bot=bot, method="more", payload="{}")

    assert queries() == few


def test_a_call_is_shown_whole_and_cannot_be_changed(admin_client: Any, calls: Any) -> None:
    row = ApiCall.objects.get(method="silent")
    page = reverse("admin:bots_apicall_change", args=[row.pk])

    html = admin_client.get(page).content.decode()

    assert "no response" in html
    assert admin_client.post(page, {"method": "forged"}).status_code == 403

"""/metrics tells numbers to those who may read them, and nothing to others."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import SettingsWrapper

TOKEN = "a-token-for-prometheus"


def shown(token: Any) -> Any:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.django_db
def test_whoever_shows_the_token_reads_the_metrics(client: Any, settings: SettingsWrapper) -> None:
    settings.METRICS_TOKEN = TOKEN

    answer = client.get("/metrics", headers=shown(TOKEN))

    names = {family.name for family in text_string_to_metric_families(answer.content.decode())}
    assert {"svyaz_realtime_connections", "svyaz_bots_open", "process_cpu_seconds"} <= names


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        (TOKEN, {}),
        (TOKEN, shown("another")),
        (TOKEN, shown("")),
        (TOKEN, shown("ж")),
        ("", shown("")),
        ("", {}),
    ],
)
@pytest.mark.django_db
def test_others_read_nothing(
    client: Any, settings: SettingsWrapper, token: Any, headers: Any
) -> None:
    settings.METRICS_TOKEN = token

    answer = client.get("/metrics", headers=headers)

    assert answer.status_code == 401
    assert answer.content == b""


def test_staff_reads_the_metrics_in_the_browser(admin_client: Any) -> None:
    assert admin_client.get("/metrics").status_code == 200


@pytest.mark.django_db
def test_people_who_are_no_staff_do_not(client: Any, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("ann"))

    assert client.get("/metrics").status_code == 401

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY
from pytest_django.fixtures import DjangoAssertNumQueries

from bots import metrics
from bots.models import Bot, Service, Update
from bots.models.jobs import State

pytestmark = pytest.mark.django_db


def test_open_rows_and_the_age_of_the_oldest_are_told_by_bot(bot: Any) -> None:
    for key, state in (("a", State.WAITING), ("b", State.WORKING), ("c", State.DONE)):
        Update.objects.create(bot=bot, key=key, kind="", raw="{}", state=state)
    Update.objects.filter(key="a").update(created_at=timezone.now() - timedelta(minutes=1))
    labels = {"queue": "updates", "bot": "demo"}

    assert REGISTRY.get_sample_value("svyaz_bots_open", labels) == 2
    age = REGISTRY.get_sample_value("svyaz_bots_open_age_seconds", labels)
    assert age
    assert 60 <= age < 120


def test_runs_and_failures_of_services_are_told() -> None:
    Service.objects.create(name="a.b", runs=5, failures=2)

    labels = {"service": "a.b"}
    assert REGISTRY.get_sample_value("svyaz_bots_service_runs_total", labels) == 5
    assert REGISTRY.get_sample_value("svyaz_bots_service_failures_total", labels) == 2


def test_a_service_that_exceeds_its_limit_is_told() -> None:
    long_ago = timezone.now() - timedelta(days=1)
    name = "bots.services.prune"
    Service.objects.create(name=name, state=State.WORKING, started_at=long_ago)

    assert REGISTRY.get_sample_value("svyaz_bots_service_over_limit", {"service": name}) == 1


def test_an_outage_of_pachca_is_told_by_bot(bot: Any) -> None:
    name = "svyaz_bots_pachca_unreachable_seconds"
    assert REGISTRY.get_sample_value(name, {"bot": "demo"}) == 0

    Bot.objects.update(unreachable_since=timezone.now() - timedelta(minutes=5))

    seconds = REGISTRY.get_sample_value(name, {"bot": "demo"})
    assert seconds
    assert 300 <= seconds < 330


def test_it_asks_five_times_however_many_bots_there_are(
    bot: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):
        list(metrics.Bots().collect())

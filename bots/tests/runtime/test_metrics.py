from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from bots import metrics
from bots.jobs import State
from bots.models import Service, Update

pytestmark = pytest.mark.django_db


def test_open_rows_and_the_age_of_the_oldest_are_told_by_bot(bot):
    for key, state in (("a", State.WAITING), ("b", State.WORKING), ("c", State.DONE)):
        Update.objects.create(bot=bot, key=key, kind="", raw="{}", state=state)
    Update.objects.filter(key="a").update(created_at=timezone.now() - timedelta(minutes=1))
    labels = {"queue": "updates", "bot": "demo"}

    assert REGISTRY.get_sample_value("svyaz_bots_open", labels) == 2
    age = REGISTRY.get_sample_value("svyaz_bots_open_age_seconds", labels)
    assert age
    assert 60 <= age < 120


def test_runs_and_failures_of_services_are_told():
    Service.objects.create(name="a.b", runs=5, failures=2)

    told = {"service": "a.b"}
    assert REGISTRY.get_sample_value("svyaz_bots_service_runs_total", told) == 5
    assert REGISTRY.get_sample_value("svyaz_bots_service_failures_total", told) == 2


def test_it_asks_three_times_however_many_bots_there_are(bot, django_assert_num_queries):
    with django_assert_num_queries(3):
        list(metrics.Bots().collect())

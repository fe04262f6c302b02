"""Background services in the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from bots.models import Service
from bots.models.jobs import State
from bots.services import background

NAME = "bots.services.prune"


@pytest.fixture
def prune(db: Any) -> Service:
    background.list_services()
    return Service.objects.get(name=NAME)


def page(row: Service) -> str:
    return reverse("admin:bots_service_change", args=[row.pk])


def test_the_list_shows_every_service_its_schedule_and_how_it_went(
    admin: Any, prune: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Service.objects.filter(pk=prune.pk).update(
        runs=3, error="Boom", started_at=timezone.now(), duration=timedelta(seconds=2)
    )

    with django_assert_num_queries(5):  # session, person, two counts, rows
        text = admin.get(reverse("admin:bots_service_changelist")).content.decode()

    for shown in ("prune", "count_minutes", "10m", "Deletes old updates", "failed", "2.0 s"):
        assert shown in text


def test_the_heading_of_a_page_is_what_the_service_does(admin: Any, prune: Any) -> None:
    heading = admin.get(page(prune)).content.decode().partition("<h1")[2].partition("</h1>")[0]

    assert "Deletes old updates" in heading
    assert NAME not in heading


def test_a_schedule_of_ones_own_takes_effect_at_once(admin: Any, prune: Any) -> None:
    answer = admin.post(page(prune), {"is_on": "on", "schedule": "1d"}, follow=True)

    assert answer.status_code == 200
    prune.refresh_from_db()
    assert prune.schedule == "1d"
    assert prune.due_at > timezone.now() + timedelta(hours=23)


def test_a_schedule_that_is_none_is_refused_with_an_example(admin: Any, prune: Any) -> None:
    answer = admin.post(page(prune), {"is_on": "on", "schedule": "often"})

    assert "0 9 * * 1-5" in answer.content.decode()
    prune.refresh_from_db()
    assert prune.schedule == ""


def test_saving_does_not_undo_what_the_worker_has_written_meanwhile(admin: Any, prune: Any) -> None:
    Service.objects.filter(pk=prune.pk).update(state=State.WORKING, attempts=5)

    admin.post(page(prune), {"schedule": ""})

    prune.refresh_from_db()
    assert (prune.is_on, prune.state, prune.attempts) == (False, State.WORKING, 5)


def test_run_now_makes_it_due(admin: Any, prune: Any) -> None:
    Service.objects.update(due_at=timezone.now() + timedelta(days=1))
    change = reverse("admin:bots_service_changelist")

    admin.post(change, {"action": "run_now", "_selected_action": [prune.pk]}, follow=True)

    prune.refresh_from_db()
    assert prune.due_at <= timezone.now()


def test_only_what_the_code_has_no_more_can_be_deleted(admin: Any, prune: Any) -> None:
    gone = Service.objects.create(name="bots.services.gone")

    assert admin.get(reverse("admin:bots_service_delete", args=[prune.pk])).status_code == 403
    assert admin.get(reverse("admin:bots_service_delete", args=[gone.pk])).status_code == 200
    assert "no longer in the code" in admin.get(page(gone)).content.decode()


def test_a_run_over_its_limit_is_shown_as_still_running(admin: Any, prune: Any) -> None:
    long_ago = timezone.now() - timedelta(days=1)
    Service.objects.filter(pk=prune.pk).update(
        state=State.WORKING, started_at=long_ago, error="Still running after its limit"
    )

    text = admin.get(page(prune)).content.decode()

    assert "running, over its time limit" in text
    assert "Still running after its limit" in text

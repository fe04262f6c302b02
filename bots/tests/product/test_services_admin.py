"""Background services in the admin."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bots import background
from bots.jobs import State
from bots.models import Service

NAME = "bots.services.prune"


@pytest.fixture
def prune(db) -> Service:
    background.list_services()
    return Service.objects.get(name=NAME)


def page(row: Service) -> str:
    return reverse("admin:bots_service_change", args=[row.pk])


def test_the_list_shows_every_service_its_schedule_and_how_it_went(
    admin, prune, django_assert_num_queries
):
    Service.objects.filter(pk=prune.pk).update(
        runs=3, error="Boom", started_at=timezone.now(), duration=timedelta(seconds=2)
    )

    with django_assert_num_queries(5):  # session, person, two counts, rows
        text = admin.get(reverse("admin:bots_service_changelist")).content.decode()

    for shown in ("prune", "count_minutes", "10m", "Deletes old updates", "failed", "2.0 s"):
        assert shown in text


def test_a_schedule_of_ones_own_takes_effect_at_once(admin, prune):
    answer = admin.post(page(prune), {"is_on": "on", "schedule": "1d"}, follow=True)

    assert answer.status_code == 200
    prune.refresh_from_db()
    assert prune.schedule == "1d"
    assert prune.due_at > timezone.now() + timedelta(hours=23)


def test_a_schedule_that_is_none_is_refused_with_an_example(admin, prune):
    answer = admin.post(page(prune), {"is_on": "on", "schedule": "often"})

    assert "0 9 * * 1-5" in answer.content.decode()
    prune.refresh_from_db()
    assert prune.schedule == ""


def test_saving_does_not_undo_what_the_worker_has_written_meanwhile(admin, prune):
    Service.objects.filter(pk=prune.pk).update(state=State.WORKING, attempts=5)

    admin.post(page(prune), {"schedule": ""})

    prune.refresh_from_db()
    assert (prune.is_on, prune.state, prune.attempts) == (False, State.WORKING, 5)


def test_run_now_makes_it_due(admin, prune):
    Service.objects.update(due_at=timezone.now() + timedelta(days=1))
    change = reverse("admin:bots_service_changelist")

    admin.post(change, {"action": "run_now", "_selected_action": [prune.pk]}, follow=True)

    prune.refresh_from_db()
    assert prune.due_at <= timezone.now()


def test_only_what_the_code_has_no_more_can_be_deleted(admin, prune):
    gone = Service.objects.create(name="bots.services.gone")

    assert admin.get(reverse("admin:bots_service_delete", args=[prune.pk])).status_code == 403
    assert admin.get(reverse("admin:bots_service_delete", args=[gone.pk])).status_code == 200
    assert "no more" in admin.get(page(gone)).content.decode()

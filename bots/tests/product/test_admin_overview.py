"""The front page of the admin: what happens, and what went wrong."""

import json
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from bots.models import Bot, Minute, Update
from bots.models.jobs import State
from bots.tests.product.admin_rows import make_delivery, make_update


def test_the_front_page_counts_what_its_links_lead_to(admin: Any, bot: Any) -> None:
    make_update(bot, state=State.WAITING)
    make_update(bot, state=State.FAILED, error="Traceback\nValueError: no such person")
    old = make_update(bot, state=State.FAILED)
    Update.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))
    make_delivery(bot, state=State.FAILED)

    response = admin.get(reverse("admin:index"))

    cards = response.context["cards"]
    behind = [admin.get(card.url).context["cl"].result_count for card in cards]
    assert [card.count for card in cards] == behind == [1, 1, 0, 1]
    assert "ValueError: no such person" in response.content.decode()


def test_the_front_page_shows_nothing_to_who_may_see_nothing(staff: Any, bot: Any) -> None:
    make_update(bot, state=State.FAILED)

    response = staff().get(reverse("admin:index"))

    assert response.context["cards"] == response.context["failures"] == []
    assert response.context["charts"] == []


def test_the_front_page_draws_the_counted_minutes(
    admin: Any, bot: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=3)
    Minute.objects.create(bot=bot, minute=minute, updates=6, failed=1, calls=2, p50=0.5, p99=2)

    # session, person, bots, minutes, three of each list, and four for the cards of other apps
    with django_assert_num_queries(14):
        response = admin.get(reverse("admin:index"))

    updates, calls, seconds, _queue = response.context["charts"]
    assert [line.most for line in updates.legend] == ["6", "1"]
    assert [line.most for line in calls.legend] == ["2", "0"]
    assert [line.most for line in seconds.legend] == ["0.5", "2"]
    assert len(json.loads(updates.data)["labels"]) == 60


def test_the_front_page_can_be_that_of_one_bot(admin: Any, bot: Any) -> None:
    other = Bot.objects.create(name="Other", slug="other")
    make_update(bot, state=State.FAILED)
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=3)
    Minute.objects.create(bot=bot, minute=minute, updates=30)

    page = admin.get(reverse("admin:index"), {"bot": other.pk, "span": "day"}).context
    whole = admin.get(reverse("admin:index"), {"bot": "nonsense", "span": "nonsense"}).context

    assert (page["title"], page["failures"]) == ("Other", [])
    assert [card.count for card in page["cards"]] == [0, 0, 0, 0]
    assert page["charts"][0].legend[0].most == "0"
    assert whole["charts"][0].legend[0].most == "30"
    assert [link.name for link in page["bots"]] == ["All bots", "Demo", "Other"]
    assert f"bot={other.pk}" in page["cards"][0].url

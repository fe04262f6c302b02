"""Every page of the admin opens, whichever app brings it, and the menu leads to it."""

import re
from pathlib import Path
from typing import Any

import pytest
import unfold
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from tools.strings.unfold import STRINGS
from twitter.actions import post_tweet
from twitter.tests.factories import make_person

# What a row must hold beyond what its columns ask for.
PARTICULARS = {"sandbox.View": {"body": {"title": "A form"}}}
REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


def make_row(model: type[models.Model], number: int = 1) -> models.Model:
    """Create a row with values for required columns; unmanaged models are not saved."""
    required = (field for field in model._meta.concrete_fields if _is_required(field))
    fields = {field.name: _value_for(field, number) for field in required}
    made = model(**fields | PARTICULARS.get(model._meta.label, {}))
    if model._meta.managed:
        made.save(force_insert=True)
    return made


def _is_required(field: Any) -> bool:
    return not ((field.primary_key and field.auto_created) or field.has_default() or field.null)


def _value_for(field: Any, number: int) -> Any:
    if field.remote_field:
        known = field.remote_field.model._default_manager.first()
        return known if known and not field.unique else make_row(field.remote_field.model, number)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.JSONField | models.BinaryField):
        return {} if isinstance(field, models.JSONField) else b""
    if isinstance(field, models.CharField):
        return f"row-{number}"[: field.max_length]
    return "{}" if isinstance(field, models.TextField | models.FileField) else number


def name_of(model: type[models.Model], page: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_every_list_and_every_page_opens(admin_client: Any, model: Any) -> None:
    rows = [make_row(model, number) for number in (1, 2)]

    lists = [
        admin_client.get(reverse(name_of(model, "changelist")), query) for query in ({}, {"q": "x"})
    ]
    page = admin_client.get(reverse(name_of(model, "change"), args=[rows[0].pk]), follow=True)

    assert [response.status_code for response in (*lists, page)] == [200, 200, 200]


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_every_form_for_a_new_row_opens_or_is_refused(admin_client: Any, model: Any) -> None:
    assert admin_client.get(reverse(name_of(model, "add"))).status_code in (200, 403)


def test_the_menu_has_the_bots_the_people_and_the_ways_out(admin_client: Any) -> None:
    menu = admin_client.get(reverse("admin:index")).context["sidebar_navigation"]

    links = [item["link"] for group in menu for item in group["items"]]
    assert {"/", "/sandbox/", "/admin/bots/update/", "/admin/twitter/user/"} <= set(links)


def test_the_menu_hides_what_a_person_may_not_see(client: Any, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("ann", is_staff=True))

    menu = client.get(reverse("admin:index")).context["sidebar_navigation"]

    links = [item["link"] for group in menu for item in group["items"]]
    assert links == ["/admin/", "/", "/sandbox/"]


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_the_panel_can_be_switched_to_every_language(admin_client: Any, language: Any) -> None:
    admin_client.post(reverse("set_language"), {"language": language})

    response = admin_client.get(reverse("admin:index"))

    assert f'lang="{language}"' in response.content.decode()
    assert "Связь" in response.content.decode()


def test_what_is_listed_for_translation_is_what_unfold_says() -> None:
    files = Path(unfold.__file__).parent.rglob("*")
    source = "".join(file.read_text() for file in files if file.suffix in (".html", ".py"))
    joined = re.sub(r"""["']\n\s+["']""", "", source)  # literals side by side are one string

    assert [string for string in STRINGS if string not in joined] == []


def test_the_front_page_covers_every_app_and_no_two_cards_share_a_title(
    admin_client: Client,
) -> None:
    post_tweet(make_person("ann", "Анна"), "hello")

    page = admin_client.get("/admin/")

    cards = [*page.context["app_cards"], *page.context["cards"]]
    titles = [card.title for card in cards]
    assert len(set(titles)) == len(titles) == 8
    assert {"Tweets", "Active users", "Speech queue", "Connections"} <= set(titles)
    assert [card.count for card in cards if card.title == "Tweets"] == [1]
    assert {admin_client.get(card.url).status_code for card in cards} == {200}


@pytest.mark.django_db
def test_staff_without_permissions_see_no_cards(client: Client) -> None:
    ann = make_person("ann", "Анна")
    ann.is_staff = True
    ann.save()
    client.force_login(ann)

    page = client.get("/admin/")

    assert page.context["app_cards"] == page.context["cards"] == []
    assert "Ask an administrator" in page.content.decode()


def test_every_model_has_a_name_in_russian() -> None:
    """Pages of deletion name also models that have no page of their own."""
    ours = [model for model in apps.get_models() if not model.__module__.startswith("django.")]

    with translation.override("ru"):
        names = {
            model._meta.label: f"{model._meta.verbose_name} {model._meta.verbose_name_plural}"
            for model in ours
        }

    assert {label: name for label, name in names.items() if not re.search("[а-я]", name)} == {}


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_lists_have_one_format_of_times(language: str) -> None:
    moment = timezone.now()

    with translation.override(language):
        texts = {date_format(moment, it) for it in ("DATETIME_FORMAT", "SHORT_DATETIME_FORMAT")}

    assert len(texts) == 1

"""Every page of the admin opens, whichever app brings it, and the menu leads to it."""

import re
from pathlib import Path
from typing import Any

import pytest
import unfold
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils import timezone

from project.unfold_strings import STRINGS

# What a row must hold beyond what its columns ask for.
PARTICULARS = {"sandbox.View": {"body": {"title": "A form"}}}
REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


def make_row(model: type[models.Model], number: int = 1) -> models.Model:
    """Make a row with whatever its required columns take; what has no table is not kept."""
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
def test_every_list_and_every_page_opens(admin_client, model):
    rows = [make_row(model, number) for number in (1, 2)]

    lists = [
        admin_client.get(reverse(name_of(model, "changelist")), query) for query in ({}, {"q": "x"})
    ]
    page = admin_client.get(reverse(name_of(model, "change"), args=[rows[0].pk]), follow=True)

    assert [response.status_code for response in (*lists, page)] == [200, 200, 200]


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_every_form_for_a_new_row_opens_or_is_refused(admin_client, model):
    assert admin_client.get(reverse(name_of(model, "add"))).status_code in (200, 403)


def test_the_menu_has_the_bots_the_people_and_the_ways_out(admin_client):
    menu = admin_client.get(reverse("admin:index")).context["sidebar_navigation"]

    links = [item["link"] for group in menu for item in group["items"]]
    assert {"/", "/sandbox/", "/admin/bots/update/", "/admin/twitter/user/"} <= set(links)


def test_the_menu_hides_what_a_person_may_not_see(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("ann", is_staff=True))

    menu = client.get(reverse("admin:index")).context["sidebar_navigation"]

    links = [item["link"] for group in menu for item in group["items"]]
    assert links == ["/admin/", "/", "/sandbox/"]


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_the_panel_can_be_switched_to_every_language(admin_client, language):
    admin_client.post(reverse("set_language"), {"language": language})

    response = admin_client.get(reverse("admin:index"))

    assert f'lang="{language}"' in response.content.decode()
    assert "Связь" in response.content.decode()


def test_what_is_listed_for_translation_is_what_unfold_says():
    files = Path(unfold.__file__).parent.rglob("*")
    source = "".join(file.read_text() for file in files if file.suffix in (".html", ".py"))
    joined = re.sub(r"""["']\n\s+["']""", "", source)  # literals side by side are one string

    assert [string for string in STRINGS if string not in joined] == []

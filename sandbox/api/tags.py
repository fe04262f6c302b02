"""Group tags and their members."""

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from sandbox import serializers
from sandbox.api.call import Call
from sandbox.api.errors import forbidden, not_found, unprocessable
from sandbox.api.pagination import Page, take_page
from sandbox.api.router import handles
from sandbox.models import GroupTag


@handles("GroupTagOperations_listTags")
def list_tags(call: Call) -> Page:
    rows = GroupTag.objects.annotate(users_count=Count("members"))
    if names := call.query.get("names"):
        rows = rows.filter(name__in=names)
    shown, cursor, more = take_page(rows, call.query, descending=False)
    return Page([serializers.group_tag(row) for row in shown], cursor, more)


@handles("GroupTagOperations_getTag")
def get_tag(call: Call) -> dict[str, Any]:
    return serializers.group_tag(_tag(call))


@handles("GroupTagOperations_getTagUsers")
def get_tag_users(call: Call) -> Page:
    rows = _tag(call).members.prefetch_related("tags")
    shown, cursor, more = take_page(rows, call.query, descending=False)
    return Page([serializers.user(row) for row in shown], cursor, more)


@handles("GroupTagOperations_createTag")
def create_tag(call: Call) -> dict[str, Any]:
    _check_person(call)
    tag = GroupTag.objects.create(name=_name(call))
    return serializers.group_tag(tag)


@handles("GroupTagOperations_updateTag")
def update_tag(call: Call) -> dict[str, Any]:
    _check_person(call)
    tag = _tag(call)
    tag.name = _name(call, but=tag.pk)
    tag.save(update_fields=["name"])
    return serializers.group_tag(tag)


@handles("GroupTagOperations_deleteTag")
def delete_tag(call: Call) -> None:
    _check_person(call)
    _tag(call).delete()


def _tag(call: Call) -> GroupTag:
    tag = GroupTag.objects.filter(pk=call.path["id"]).first()
    if tag is None:
        raise not_found("id", call.path["id"])
    return tag


def _check_person(call: Call) -> None:
    if call.account.is_bot:
        raise forbidden(_("Bots cannot change tags."))


def _name(call: Call, but: int = 0) -> str:
    name: str = call.body["group_tag"]["name"].strip()
    if not name:
        raise unprocessable("name", _("This field is required."), name, "blank")
    if GroupTag.objects.filter(name=name).exclude(pk=but).exists():
        raise unprocessable("name", _("A tag with this name already exists."), name, "taken")
    return name

"""Chats and their members."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sandbox import actions, serializers
from sandbox.api.call import Call
from sandbox.api.errors import forbidden, not_found, unprocessable
from sandbox.api.pagination import Page, take_page
from sandbox.api.router import handles
from sandbox.models import Account, Chat, Membership
from sandbox.models.chats import Kind

NAMES = {"name", "public"}


@handles("ChatOperations_createChat")
def create_chat(call: Call) -> dict[str, Any]:
    """Create a chat; nonexistent members are skipped and listed, as in Pachca since 2026."""
    given = call.body["chat"]
    members, missing = _accounts(given.get("member_ids", []))
    chat = actions.create_chat(
        call.account,
        _name(given["name"]),
        members,
        kind=Kind.CHANNEL if given.get("channel") else Kind.DISCUSSION,
        public=given.get("public", False),
    )
    call.chat_id = chat.pk
    return {"data": serializers.chat(chat), "meta": {"not_found_member_ids": missing}}


@handles("ChatOperations_listChats")
def list_chats(call: Call) -> Page:
    query = call.query
    rows = Chat.objects.exclude(kind=Kind.THREAD)
    if query.get("availability") == "public":
        rows = rows.filter(public=True)
    else:
        rows = rows.filter(memberships__account=call.account)
    rows = rows.filter(_condition(query)).prefetch_related("memberships")
    by = ("last_message_at", "id") if query.get("sort") == "last_message_at" else ("id",)
    shown, cursor, more = take_page(rows, query, by, query.get("order", "desc") == "desc")
    return Page([serializers.chat(row) for row in shown], cursor, more)


def _condition(query: dict[str, Any]) -> Q:
    condition = Q(archived=query.get("archived", False))
    if "personal" in query:
        is_personal = Q(kind=Kind.PERSONAL)
        condition &= is_personal if query["personal"] else ~is_personal
    if after := query.get("last_message_at_after"):
        condition &= Q(last_message_at__gte=serializers.parse_datetime(after))
    if before := query.get("last_message_at_before"):
        condition &= Q(last_message_at__lte=serializers.parse_datetime(before))
    return condition


@handles("ChatOperations_getChat")
def get_chat(call: Call) -> dict[str, Any]:
    return serializers.chat(call.chat(call.path["id"]))


@handles("ChatOperations_updateChat")
def update_chat(call: Call) -> dict[str, Any]:
    chat = _get_managed_chat(call)
    changes = {name: value for name, value in call.body["chat"].items() if name in NAMES}
    if "name" in changes:
        _name(changes["name"])
    actions.change_chat(chat, **changes)
    return serializers.chat(chat)


@handles("ChatOperations_archiveChat")
def archive_chat(call: Call) -> None:
    actions.change_chat(_get_managed_chat(call), archived=True)


@handles("ChatOperations_unarchiveChat")
def unarchive_chat(call: Call) -> None:
    actions.change_chat(_get_managed_chat(call), archived=False)


@handles("ChatMemberOperations_listMembers")
def list_members(call: Call) -> Page:
    chat = call.chat(call.path["id"])
    rows = Account.objects.filter(memberships__chat=chat)
    match call.query.get("role", "all"):
        case "all":
            pass
        case "owner":
            rows = rows.filter(pk=chat.owner_id)
        case role:
            rows = rows.filter(memberships__chat=chat, memberships__role=role)
    rows = rows.distinct().prefetch_related("tags")
    shown, cursor, more = take_page(rows, call.query, descending=False)
    return Page([serializers.user(row) for row in shown], cursor, more)


@handles("ChatMemberOperations_addMembers")
def add_members(call: Call) -> None:
    chat = _get_group_chat(call)
    members, missing = _accounts(call.body["member_ids"])
    if missing:
        message = _("There is no such user.")
        raise unprocessable("member_ids", message, missing[0], "not_found")
    actions.add_members(chat, members, by=call.account)


@handles("ChatMemberOperations_removeMember")
def remove_member(call: Call) -> None:
    chat, member = _get_group_chat(call), _member(call)
    if member.account_id == chat.owner_id:
        raise forbidden(_("The owner of a chat cannot be removed."))
    actions.remove_member(chat, member.account, by=call.account)


@handles("ChatMemberOperations_updateMemberRole")
def update_member_role(call: Call) -> None:
    chat, member = _get_managed_chat(call), _member(call)
    if member.account_id == chat.owner_id:
        raise unprocessable(
            "role", _("The owner's role cannot be changed."), None, "owner_protected"
        )
    member.role = call.body["role"]
    member.save(update_fields=["role"])


@handles("ChatMemberOperations_leaveChat")
def leave_chat(call: Call) -> None:
    chat = _get_group_chat(call)
    if chat.owner_id == call.account.pk:
        raise unprocessable("base", _("The owner cannot leave."), None, "cannot_kick_owner")
    actions.remove_member(chat, call.account, by=call.account)


def _get_group_chat(call: Call) -> Chat:
    """Return the chat that the path names: not private, and the caller is a member."""
    chat = call.chat(call.path["id"], mine=True)
    if chat.is_personal:
        raise unprocessable("id", _("This is a private chat."), chat.pk, "personal_chat")
    return chat


def _get_managed_chat(call: Call) -> Chat:
    """Return the chat that the path names if the caller is its owner or an admin."""
    chat = _get_group_chat(call)
    is_admin = chat.memberships.filter(account=call.account, role="admin").exists()
    if chat.owner_id != call.account.pk and not is_admin:
        raise forbidden(_("Only the owner and admins can change the chat."))
    return chat


def _member(call: Call) -> Membership:
    rows = Membership.objects.filter(chat=call.path["id"], account=call.path["user_id"])
    member = rows.select_related("account").first()
    if member is None:
        raise not_found("user_id", call.path["user_id"])
    return member


def _accounts(ids: Iterable[int]) -> tuple[list[Account], list[int]]:
    """Return the accounts with these ids, and the ids without an account."""
    distinct = list(dict.fromkeys(ids))
    found = Account.objects.in_bulk(distinct)
    return list(found.values()), [pk for pk in distinct if pk not in found]


def _name(name: str) -> str:
    if not name.strip():
        raise unprocessable("name", _("This field is required."), name, "blank")
    return name

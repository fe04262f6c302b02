"""Chats and who is in them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sandbox import actions, shapes
from sandbox.api.call import Call
from sandbox.api.router import answers
from sandbox.errors import forbidden, not_found, unprocessable
from sandbox.models import Account, Chat, Membership
from sandbox.models.chats import Kind
from sandbox.pagination import Page, take_page

NAMES = {"name", "public"}


@answers("ChatOperations_createChat")
def create_chat(call: Call) -> dict[str, Any]:
    """Make a chat; members that do not exist are left out and listed, as Pachca does since 2026."""
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
    return {"data": shapes.chat(chat), "meta": {"not_found_member_ids": missing}}


@answers("ChatOperations_listChats")
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
    return Page([shapes.chat(row) for row in shown], cursor, more)


def _condition(query: dict[str, Any]) -> Q:
    condition = Q(archived=query.get("archived", False))
    if "personal" in query:
        is_personal = Q(kind=Kind.PERSONAL)
        condition &= is_personal if query["personal"] else ~is_personal
    if after := query.get("last_message_at_after"):
        condition &= Q(last_message_at__gte=shapes.parsed(after))
    if before := query.get("last_message_at_before"):
        condition &= Q(last_message_at__lte=shapes.parsed(before))
    return condition


@answers("ChatOperations_getChat")
def get_chat(call: Call) -> dict[str, Any]:
    return shapes.chat(call.chat(call.path["id"]))


@answers("ChatOperations_updateChat")
def update_chat(call: Call) -> dict[str, Any]:
    chat = _governed(call)
    changes = {name: value for name, value in call.body["chat"].items() if name in NAMES}
    if "name" in changes:
        _name(changes["name"])
    actions.change_chat(chat, **changes)
    return shapes.chat(chat)


@answers("ChatOperations_archiveChat")
def archive_chat(call: Call) -> None:
    actions.change_chat(_governed(call), archived=True)


@answers("ChatOperations_unarchiveChat")
def unarchive_chat(call: Call) -> None:
    actions.change_chat(_governed(call), archived=False)


@answers("ChatMemberOperations_listMembers")
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
    return Page([shapes.user(row) for row in shown], cursor, more)


@answers("ChatMemberOperations_addMembers")
def add_members(call: Call) -> None:
    chat = _shared(call)
    members, missing = _accounts(call.body["member_ids"])
    if missing:
        message = _("There is no such user.")
        raise unprocessable("member_ids", message, missing[0], "not_found")
    actions.add_members(chat, members, by=call.account)


@answers("ChatMemberOperations_removeMember")
def remove_member(call: Call) -> None:
    chat, member = _shared(call), _member(call)
    if member.account_id == chat.owner_id:
        raise forbidden(_("The owner of a chat cannot be removed."))
    actions.remove_member(chat, member.account, by=call.account)


@answers("ChatMemberOperations_updateMemberRole")
def update_member_role(call: Call) -> None:
    chat, member = _governed(call), _member(call)
    if member.account_id == chat.owner_id:
        raise unprocessable("role", _("The owner keeps their role."), None, "owner_protected")
    member.role = call.body["role"]
    member.save(update_fields=["role"])


@answers("ChatMemberOperations_leaveChat")
def leave_chat(call: Call) -> None:
    chat = _shared(call)
    if chat.owner_id == call.account.pk:
        raise unprocessable("base", _("The owner cannot leave."), None, "cannot_kick_owner")
    actions.remove_member(chat, call.account, by=call.account)


def _shared(call: Call) -> Chat:
    """Return the chat of the path, in which the caller is and which may have other members."""
    chat = call.chat(call.path["id"], mine=True)
    if chat.is_personal:
        raise unprocessable("id", _("This is a private chat."), chat.pk, "personal_chat")
    return chat


def _governed(call: Call) -> Chat:
    """Return the chat of the path if the caller owns it or is an admin there."""
    chat = _shared(call)
    is_admin = chat.memberships.filter(account=call.account, role="admin").exists()
    if chat.owner_id != call.account.pk and not is_admin:
        raise forbidden(_("Only the chat's owner and admins may change it."))
    return chat


def _member(call: Call) -> Membership:
    rows = Membership.objects.filter(chat=call.path["id"], account=call.path["user_id"])
    member = rows.select_related("account").first()
    if member is None:
        raise not_found("user_id", call.path["user_id"])
    return member


def _accounts(ids: Iterable[int]) -> tuple[list[Account], list[int]]:
    """Return the accounts of these ids, and the ids that are nobody's."""
    asked = list(dict.fromkeys(ids))
    found = Account.objects.in_bulk(asked)
    return list(found.values()), [pk for pk in asked if pk not in found]


def _name(name: str) -> str:
    if not name.strip():
        raise unprocessable("name", _("This field is required."), name, "blank")
    return name

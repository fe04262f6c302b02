"""What can happen in the sandbox: rows change, bots are told, open pages are told."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from sandbox import live, webhooks
from sandbox.models import (
    Account,
    Attachment,
    Chat,
    GroupTag,
    Membership,
    Message,
    Reaction,
    Thread,
    Trigger,
    View,
)
from sandbox.models.chats import Kind

MENTION = re.compile(r"<@(\d{1,18})>")


# --- the cast ------------------------------------------------------------------------------------


def add_person(name: str, nickname: str, token: str | None = None) -> Account:
    """Return the person of this nickname, made or renamed; a given token replaces theirs."""
    first_name, _, last_name = name.partition(" ")
    changes = {"first_name": first_name, "last_name": last_name}
    if token is not None:
        changes["token"] = token
    return Account.objects.update_or_create(nickname=nickname, defaults=changes)[0]


def add_bot(
    name: str,
    slug: str,
    webhook_url: str,
    token: str | None = None,
    signing_secret: str | None = None,
) -> Account:
    """Return the bot of this slug; a bare path as its address is one of this very site.

    Secrets that are not given are made for a new bot and kept for one that is there.
    """
    secrets = {"token": token, "signing_secret": signing_secret}
    given = {field: value for field, value in secrets.items() if value is not None}
    changes = {"first_name": name, "webhook_url": webhook_url, "is_bot": True, **given}
    made = {**changes, "nickname": slug}
    return Account.objects.update_or_create(slug=slug, defaults=changes, create_defaults=made)[0]


@transaction.atomic
def add_chat(name: str, members: Sequence[Account], channel: bool = False) -> Chat:
    """Return the chat of this name with all these members in it; the first one owns a new one."""
    kind = Kind.CHANNEL if channel else Kind.DISCUSSION
    chat = Chat.objects.filter(name=name, kind=kind).first()
    if chat is None:
        return create_chat(members[0], name, members, kind=kind)
    add_members(chat, members, by=members[0])
    return chat


@transaction.atomic
def add_tag(name: str, members: Iterable[Account]) -> GroupTag:
    """Return the group tag of this name with all these people in it."""
    tag, _ = GroupTag.objects.get_or_create(name=name)
    tag.members.add(*members)
    return tag


# --- chats ---------------------------------------------------------------------------------------


@transaction.atomic
def create_chat(
    owner: Account,
    name: str,
    members: Iterable[Account] = (),
    kind: Kind = Kind.DISCUSSION,
    public: bool = False,
) -> Chat:
    chat = Chat.objects.create(owner=owner, name=name, kind=kind, public=public)
    everybody = list(dict.fromkeys([owner, *members]))
    _join(chat, everybody)
    webhooks.members_event("add", chat, everybody, owner, everybody)
    live.tell_chat(chat, everybody)
    return chat


@transaction.atomic
def direct_chat(one: Account, other: Account) -> Chat:
    """Return the private chat of the two; it is made when first asked for."""
    low, high = sorted((one.pk, other.pk))
    chat, is_new = Chat.objects.get_or_create(
        pair=f"{low}-{high}",
        defaults={"owner": one, "kind": Kind.PERSONAL, "name": f"{one} — {other}"},
    )
    if is_new:
        both = list(dict.fromkeys([one, other]))
        _join(chat, both)
        live.tell_chat(chat, both)
    return chat


@transaction.atomic
def add_members(chat: Chat, accounts: Iterable[Account], by: Account) -> None:
    there = set(chat.memberships.values_list("account_id", flat=True))
    new = [account for account in accounts if account.pk not in there]
    if new:
        _join(chat, new)
        audience = list(chat.audience())
        webhooks.members_event("add", chat, new, by, audience)
        live.tell_chat(chat, audience)


@transaction.atomic
def remove_member(chat: Chat, account: Account, by: Account) -> None:
    audience = list(chat.audience())
    removed, _ = chat.memberships.filter(account=account).delete()
    if removed:
        webhooks.members_event("remove", chat, [account], by, audience)
        live.tell_chat(chat, audience)


@transaction.atomic
def change_chat(chat: Chat, **changes: Any) -> None:
    for field, value in changes.items():
        setattr(chat, field, value)
    chat.save(update_fields=list(changes))
    live.tell_chat(chat, chat.audience())


def _join(chat: Chat, accounts: Iterable[Account]) -> None:
    members = [Membership(chat=chat, account=account) for account in accounts]
    Membership.objects.bulk_create(members, ignore_conflicts=True)


@transaction.atomic
def start_thread(by: Account, message: Message | None = None) -> Thread:
    """Return the thread under the message, or one that belongs to no message."""
    thread = Thread.objects.filter(message=message).first() if message else None
    if thread is None:
        chat = Chat.objects.create(owner=by, kind=Kind.THREAD, name="")
        thread = Thread.objects.create(chat=chat, message=message)
        _join(chat, [by] if message is None else [message.author, by])
        if message is not None:
            live.tell_message("update", message, message.chat.audience())
    return thread


# --- messages ------------------------------------------------------------------------------------


@transaction.atomic
def post_message(
    author: Account,
    chat: Chat,
    content: str,
    files: Iterable[Attachment] = (),
    invite_mentioned: bool = True,
    **fields: Any,
) -> Message:
    """Say something in the chat. Bots and pages are told once the transaction has committed."""
    named, mentioned = _with_nicknames(content)
    message = Message.objects.create(author=author, chat=chat, content=named, **fields)
    _attach(message, files)
    now = message.created_at
    Chat.objects.filter(pk=chat.pk).update(last_message_at=now)
    if chat.is_thread:
        Thread.objects.filter(chat=chat).update(updated_at=now)
        _join(chat, [author, *mentioned] if invite_mentioned else [author])
    audience = list(chat.audience())
    message = Message.objects.for_page().get(pk=message.pk)
    webhooks.message_event("new", message, audience)
    webhooks.links_event(message, audience)
    live.tell_whole_message("new", message, audience)
    if chat.is_thread and chat.thread.message is not None:
        live.tell_message("update", chat.thread.message, audience)
    return message


@transaction.atomic
def edit_message(
    message: Message, files: Iterable[Attachment] | None = None, **changes: Any
) -> None:
    if "content" in changes:
        changes["content"], _ = _with_nicknames(changes["content"])
    _change(message, **changes, changed_at=timezone.now())
    if files is not None:
        message.files.all().delete()
        _attach(message, files)
    _tell_change("update", message)


@transaction.atomic
def delete_message(message: Message) -> None:
    _change(message, deleted_at=timezone.now())
    _tell_change("delete", message)


@transaction.atomic
def pin(message: Message, is_pinned: bool) -> None:
    _change(message, pinned_at=timezone.now() if is_pinned else None)
    live.tell_message("update", message, message.chat.audience())


@transaction.atomic
def show_link_previews(message: Message, previews: dict[str, Any]) -> None:
    _change(message, link_previews=message.link_previews | previews)
    live.tell_message("update", message, message.chat.audience())


def _change(message: Message, **changes: Any) -> None:
    for field, value in changes.items():
        setattr(message, field, value)
    message.save(update_fields=list(changes))


def _tell_change(event: str, message: Message) -> None:
    audience = list(message.chat.audience())
    webhooks.message_event(event, message, audience)
    live.tell_message(event, message, audience)


def _attach(message: Message, files: Iterable[Attachment]) -> None:
    rows = list(files)
    for row in rows:
        row.message = message
    Attachment.objects.bulk_create(rows)


def _with_nicknames(content: str) -> tuple[str, list[Account]]:
    """Return the text with `<@id>` turned into `@nickname`, and who was mentioned so."""
    ids = {int(found) for found in MENTION.findall(content)}
    accounts = Account.objects.in_bulk(ids) if ids else {}

    def nickname(found: re.Match[str]) -> str:
        account = accounts.get(int(found[1]))
        return f"@{account.nickname}" if account else found[0]

    return MENTION.sub(nickname, content), list(accounts.values())


# --- reactions -----------------------------------------------------------------------------------


@transaction.atomic
def react(account: Account, message: Message, code: str, name: str) -> Reaction:
    """Add the reaction; one that is there already stays as it is."""
    reaction, is_new = Reaction.objects.get_or_create(
        account=account, message=message, code=code, name=name
    )
    if is_new:
        _tell_reaction("new", reaction)
    return reaction


@transaction.atomic
def take_reaction_back(reaction: Reaction) -> None:
    Reaction.objects.filter(pk=reaction.pk).delete()
    _tell_reaction("delete", reaction)


def _tell_reaction(event: str, reaction: Reaction) -> None:
    audience = list(reaction.message.chat.audience())
    webhooks.reaction_event(event, reaction, audience)
    live.tell_message("update", reaction.message, audience)


# --- forms ---------------------------------------------------------------------------------------


@transaction.atomic
def open_view(trigger: Trigger, body: dict[str, Any], **fields: Any) -> View:
    view = View.objects.create(
        bot=trigger.bot,
        user=trigger.user,
        chat=trigger.message.chat,
        message=trigger.message,
        body=body,
        **fields,
    )
    live.tell_view(view)
    return view


@transaction.atomic
def close_view(view: View) -> None:
    view.closed_at = timezone.now()
    view.save(update_fields=["closed_at"])
    live.tell_view_closed(view)

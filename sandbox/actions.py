"""The operations of the sandbox: rows change, webhook events are stored, updates are published."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from sandbox.models import (
    Account,
    Attachment,
    Chat,
    GroupTag,
    Membership,
    Message,
    OAuthClient,
    Reaction,
    Thread,
    Trigger,
    View,
)
from sandbox.models.chats import Kind
from sandbox.models.oauth import check_redirect_uri
from sandbox.page import updates
from sandbox.webhooks import events

MENTION = re.compile(r"<@(\d{1,18})>")


# --- accounts and demo data ----------------------------------------------------------------------


def add_person(name: str, nickname: str, token: str | None = None) -> Account:
    """Create or rename the person with this nickname; `token` replaces the existing one."""
    first_name, _, last_name = name.partition(" ")
    changes = {"first_name": first_name, "last_name": last_name}
    if token is not None:
        changes["token"] = token
    return Account.objects.update_or_create(nickname=nickname, defaults=changes)[0]


@transaction.atomic
def change_people(event: str, people: Iterable[Account], **changes: Any) -> None:
    """Set fields of people, and tell the bots by an event of company_member, such as "suspend"."""
    found = list(people)
    for person in found:
        for field, value in changes.items():
            setattr(person, field, value)
        person.save(update_fields=list(changes))
    if found:
        events.company_event(event, found)


@transaction.atomic
def remove_person(person: Account) -> None:
    """Delete a person from the company, with their messages, and tell the bots."""
    events.company_event("delete", [person])
    person.delete()


def add_bot(
    name: str,
    slug: str,
    webhook_url: str,
    token: str | None = None,
    signing_secret: str | None = None,
) -> Account:
    """Create or change the bot with this slug.

    `webhook_url` is a full URL or a path on this site. Without `token` and `signing_secret`, a new
    bot gets random ones and an existing bot keeps its own.
    """
    secrets = {"token": token, "signing_secret": signing_secret}
    given = {field: value for field, value in secrets.items() if value is not None}
    changes = {"first_name": name, "webhook_url": webhook_url, "is_bot": True, **given}
    new = {**changes, "nickname": slug}
    return Account.objects.update_or_create(slug=slug, defaults=changes, create_defaults=new)[0]


def add_oauth_client(
    bot: Account,
    redirect_uris: Sequence[str],
    scopes: Sequence[str] = ("profile:read",),
    *,
    client_id: str | None = None,
    secret: str = "",
) -> OAuthClient:
    """Let a bot ask people for tokens, or change how it does; without a secret it uses PKCE.

    Raises ValidationError for a redirect address that Pachca would refuse.
    """
    for uri in redirect_uris:
        check_redirect_uri(uri)
    given = {"redirect_uris": list(redirect_uris), "scopes": list(scopes), "secret": secret}
    changes = given if client_id is None else {**given, "client_id": client_id}
    return OAuthClient.objects.update_or_create(bot=bot, defaults=changes)[0]


@transaction.atomic
def add_chat(name: str, members: Sequence[Account], channel: bool = False) -> Chat:
    """Create the chat with this name, or add members to it; the first member owns a new chat."""
    kind = Kind.CHANNEL if channel else Kind.DISCUSSION
    chat = Chat.objects.filter(name=name, kind=kind).first()
    if chat is None:
        return create_chat(members[0], name, members, kind=kind)
    add_members(chat, members, by=members[0])
    return chat


@transaction.atomic
def add_tag(name: str, members: Iterable[Account]) -> GroupTag:
    """Create the group tag with this name, or add members to it."""
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
    """Create a chat; the owner becomes a member."""
    chat = Chat.objects.create(owner=owner, name=name, kind=kind, public=public)
    accounts = list(dict.fromkeys([owner, *members]))
    _join(chat, accounts)
    events.members_event("add", chat, accounts, owner, accounts)
    updates.publish_chat(chat, accounts)
    return chat


@transaction.atomic
def direct_chat(one: Account, other: Account) -> Chat:
    """Return the private chat of two accounts, creating it if necessary."""
    low, high = sorted((one.pk, other.pk))
    chat, is_new = Chat.objects.get_or_create(
        pair=f"{low}-{high}",
        defaults={"owner": one, "kind": Kind.PERSONAL, "name": f"{one} — {other}"},
    )
    if is_new:
        both = list(dict.fromkeys([one, other]))
        _join(chat, both)
        updates.publish_chat(chat, both)
    return chat


@transaction.atomic
def add_members(chat: Chat, accounts: Iterable[Account], by: Account) -> None:
    """Add accounts that are not members yet; `by` is the account that adds them."""
    present = set(chat.memberships.values_list("account_id", flat=True))
    new = [account for account in accounts if account.pk not in present]
    if new:
        _join(chat, new)
        audience = list(chat.audience())
        events.members_event("add", chat, new, by, audience)
        updates.publish_chat(chat, audience)


@transaction.atomic
def remove_member(chat: Chat, account: Account, by: Account) -> None:
    """Remove an account from a chat; `by` is the account that removes it."""
    audience = list(chat.audience())
    removed, _ = chat.memberships.filter(account=account).delete()
    if removed:
        events.members_event("remove", chat, [account], by, audience)
        updates.publish_chat(chat, audience)


@transaction.atomic
def change_chat(chat: Chat, **changes: Any) -> None:
    """Set fields of a chat."""
    for field, value in changes.items():
        setattr(chat, field, value)
    chat.save(update_fields=list(changes))
    updates.publish_chat(chat, chat.audience())


def _join(chat: Chat, accounts: Iterable[Account]) -> None:
    members = [Membership(chat=chat, account=account) for account in accounts]
    Membership.objects.bulk_create(members, ignore_conflicts=True)


@transaction.atomic
def start_thread(by: Account, message: Message | None = None) -> Thread:
    """Return the thread of a message, creating it if necessary, or a new standalone thread."""
    thread = Thread.objects.filter(message=message).first() if message else None
    if thread is None:
        chat = Chat.objects.create(owner=by, kind=Kind.THREAD, name="")
        thread = Thread.objects.create(chat=chat, message=message)
        _join(chat, [by] if message is None else [message.author, by])
        if message is not None:
            updates.publish_message("update", message, message.chat.audience())
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
    """Post a message; webhooks and page updates are sent after the transaction commits.

    In a thread, mentioned people become members unless `invite_mentioned` is False. `fields` are
    further fields of the row.
    """
    named, mentioned = _resolve_mentions(content)
    message = Message.objects.create(author=author, chat=chat, content=named, **fields)
    _attach(message, files)
    now = message.created_at
    Chat.objects.filter(pk=chat.pk).update(last_message_at=now)
    if chat.is_thread:
        Thread.objects.filter(chat=chat).update(updated_at=now)
        _join(chat, [author, *mentioned] if invite_mentioned else [author])
    audience = list(chat.audience())
    message = Message.objects.for_page().get(pk=message.pk)
    events.message_event("new", message, audience)
    events.links_event(message, audience)
    updates.publish_loaded_message("new", message, audience)
    if chat.is_thread and chat.thread.message is not None:
        updates.publish_message("update", chat.thread.message, audience)
    return message


@transaction.atomic
def edit_message(
    message: Message, files: Iterable[Attachment] | None = None, **changes: Any
) -> None:
    """Change fields of a message; `files` replaces all its files."""
    if "content" in changes:
        changes["content"], _ = _resolve_mentions(changes["content"])
    _change(message, **changes, changed_at=timezone.now())
    if files is not None:
        message.files.all().delete()
        _attach(message, files)
    _publish_change("update", message)


@transaction.atomic
def delete_message(message: Message) -> None:
    """Mark a message as deleted."""
    _change(message, deleted_at=timezone.now())
    _publish_change("delete", message)


@transaction.atomic
def pin(message: Message, is_pinned: bool) -> None:
    """Pin or unpin a message."""
    _change(message, pinned_at=timezone.now() if is_pinned else None)
    updates.publish_message("update", message, message.chat.audience())


@transaction.atomic
def show_link_previews(message: Message, previews: dict[str, Any]) -> None:
    """Add link previews to a message, by URL."""
    _change(message, link_previews=message.link_previews | previews)
    updates.publish_message("update", message, message.chat.audience())


def _change(message: Message, **changes: Any) -> None:
    for field, value in changes.items():
        setattr(message, field, value)
    message.save(update_fields=list(changes))


def _publish_change(event: str, message: Message) -> None:
    audience = list(message.chat.audience())
    events.message_event(event, message, audience)
    updates.publish_message(event, message, audience)


def _attach(message: Message, files: Iterable[Attachment]) -> None:
    rows = list(files)
    for row in rows:
        row.message = message
    Attachment.objects.bulk_create(rows)


def _resolve_mentions(content: str) -> tuple[str, list[Account]]:
    """Return the text with `@nickname` in place of `<@id>`, and the mentioned accounts."""
    ids = {int(found) for found in MENTION.findall(content)}
    accounts = Account.objects.in_bulk(ids) if ids else {}

    def nickname(found: re.Match[str]) -> str:
        account = accounts.get(int(found[1]))
        return f"@{account.nickname}" if account else found[0]

    return MENTION.sub(nickname, content), list(accounts.values())


# --- reactions -----------------------------------------------------------------------------------


@transaction.atomic
def react(account: Account, message: Message, code: str, name: str) -> Reaction:
    """Add a reaction; return the existing one if there is one."""
    reaction, is_new = Reaction.objects.get_or_create(
        account=account, message=message, code=code, name=name
    )
    if is_new:
        _publish_reaction("new", reaction)
    return reaction


@transaction.atomic
def remove_reaction(reaction: Reaction) -> None:
    """Remove a reaction."""
    Reaction.objects.filter(pk=reaction.pk).delete()
    _publish_reaction("delete", reaction)


def _publish_reaction(event: str, reaction: Reaction) -> None:
    audience = list(reaction.message.chat.audience())
    events.reaction_event(event, reaction, audience)
    updates.publish_message("update", reaction.message, audience)


# --- forms ---------------------------------------------------------------------------------------


@transaction.atomic
def open_view(trigger: Trigger, body: dict[str, Any], **fields: Any) -> View:
    """Show a form to the person who created the trigger; `body` is Pachca's `view`."""
    view = View.objects.create(
        bot=trigger.bot,
        user=trigger.user,
        chat=trigger.message.chat,
        message=trigger.message,
        body=body,
        **fields,
    )
    updates.publish_view(view)
    return view


@transaction.atomic
def close_view(view: View) -> None:
    """Close a form on all pages of its person."""
    view.closed_at = timezone.now()
    view.save(update_fields=["closed_at"])
    updates.publish_view_closed(view)

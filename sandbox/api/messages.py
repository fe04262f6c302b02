"""Messages: sending, reading, editing, deleting, pinning, read receipts."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from sandbox import actions, serializers
from sandbox.api import limits
from sandbox.api.call import Call
from sandbox.api.errors import forbidden, unprocessable
from sandbox.api.pagination import Page, take_page
from sandbox.api.router import handles
from sandbox.models import Account, Attachment, Chat, Membership, Message, Thread, Upload
from sandbox.models.chats import Kind

MAX_CONTENT = 40_000
MAX_BUTTONS_PER_ROW = 8
MAX_BUTTON_ROWS = 32
BUTTONS = 100
DISPLAY = ("display_name", "display_avatar_url")


@handles("MessageOperations_createMessage")
def create_message(call: Call) -> dict[str, Any]:
    given = call.body["message"]
    chat = _destination(call, given.get("entity_type", "discussion").lower(), given["entity_id"])
    limits.check_chat(call.account, chat.pk, is_new=True)
    _check_may_write(call.account, chat)
    _check_text(given["content"], given.get("files"))
    message = actions.post_message(
        call.account,
        chat,
        given["content"],
        files=_attachments(given.get("files", [])),
        invite_mentioned=not given.get("skip_invite_mentions", False),
        buttons=_buttons(given.get("buttons")),
        parent=_parent(chat, given.get("parent_message_id")),
        **_display(call.account, given),
    )
    return serializers.message(message)


@handles("ChatMessageOperations_listChatMessages")
def list_messages(call: Call) -> Page:
    chat = call.chat(call.query["chat_id"])
    rows = chat.messages.alive().whole()
    descending = call.query.get("order", "desc") == "desc"
    shown, cursor, more = take_page(rows, call.query, descending=descending)
    return Page([serializers.message(row) for row in shown], cursor, more)


@handles("MessageOperations_getMessage")
def get_message(call: Call) -> dict[str, Any]:
    return serializers.message(call.message())


@handles("MessageOperations_updateMessage")
def update_message(call: Call) -> dict[str, Any]:
    message, given = call.message(), call.body["message"]
    limits.check_chat(call.account, message.chat_id, is_new=False)
    if message.author_id != call.account.pk:
        raise forbidden(_("Only the author can edit a message."))
    changes = _display(call.account, given)
    if "content" in given:
        changes["content"] = given["content"]
    if "buttons" in given:
        changes["buttons"] = _buttons(given["buttons"])
    files = _attachments(given["files"]) if "files" in given else None
    _check_text(changes.get("content", message.content), files or message.files.all())
    actions.edit_message(message, files, **changes)
    return serializers.message(Message.objects.whole().get(pk=message.pk))


@handles("MessageOperations_deleteMessage")
def delete_message(call: Call) -> None:
    message = call.message()
    limits.check_chat(call.account, message.chat_id, is_new=False)
    if not _may_delete(call.account, message):
        raise forbidden(_("Only the author and the chat's admins can delete a message."))
    actions.delete_message(message)


@handles("MessageOperations_pinMessage")
def pin_message(call: Call) -> None:
    actions.pin(call.message(), is_pinned=True)


@handles("MessageOperations_unpinMessage")
def unpin_message(call: Call) -> None:
    actions.pin(call.message(), is_pinned=False)


@handles("ReadMemberOperations_listReadMembers")
def list_read_members(call: Call) -> Page:
    message = call.message()
    rows = Membership.objects.filter(chat=message.chat_id, last_read_id__gte=message.pk)
    shown, cursor, more = take_page(rows, call.query, descending=False, limit=300)
    return Page([row.account_id for row in shown], cursor, more)


@handles("LinkPreviewOperations_unfurl")
def unfurl(call: Call) -> None:
    message, previews = call.message(), call.body["link_previews"]
    for url in previews:
        if url not in message.content:
            raise unprocessable("link_previews", _("The message has no such link."), url)
    actions.show_link_previews(message, previews)


def _destination(call: Call, entity_type: str, entity_id: int) -> Chat:
    """Return the chat of an entity; for a user, create the private chat if necessary."""
    try:
        match entity_type:
            case "user":
                other = Account.objects.get(pk=entity_id)
                call.user_id = other.pk
                chat = actions.direct_chat(call.account, other)
                call.chat_id = chat.pk
                return chat
            case "thread":
                thread = Thread.objects.visible_to(call.account).get(pk=entity_id)
                return call.chat(thread.chat_id)
        return call.chat(entity_id, mine=True)
    except (Account.DoesNotExist, Thread.DoesNotExist):
        raise unprocessable(
            "entity_id", _("There is no such chat, thread or user."), entity_id
        ) from None


def _check_may_write(account: Account, chat: Chat) -> None:
    if chat.archived:
        raise unprocessable("entity_id", _("The chat is archived."), chat.pk, "forbidden")
    if chat.kind == Kind.CHANNEL and chat.owner_id != account.pk:
        member = chat.memberships.get(account=account)
        if member.role == "member" and not account.is_bot:
            raise forbidden(_("Only admins and editors can post in a channel."))


def _may_delete(account: Account, message: Message) -> bool:
    """Return True for both members of a private chat; else for author, owner, admins, editors."""
    if message.author_id == account.pk or message.chat.is_personal:
        return True
    member = message.chat.memberships.filter(account=account).first()
    is_admin = member is not None and member.role in ("admin", "editor")
    return is_admin or message.chat.owner_id == account.pk


def _check_text(content: str, files: Any) -> None:
    if not content.strip() and not files:
        raise unprocessable("content", _("This field is required."), content, "blank")
    if len(content) > MAX_CONTENT:
        raise unprocessable("content", _("The value is too long."), content, "too_long")


def _buttons(rows: list[list[dict[str, Any]]] | None) -> list[list[dict[str, Any]]] | None:
    """Return the buttons if Pachca would accept them; None if there are none."""
    if not rows:
        return None
    buttons = [button for row in rows for button in row]
    if len(rows) > MAX_BUTTON_ROWS or any(len(row) > MAX_BUTTONS_PER_ROW for row in rows):
        raise unprocessable("buttons", _("At most 32 rows of 8 buttons."), None, "too_long")
    if len(buttons) > BUTTONS:
        raise unprocessable("buttons", _("At most 100 buttons."), None, "too_long")
    for button in buttons:
        if not button["text"].strip() or bool(button.get("url")) == ("data" in button):
            raise unprocessable("buttons", _("A button has a text and either url or data."))
    return rows


def _attachments(files: list[dict[str, Any]]) -> list[Attachment]:
    keys = [file["key"] for file in files]
    uploads = {row.key: row for row in Upload.objects.filter(key__in=keys)}
    return [_attachment(file, uploads.get(file["key"])) for file in files]


def _attachment(file: dict[str, Any], upload: Upload | None) -> Attachment:
    if upload is None:
        raise unprocessable("files", _("No file was uploaded under this key."), file["key"])
    if _extension(file["name"]) != _extension(file["key"]):
        raise unprocessable(
            "files",
            _("The file extension differs from that of the key."),
            file["name"],
            "wrong_params",
        )
    if file.get("file_type") == "voice" and not (file.get("duration_ms") and file.get("waveform")):
        raise unprocessable("files", _("A voice message has duration_ms and waveform."))
    if len(file["name"]) > 255:
        raise unprocessable("files", _("The value is too long."), file["name"], "too_long")
    return Attachment(
        key=file["key"],
        name=file["name"],
        file_type=file.get("file_type", "file"),
        size=file.get("size", upload.size),
        width=file.get("width"),
        height=file.get("height"),
        duration_ms=file.get("duration_ms"),
        waveform=file.get("waveform", ""),
    )


def _extension(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[2].lower()


def _parent(chat: Chat, pk: int | None) -> Message | None:
    if pk is None:
        return None
    parent = chat.messages.alive().filter(pk=pk).first()
    if parent is None:
        raise unprocessable("parent_message_id", _("The chat has no such message."), pk)
    return parent


def _display(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """Return the displayed name and avatar, which only bots can set."""
    chosen = {name: given[name] for name in DISPLAY if name in given}
    if chosen and not account.is_bot:
        raise unprocessable(next(iter(chosen)), _("Only a bot may set this."), code="forbidden")
    return chosen

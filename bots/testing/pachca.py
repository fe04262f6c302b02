"""An in-memory Pachca that records calls and responds as the real one does."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bots.framework.api import ApiResponse, BadParameters, Call, Signal
from bots.framework.api.files import InputFile
from bots.framework.api.table import check

Json = dict[str, Any]
Scripted = Callable[[Json], ApiResponse | Any] | ApiResponse | Any


@dataclass(eq=False)
class Chat:
    """A chat: a named one, a private one of the bot with a person, or a thread."""

    id: int
    name: str = ""
    kind: str = "chat"
    thread_id: int = 0
    parent: "Sent | None" = None

    def __str__(self) -> str:
        return self.name


@dataclass(eq=False)
class Sent:
    """A message in its current state, by the bot or a person."""

    id: int
    chat: Chat
    author_id: int
    text: str = ""
    buttons: list[list[Json]] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    parent_id: int | None = None
    reactions: list[str] = field(default_factory=list)
    is_pinned: bool = False
    is_deleted: bool = False
    previews: Json = field(default_factory=dict)

    @property
    def button_texts(self) -> list[str]:
        """The texts of all buttons of the message."""
        return [button["text"] for row in self.buttons for button in row]


class Refusal(Exception):
    """The real Pachca would reject the call."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        error = {"key": "base", "message": message, "code": "invalid"}
        self.response = ApiResponse(status, {"errors": [error]})


class Pachca:
    """The innermost transformer, which replaces the network.

    It rejects calls that the real Pachca would reject; `refused` contains the reasons. `calls`
    contains all calls, `said` the messages that the bot has sent or edited.
    """

    def __init__(self, bot_user_id: int) -> None:
        self.bot_user_id = bot_user_id
        self.ids = count(1001)
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, Sent] = {}
        self.people: dict[int, Json] = {}
        self.uploads: dict[str, bytes] = {}
        self.calls: list[tuple[str, Json]] = []
        self.opened: list[Json] = []
        self.said: list[Sent] = []
        self.refused: list[str] = []
        self._scripted: dict[str, Scripted] = {}

    def answers(self, method: str, answer: Scripted) -> None:
        """Set the response of a method: `data`, an ApiResponse, or a function of the payload."""
        self._scripted[method] = answer

    async def __call__(
        self, prev: Call, method: str, payload: Json, signal: Signal | None
    ) -> ApiResponse:
        """Record the call and return its response."""
        self.calls.append((method, deepcopy(payload) if method != "upload_file" else payload))
        if method in self._scripted:
            scripted = self._scripted[method]
            scripted = scripted(payload) if callable(scripted) else scripted
            is_whole = isinstance(scripted, ApiResponse)
            return scripted if is_whole else ApiResponse(200, {"data": scripted})
        answer = getattr(self, f"_{method}", None)
        try:
            _check(method, payload)
            return answer(payload) if answer else _not_scripted(method)
        except Refusal as refusal:
            self.refused.append(str(refusal))
            return refusal.response

    def called(self, method: str) -> list[Json]:
        """Return the payloads of the calls of one method."""
        return [payload for name, payload in self.calls if name == method]

    # --- chats and people ------------------------------------------------------------------------

    def chat(self, name: str, kind: str = "chat", **fields: Any) -> Chat:
        """Create a chat."""
        made = Chat(next(self.ids), name, kind, **fields)
        self.chats[made.id] = made
        return made

    def private(self, user_id: int) -> Chat:
        """Return the private chat with a person; create it if there is none."""
        name = f"private:{user_id}"
        found = [it for it in self.chats.values() if it.name == name]
        return found[0] if found else self.chat(name, "private")

    def thread(self, of: Sent) -> Chat:
        """Return the thread under a message; create it if there is none."""
        found = [it for it in self.chats.values() if it.parent is of]
        return found[0] if found else self.chat("", "thread", thread_id=next(self.ids), parent=of)

    def post(self, chat: Chat, author_id: int, **fields: Any) -> Sent:
        """Create a message."""
        message = Sent(next(self.ids), chat, author_id, **fields)
        self.messages[message.id] = message
        return message

    # --- methods ---------------------------------------------------------------------------------

    def _create_message(self, payload: Json) -> ApiResponse:
        given = payload["message"]
        self._check_files(given)
        if parent_id := given.get("parent_message_id"):
            self._message(parent_id)
        chat = self._destination(given.get("entity_type", "discussion"), given["entity_id"])
        message = self.post(
            chat,
            self.bot_user_id,
            text=given.get("content", ""),
            buttons=given.get("buttons") or [],
            files=given.get("files") or [],
            parent_id=given.get("parent_message_id"),
        )
        self.said.append(message)
        return ApiResponse(201, {"data": {"id": message.id, "chat_id": chat.id}})

    def _destination(self, entity_type: str, entity_id: int) -> Chat:
        if entity_type == "user":
            return self.private(entity_id)
        if entity_type == "thread":
            found = [it for it in self.chats.values() if it.thread_id == entity_id]
            if not found:
                raise Refusal(422, f"There is no thread {entity_id}.")
            return found[0]
        return self.chats.get(entity_id) or self.chats.setdefault(entity_id, Chat(entity_id))

    def _update_message(self, payload: Json) -> ApiResponse:
        message, given = self._message(payload["id"]), payload["message"]
        if message.author_id != self.bot_user_id:
            raise Refusal(403, "Only its author may edit a message.")
        self._check_files(given)
        text, files = given.get("content", message.text), given.get("files", message.files)
        if not text.strip() and not files:
            raise Refusal(422, "A message needs a text or a file; this one has neither.")
        message.text, message.files = text, files
        message.buttons = given.get("buttons", message.buttons)
        self.said.append(message)
        return ApiResponse(200, {"data": {"id": message.id, "chat_id": message.chat.id}})

    def _message(self, pk: int) -> Sent:
        message = self.messages.get(pk)
        if message is None or message.is_deleted:
            raise Refusal(404, f"There is no message {pk}.")
        return message

    def _check_files(self, given: Json) -> None:
        for file in given.get("files") or []:
            if file["key"] not in self.uploads:
                raise Refusal(422, f"No file was uploaded under the key {file['key']}.")
            if _extension(file["name"]) != _extension(file["key"]):
                raise Refusal(422, f"The extension of {file['name']} differs from that of its key.")

    def _delete_message(self, payload: Json) -> ApiResponse:
        self._message(payload["id"]).is_deleted = True
        return ApiResponse(204)

    def _add_reaction(self, payload: Json) -> ApiResponse:
        self._message(payload["id"]).reactions.append(payload["code"])
        return ApiResponse(201, payload)

    def _remove_reaction(self, payload: Json) -> ApiResponse:
        reactions = self._message(payload["id"]).reactions
        if payload["code"] in reactions:
            reactions.remove(payload["code"])
        return ApiResponse(204)

    def _pin_message(self, payload: Json) -> ApiResponse:
        self._message(payload["id"]).is_pinned = True
        return ApiResponse(201, {})

    def _unpin_message(self, payload: Json) -> ApiResponse:
        self._message(payload["id"]).is_pinned = False
        return ApiResponse(204)

    def _unfurl(self, payload: Json) -> ApiResponse:
        self._message(payload["id"]).previews |= payload["link_previews"]
        return ApiResponse(204)

    def _create_thread(self, payload: Json) -> ApiResponse:
        thread = self.thread(self._message(payload["id"]))
        return ApiResponse(201, {"data": {"id": thread.thread_id, "chat_id": thread.id}})

    def _open_view(self, payload: Json) -> ApiResponse:
        self.opened.append(payload)
        return ApiResponse(201, {})

    def _get_upload_params(self, payload: Json) -> ApiResponse:
        key = f"attaches/{next(self.ids)}/${{filename}}"
        return ApiResponse(201, {"data": {"key": key, "direct_url": "https://uploads.test/"}})

    def _upload_file(self, payload: Json) -> ApiResponse:
        file: InputFile = payload["file"]
        with file.open() as content:
            key = payload["fields"]["key"].replace("${filename}", file.safe_name)
            self.uploads[key] = content.read()
        return ApiResponse(201, {})

    def _get_user(self, payload: Json) -> ApiResponse:
        person = self.people.get(int(payload["id"]))
        return ApiResponse(200, {"data": person}) if person else ApiResponse(404, {"errors": []})

    def _get_profile(self, payload: Json) -> ApiResponse:
        return ApiResponse(200, {"data": {"id": self.bot_user_id, "first_name": "Bot"}})

    def _list_users(self, payload: Json) -> ApiResponse:
        return ApiResponse(200, {"data": list(self.people.values())})


def _check(method: str, payload: Json) -> None:
    """Raise Refusal for parameters that Pachca's schema and limits do not allow."""
    if method == "upload_file":
        return
    try:
        check(method, payload)
    except BadParameters as error:
        raise Refusal(422, str(error)) from error


def _extension(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[2].lower()


def _not_scripted(method: str) -> ApiResponse:
    message = f"There is no response for {method}. Use bot_client.pachca.answers({method!r}, …)."
    return ApiResponse(501, {"error": message})

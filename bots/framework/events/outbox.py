"""The outbox of an update: calls to make after its handler has succeeded."""

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from django.utils.translation import gettext as _

from bots.framework.api import Api, BadParameters, Transformer
from bots.framework.api.attachments import STORED
from bots.framework.api.files import Source
from bots.framework.api.limits import Empty, TooLong
from bots.framework.api.table import check
from bots.framework.events.errors import BadAnswer
from bots.framework.events.places import THREAD_OF
from core.storable import storable

Json = dict[str, Any]


@dataclass
class Attachment:
    """A file to send: a path, bytes, a Django File or an InputFile."""

    source: Source
    name: str = ""
    file_type: str = ""
    details: Json = field(default_factory=dict)


@dataclass(eq=False)
class Outgoing:
    """A queued call, which is made after the handler has succeeded. Awaiting it has no effect.

    `files` are attachments or items returned by `Api.upload`. `transformers` are those of the
    handler's api; they are applied when the call is stored.
    """

    method: str
    payload: Json
    chat: str
    files: list[Attachment | Json] = field(default_factory=list)
    transformers: tuple[Transformer, ...] = ()

    def __await__(self) -> Generator[None, None, "Outgoing"]:
        yield from ()
        return self


@dataclass(eq=False)
class Ack:
    """The immediate response to a submitted form: `errors` by the names of blocks."""

    errors: dict[str, str] = field(default_factory=dict)

    def __await__(self) -> Generator[None, None, "Ack"]:
        yield from ()
        return self


class OpensAs(Protocol):
    """A form that a button can open."""

    def as_view(self) -> Json:
        """Return the payload of `open_view`, without the trigger id."""


@dataclass(eq=False)
class Outbox:
    """The results of handling one update, before they are stored.

    `handler` is the name of the function that handles the event; `has_lazy_parts` is set if it has
    parts that run later. With `here`, answers go to the chat of the event instead of to the person.
    `api` is passed to the handler: transformers installed on it but not on `bot_api` apply to
    calls that are queued afterwards. `problems` are mistakes of the handler that are reported to
    developers although the update was handled. `memory` contains the records of conversations.
    """

    api: Api | None = None
    bot_api: Api | None = None
    here: bool = False
    handler: str = ""
    calls: list[Outgoing] = field(default_factory=list)
    ack: Ack | None = None
    form: OpensAs | None = None
    has_lazy_parts: bool = False
    problems: list[str] = field(default_factory=list)
    memory: dict[Any, Any] = field(default_factory=dict)

    def begin(
        self, handler: str, here: bool | None, has_lazy_parts: bool = False, api: Api | None = None
    ) -> None:
        """Set the handler that runs next, and its api if a middleware has replaced it."""
        self.handler, self.has_lazy_parts = handler, has_lazy_parts
        self.api = api or self.api
        self.here = self.here if here is None else here

    def put(self, call: Outgoing) -> Outgoing:
        """Queue a call. Raises BadAnswer if Pachca would reject it.

        A call with transformers is checked after they have been applied.
        """
        if self.api is not None and self.bot_api is not None:
            call.transformers = self.api.installed_since(self.bot_api)
        if not call.transformers:
            check_call(call)
        self.calls.append(call)
        return call

    def mark(self) -> "Outbox":
        """Return a snapshot for `restore`."""
        return replace(self, calls=[*self.calls], problems=[*self.problems])

    def restore(self, mark: "Outbox") -> None:
        """Discard the changes since the snapshot, except those to conversations."""
        self.calls, self.problems = [*mark.calls], [*mark.problems]
        self.api, self.ack, self.form = mark.api, mark.ack, mark.form
        self.handler, self.here, self.has_lazy_parts = mark.handler, mark.here, mark.has_lazy_parts

    def clear(self) -> None:
        """Discard everything that a failed handler has queued."""
        self.calls, self.ack, self.form, self.memory = [], None, None, {}
        self.has_lazy_parts, self.problems = False, []


def check_call(call: Outgoing) -> None:
    """Make the texts of a call storable, and raise BadAnswer if Pachca would reject it."""
    call.payload = storable(call.payload)
    try:
        check(call.method, _as_sent(call))
    except BadParameters as error:
        raise BadAnswer(str(error), _apology_for(error)) from error


def _as_sent(call: Outgoing) -> Json:
    """Return the payload as it will be sent, with placeholders for uploaded files and threads."""
    message = call.payload.get("message")
    if not isinstance(message, dict):
        return call.payload
    message = dict(message)
    if message.get("entity_type") == THREAD_OF:
        message["entity_type"] = "thread"
    if call.files:
        message["files"] = [_as_uploaded(it) for it in call.files]
    return {**call.payload, "message": message}


def _as_uploaded(file: Attachment | Json) -> Json:
    if not isinstance(file, Attachment):
        is_stored = STORED in file
        return (
            {"key": "", "size": 0, **file, "file_type": file["file_type"] or "file"}
            if is_stored
            else file
        )
    known = {"key": file.name, "name": file.name, "size": 0}
    return {**known, "file_type": file.file_type or "file", **file.details}


def _apology_for(error: BadParameters) -> str:
    match error:
        case TooLong():
            message = _(
                "The reply is too long for Pachca: %(length)d characters, at most %(most)d are "
                "allowed. The error has been logged."
            )
            return message % {"length": error.length, "most": error.most}
        case Empty():
            return _("The reply is empty. The error has been logged.")
    return ""

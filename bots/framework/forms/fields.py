"""The fields of a form: how they are shown, and how their values are parsed."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar, overload

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bots.framework.events.outbox import Json
from bots.framework.forms.blocks import BadForm, Block, check_length

Value = TypeVar("Value")
MAX_NAME, MAX_LABEL, MAX_HINT, MAX_INPUT = 255, 150, 2000, 3000


class Wrong(Exception):
    """A submitted value is invalid. The message is shown to the person."""


class Field(Block, Generic[Value]):
    """A block with a value. On a submitted form, the attribute is the value.

    The value of an empty field is None unless the field is `required`, the default.
    """

    def __init__(self, label: Any, *, required: bool = True, hint: Any = "") -> None:
        self.name = ""
        self.label = check_length("A label", label, MAX_LABEL)
        self.hint = check_length("A hint", hint, MAX_HINT, 0)
        self.required = required

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = check_length("The name of a block", name, MAX_NAME)

    @overload
    def __get__(self, form: None, owner: type) -> Self: ...
    @overload
    def __get__(self, form: object, owner: type) -> Value: ...
    def __get__(self, form: object | None, owner: type) -> Self | Value:
        return self if form is None else form.__dict__.get(self.name)  # type: ignore[return-value]

    def block(self, initial: Any = None) -> Json:
        """Return the block with an initial value as JSON for `open_view`."""
        shown: Json = {"type": self.type, "name": self.name, "label": str(self.label)}
        if self.required:
            shown["required"] = True
        if self.hint:
            shown["hint"] = str(self.hint)
        return {**shown, **self.details(initial)}

    def details(self, initial: Any) -> Json:
        """Return the properties of the block that depend on its type."""
        return {}

    def read(self, given: Any) -> Value | None:
        """Return the value of a submitted field. Raises Wrong if it is invalid or missing."""
        if given in (None, "", []):
            if self.required:
                raise Wrong(_("This field is required."))
            return None
        return self.parse(given)

    def parse(self, given: Any) -> Value:
        """Convert a submitted value. Raises Wrong."""
        raise Wrong(_("The value cannot be read."))


class Input(Field[str]):
    """A text of up to 3000 characters on one line, or `multiline`."""

    type = "input"

    def __init__(
        self,
        label: Any,
        *,
        placeholder: Any = "",
        multiline: bool = False,
        min_length: int = 0,
        max_length: int = MAX_INPUT,
        **common: Any,
    ) -> None:
        super().__init__(label, **common)
        if not 0 <= min_length <= max_length <= MAX_INPUT or not max_length:
            raise BadForm(f"A text has {min_length} to {max_length} characters of {MAX_INPUT}.")
        self.placeholder = check_length("A placeholder", placeholder, MAX_LABEL, 0)
        self.multiline, self.min_length, self.max_length = multiline, min_length, max_length

    def details(self, initial: Any) -> Json:
        """Return the properties of the block that depend on its type."""
        shown: Json = {"min_length": self.min_length, "max_length": self.max_length}
        if self.placeholder:
            shown["placeholder"] = str(self.placeholder)
        if self.multiline:
            shown["multiline"] = True
        if initial not in (None, ""):
            shown["initial_value"] = check_length("An initial value", str(initial), MAX_INPUT)
        return shown

    def parse(self, given: Any) -> str:
        """Convert a submitted value. Raises Wrong."""
        text = _text(given)
        if len(text) < self.min_length:
            least = self.min_length
            raise Wrong(
                ngettext("At least %(least)d character.", "At least %(least)d characters.", least)
                % {"least": least}
            )
        if len(text) > self.max_length:
            most = self.max_length
            raise Wrong(
                ngettext("At most %(most)d character.", "At most %(most)d characters.", most)
                % {"most": most}
            )
        return text


class Number(Field[int]):
    """A whole number, entered as text."""

    type = "input"

    def __init__(
        self, label: Any, *, least: int | None = None, most: int | None = None, **common: Any
    ) -> None:
        super().__init__(label, **common)
        self.least, self.most = least, most

    def details(self, initial: Any) -> Json:
        """Return the properties of the block that depend on its type."""
        return {"max_length": 20, **({} if initial is None else {"initial_value": str(initial)})}

    def parse(self, given: Any) -> int:
        """Convert a submitted value. Raises Wrong."""
        try:
            number = int(_text(given)[:20])
        except ValueError as error:
            raise Wrong(_("Enter a whole number.")) from error
        if self.least is not None and number < self.least:
            raise Wrong(_("At least %(least)d.") % {"least": self.least})
        if self.most is not None and number > self.most:
            raise Wrong(_("At most %(most)d.") % {"most": self.most})
        return number


class Date(Field[datetime.date]):
    """A date."""

    type = "date"

    def details(self, initial: Any) -> Json:
        """Return the properties of the block that depend on its type."""
        return {"initial_date": initial.isoformat()} if initial else {}

    def parse(self, given: Any) -> datetime.date:
        """Convert a submitted value. Raises Wrong."""
        try:
            return datetime.date.fromisoformat(_text(given))
        except ValueError as error:
            raise Wrong(_("Enter a date.")) from error


class Time(Field[datetime.time]):
    """A time of day."""

    type = "time"

    def details(self, initial: Any) -> Json:
        """Return the properties of the block that depend on its type."""
        return {"initial_time": initial.strftime("%H:%M")} if initial else {}

    def parse(self, given: Any) -> datetime.time:
        """Convert a submitted value. Raises Wrong."""
        try:
            return datetime.time.fromisoformat(_text(given))
        except ValueError as error:
            raise Wrong(_("Enter a time.")) from error


@dataclass(frozen=True)
class FormFile:
    """A submitted file: name, size in bytes, and `raw`, the JSON from Pachca."""

    name: str
    size: int
    raw: Json

    @property
    def url(self) -> str:
        """The address from which the file can be downloaded."""
        return str(self.raw.get("url") or "")


class FileInput(Field[list[FormFile]]):
    """Up to 10 files; the value is a list."""

    type = "file_input"

    def __init__(
        self, label: Any, *, filetypes: Iterable[str] = (), max_files: int = 10, **common: Any
    ) -> None:
        super().__init__(label, **common)
        if not 1 <= max_files <= 10:
            raise BadForm(f"A form takes 1 to 10 files, not {max_files}.")
        self.filetypes, self.max_files = [it.lstrip(".") for it in filetypes], max_files

    def details(self, initial: Any) -> Json:
        """Return the properties of the block that depend on its type."""
        kinds: Json = {"filetypes": self.filetypes} if self.filetypes else {}
        return {"max_files": self.max_files, **kinds}

    def read(self, given: Any) -> list[FormFile]:
        """Return the files, an empty list if there are none."""
        return super().read(given) or []

    def parse(self, given: Any) -> list[FormFile]:
        """Convert a submitted value. Raises Wrong."""
        if not isinstance(given, list) or not all(isinstance(it, dict) for it in given):
            raise Wrong(_("The value cannot be read."))
        if len(given) > self.max_files:
            raise Wrong(_("At most %(most)d.") % {"most": self.max_files})
        return [_file(it) for it in given]


def _file(given: Json) -> FormFile:
    size = given.get("size")
    return FormFile(str(given.get("name") or "")[:255], size if type(size) is int else 0, given)


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise Wrong(_("The value cannot be read."))
    return given.replace("\0", "")

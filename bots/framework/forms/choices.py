"""The blocks of a form that let one choose: a select, radio buttons, checkboxes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bots.framework.events.outbox import Json
from bots.framework.forms.blocks import BadForm, check_length
from bots.framework.forms.fields import Field, Value, Wrong

LONGEST_OPTION, LONGEST_VALUE = 75, 150


@dataclass(frozen=True)
class Option:
    """One of several to choose from; a select shows no description."""

    value: str
    text: Any
    description: Any = ""


Given = Iterable[Option | tuple[str, Any] | str]
Options = Given | Callable[[], Given]


class _Choosing(Field[Value]):
    most = 10
    marked = "selected"

    def __init__(self, label: Any, options: Options, **common: Any) -> None:
        super().__init__(label, **common)
        self._options = options if callable(options) else list(options)
        if not callable(options):
            self.options()

    def options(self) -> list[Option]:
        """Return the options; a function is called each time."""
        given = self._options() if callable(self._options) else self._options
        options = [_option(it) for it in given]
        if len(options) > self.most or len({it.value for it in options}) < len(options):
            raise BadForm(f"A {self.type} has up to {self.most} different options.")
        return options

    def details(self, initial: Any) -> Json:
        """Return the properties of the block that depend on its type."""
        chosen = initial if isinstance(initial, list | tuple | set) else [initial]
        return {"options": [self._shown(it, it.value in chosen) for it in self.options()]}

    def _shown(self, option: Option, is_chosen: bool) -> Json:
        shown: Json = {"text": str(option.text), "value": option.value}
        if option.description and self.type != "select":
            shown["description"] = str(option.description)
        return {**shown, self.marked: True} if is_chosen else shown

    def chosen(self, value: Any) -> str:
        if not isinstance(value, str) or value not in [it.value for it in self.options()]:
            raise Wrong(_("Choose one of the options."))
        return value


class Select(_Choosing[str]):
    """One of up to 100 options, in a drop-down list."""

    type, most = "select", 100

    def parse(self, given: Any) -> str:
        """Convert a submitted value. Raises Wrong."""
        return self.chosen(given)


class Radio(_Choosing[str]):
    """One of up to 10 options."""

    type = "radio"

    def parse(self, given: Any) -> str:
        """Convert a submitted value. Raises Wrong."""
        return self.chosen(given)


class Checkbox(_Choosing[list[str]]):
    """Any of up to 10 options; the value is a list."""

    type, marked = "checkbox", "checked"

    def read(self, given: Any) -> list[str]:
        """Return the chosen values, an empty list if there are none."""
        return super().read(given) or []

    def parse(self, given: Any) -> list[str]:
        """Convert a submitted value. Raises Wrong."""
        return [self.chosen(it) for it in (given if isinstance(given, list) else [given])]


def _option(given: Option | tuple[str, Any] | str) -> Option:
    if isinstance(given, str):
        given = Option(given, given)
    elif isinstance(given, tuple):
        given = Option(*given)
    check_length("The text of an option", given.text, LONGEST_OPTION)
    check_length("The value of an option", given.value, LONGEST_VALUE)
    check_length("The description of an option", given.description, LONGEST_OPTION, 0)
    return given

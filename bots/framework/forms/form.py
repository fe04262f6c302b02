"""A form: declared as a class, opened by a button, and read back when it is submitted."""

from typing import Any, ClassVar, Self

from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.answers import Json
from bots.calling import Context
from bots.filters.base import Filter, Verdict, as_filter
from bots.forms.blocks import BadForm, Block, fitting
from bots.forms.fields import Field, Wrong
from bots.forms.metadata import BadMetadata, pack_metadata, unpack_metadata
from bots.observer import CancelHandler
from bots.types import View

LONGEST_TITLE, LONGEST_CALLBACK_ID, MOST_BLOCKS = 24, 255, 100


OWN_NAMES = frozenset(
    {"texts", "callback_id", "blocks", "metadata", "errors", "fields"}
    | {"as_view", "as_filter", "read", "clean", "error", "filter"}
)


class FormErrors(ValueError):
    """What is wrong with a submitted form, by the names of its blocks."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(f"{errors}")
        self.errors = errors


class Form:
    """Blocks in the order in which they are declared.

    class Leave(Form, title="Leave", submit_text="Ask"):
        note = Markdown("Two weeks ahead, please.")
        starts = Date("First day")
        days = Number("Days", least=1, most=28)

    A button's handler opens it: `button.open_form(Leave(days=14, metadata={"from": 7}))`; its
    submission comes to `@router.view(Leave)` as the argument `form`, with `form.days` an int.
    A `clean` method may check more: `self.error("days", "…")`.
    """

    texts: ClassVar[dict[str, Any]] = {
        "submit_text": gettext_lazy("Send"),
        "close_text": gettext_lazy("Cancel"),
    }
    callback_id: ClassVar[str] = ""
    blocks: ClassVar[dict[str, Block]] = {}

    def __init_subclass__(
        cls, title: Any = "", submit_text: Any = "", close_text: Any = "", callback_id: str = ""
    ) -> None:
        given = {
            "title": title or cls.__name__,
            "submit_text": submit_text,
            "close_text": close_text,
        }
        texts = {name: fitting(name, it, LONGEST_TITLE) for name, it in given.items() if it}
        cls.texts = {**cls.texts, **texts}
        named = callback_id or cls.__qualname__
        cls.callback_id = fitting("A callback_id", named, LONGEST_CALLBACK_ID)
        own = {name: it for name, it in vars(cls).items() if isinstance(it, Block)}
        if taken := OWN_NAMES & own.keys():
            raise BadForm(f"A block cannot be called {', '.join(sorted(taken))}.")
        cls.blocks = {**cls.blocks, **own}
        if len(cls.blocks) > MOST_BLOCKS:
            raise BadForm(f"A form has up to {MOST_BLOCKS} blocks.")

    def __init__(self, *, metadata: Any = None, **initial: Any) -> None:
        """Make a form to open, with initial values; `metadata` comes back with the submission."""
        if unknown := initial.keys() - self.fields().keys():
            raise BadForm(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}.")
        self.metadata = metadata
        self.errors: dict[str, str] = {}
        self.__dict__ |= initial

    @classmethod
    def fields(cls) -> dict[str, Field[Any]]:
        return {name: it for name, it in cls.blocks.items() if isinstance(it, Field)}

    def as_view(self) -> Json:
        """Return the payload of `open_view` but for the trigger."""
        view: Json = {"blocks": [*map(self._shown, self.blocks.values())]}
        view |= {name: str(text) for name, text in self.texts.items()}
        carried = (
            {} if self.metadata is None else {"private_metadata": pack_metadata(self.metadata)}
        )
        return {"callback_id": self.callback_id, **carried, "view": view}

    def _shown(self, block: Block) -> Json:
        if isinstance(block, Field):
            return block.block(self.__dict__.get(block.name))
        return block.block()

    @classmethod
    def read(cls, view: View) -> Self:
        """Return the form with the values that were submitted; raises FormErrors."""
        form = cls()
        try:
            form.metadata = unpack_metadata(view.private_metadata)
        except BadMetadata as error:
            outdated = _("This form is out of date. Please open it again.")
            raise FormErrors({next(iter(cls.fields()), ""): outdated}) from error
        for name, field in cls.fields().items():
            form._read(name, field, view.data.get(name))
        if not form.errors:
            form.clean()
        if form.errors:
            raise FormErrors(form.errors)
        return form

    def _read(self, name: str, field: Field[Any], given: Any) -> None:
        try:
            self.__dict__[name] = field.read(given)
        except Wrong as wrong:
            self.errors[name] = str(wrong)

    def clean(self) -> None:
        """Check what the fields cannot check alone; may ask the database."""

    def error(self, name: str, text: Any) -> None:
        """Say what is wrong with a field; the form stays open."""
        if name not in self.fields():
            raise BadForm(f"{type(self).__name__} has no field {name}.")
        self.errors[name] = str(text)

    @classmethod
    def filter(cls, rule: Any = None) -> Filter:
        """Pass submissions of this form, if the rule about it (such as `F.days > 3`) passes too."""
        return FormFilter(cls, None if rule is None else as_filter(rule))

    @classmethod
    def as_filter(cls) -> Filter:
        return cls.filter()


class FormFilter(Filter):
    """Passes submissions of the form and gives them as `form`, read and checked.

    One that is not right is answered with what is wrong, and goes no further.
    """

    gives = frozenset({"form"})

    def __init__(self, kind: type[Form], rule: Filter | None) -> None:
        self.kind, self.rule = kind, rule

    async def passes(self, event: Any, context: Context) -> Verdict:
        if event.callback_id != self.kind.callback_id:
            return False
        try:
            form = await sync_to_async(self.kind.read)(event)
        except FormErrors as wrong:
            event.outbox.begin(f"{self.kind.__module__}.{self.kind.__qualname__}", None)
            event.ack(wrong.errors)
            raise CancelHandler from wrong
        if self.rule is not None and await self.rule.passes(form, context) is False:
            return False
        return {"form": form}

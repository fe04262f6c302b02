"""Forms: declared as classes, opened by a button, and parsed when submitted."""

from typing import Any, ClassVar, Self

from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.framework.events.outbox import Json
from bots.framework.events.types import View
from bots.framework.filters.base import Filter, Verdict, as_filter
from bots.framework.forms.blocks import BadForm, Block, check_length
from bots.framework.forms.fields import Field, Wrong
from bots.framework.forms.metadata import BadMetadata, pack_metadata, unpack_metadata
from bots.framework.routing.injection import Context
from bots.framework.routing.observer import CancelHandler

MAX_TITLE, MAX_CALLBACK_ID, MAX_BLOCKS = 24, 255, 100


OWN_NAMES = frozenset(
    {"texts", "callback_id", "blocks", "metadata", "errors", "fields"}
    | {"as_view", "as_filter", "read", "clean", "error", "filter"}
)


class FormErrors(ValueError):
    """A submitted form is invalid; `errors` contains messages by names of blocks."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(f"{errors}")
        self.errors = errors


class Form:
    """A form with blocks in the order of declaration.

    class Leave(Form, title="Leave", submit_text="Send"):
        note = Markdown("Two weeks ahead, please.")
        starts = Date("First day")
        days = Number("Days", least=1, most=28)

    The handler of a button opens it: `button.open_form(Leave(days=14, metadata={"from": 7}))`. A
    handler registered by `@router.view(Leave)` receives the submission as `form`, with `form.days`
    as an int. Override `clean` for further checks: `self.error("days", "…")`.
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
        texts = {name: check_length(name, it, MAX_TITLE) for name, it in given.items() if it}
        cls.texts = {**cls.texts, **texts}
        named = callback_id or cls.__qualname__
        cls.callback_id = check_length("A callback_id", named, MAX_CALLBACK_ID)
        own = {name: it for name, it in vars(cls).items() if isinstance(it, Block)}
        if taken := OWN_NAMES & own.keys():
            raise BadForm(f"A block cannot be called {', '.join(sorted(taken))}.")
        cls.blocks = {**cls.blocks, **own}
        if len(cls.blocks) > MAX_BLOCKS:
            raise BadForm(f"A form has up to {MAX_BLOCKS} blocks.")

    def __init__(self, *, metadata: Any = None, **initial: Any) -> None:
        """Create a form with initial values. `metadata` is returned with the submission."""
        if unknown := initial.keys() - self.fields().keys():
            raise BadForm(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}.")
        self.metadata = metadata
        self.errors: dict[str, str] = {}
        self.__dict__ |= initial

    @classmethod
    def fields(cls) -> dict[str, Field[Any]]:
        """Return the fields of the form by name, without blocks that only show text."""
        return {name: it for name, it in cls.blocks.items() if isinstance(it, Field)}

    def as_view(self) -> Json:
        """Return the payload of `open_view`, without the trigger id."""
        view: Json = {"blocks": [*map(self._render, self.blocks.values())]}
        view |= {name: str(text) for name, text in self.texts.items()}
        carried = (
            {} if self.metadata is None else {"private_metadata": pack_metadata(self.metadata)}
        )
        return {"callback_id": self.callback_id, **carried, "view": view}

    def _render(self, block: Block) -> Json:
        if isinstance(block, Field):
            return block.block(self.__dict__.get(block.name))
        return block.block()

    @classmethod
    def read(cls, view: View) -> Self:
        """Return the form with the submitted values. Raises FormErrors."""
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
        """Validate the form as a whole; may query the database. Override this method."""

    def error(self, name: str, text: Any) -> None:
        """Add an error to a field; the form stays open."""
        if name not in self.fields():
            raise BadForm(f"{type(self).__name__} has no field {name}.")
        self.errors[name] = str(text)

    @classmethod
    def filter(cls, rule: Any = None) -> Filter:
        """Return a filter of submissions of this form that pass `rule`, such as `F.days > 3`."""
        return FormFilter(cls, None if rule is None else as_filter(rule))

    @classmethod
    def as_filter(cls) -> Filter:
        """Return the filter, so that the object can be passed where a filter is expected."""
        return cls.filter()


class FormFilter(Filter):
    """Passes valid submissions of the form and adds the form as `form`.

    For an invalid one the errors are shown and no further handler is called.
    """

    gives = frozenset({"form"})

    events = (View,)

    def __init__(self, kind: type[Form], rule: Filter | None) -> None:
        self.kind, self.rule = kind, rule

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        if event.callback_id != self.kind.callback_id:
            return False
        event.blocks = frozenset(self.kind.fields())
        try:
            form = await sync_to_async(self.kind.read)(event)
        except FormErrors as wrong:
            event.outbox.begin(f"{self.kind.__module__}.{self.kind.__qualname__}", None)
            event.ack(wrong.errors)
            raise CancelHandler from wrong
        if self.rule is not None and await self.rule.passes(form, context) is False:
            return False
        return {"form": form}

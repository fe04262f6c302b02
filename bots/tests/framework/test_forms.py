import datetime
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots import forms
from bots.framework.events.types import View
from bots.framework.filters import F
from bots.framework.forms.blocks import BadForm
from bots.framework.routing.injection import Context
from bots.framework.routing.router import CancelHandler
from bots.models import Update
from bots.models.jobs import State
from bots.testing import HandlerFailed
from bots.testing import bot_client as bot_client
from bots.tests.conftest import run


class Leave(forms.Form, title="Leave", submit_text="Ask", close_text="Not now"):
    head = forms.Header("Your leave")
    note = forms.Markdown("Two weeks **ahead**.")
    plain = forms.PlainText("Thank you.")
    line = forms.Divider()
    kind = forms.Select("Kind", [("paid", "Paid"), ("own", "At my own expense")])
    half = forms.Radio("Days", ["whole", "half"], required=False)
    with_whom = forms.Checkbox(
        "Told", [forms.Option("boss", "My boss", "In person")], required=False
    )
    starts = forms.Date("First day")
    hour = forms.Time("From", required=False)
    days = forms.Number("Days", least=1, most=28)
    why = forms.Input("Why", multiline=True, max_length=20, required=False, hint="In a word")
    papers = forms.FileInput("Papers", filetypes=[".pdf"], max_files=2, required=False)

    def clean(self) -> None:
        if self.kind == "own" and self.days > 14:
            self.error("days", "Not so long.")


GOOD = {"kind": "paid", "starts": "2026-12-01", "days": "14"}


def view(data: Any = None, **fields: Any) -> View:
    fields = {"callback_id": "Leave", **fields}
    return View(data={**GOOD, **(data or {})}, **fields)


def wrong(data: Any) -> list[str]:
    with pytest.raises(forms.FormErrors) as caught:
        Leave.read(view(data))
    return list(caught.value.errors)


def test_a_form_is_shown_in_the_order_of_its_blocks_with_its_values() -> None:
    filled = Leave(
        kind="own",
        starts=datetime.date(2026, 12, 1),
        hour=datetime.time(9, 30),
        days=3,
        why="rest",
        with_whom=["boss"],
        metadata={"of": 12},
    )

    payload = filled.as_view()

    assert payload["callback_id"] == "Leave"
    assert payload["view"]["title"] == "Leave"
    assert [block["type"] for block in payload["view"]["blocks"]][:4] == [
        "header",
        "markdown",
        "plain_text",
        "divider",
    ]
    shown = {block["name"]: block for block in payload["view"]["blocks"] if "name" in block}
    assert shown["kind"]["options"][1] == {
        "text": "At my own expense",
        "value": "own",
        "selected": True,
    }
    assert shown["with_whom"]["options"][0]["checked"] is True
    assert (shown["starts"]["initial_date"], shown["hour"]["initial_time"]) == (
        "2026-12-01",
        "09:30",
    )
    assert (shown["days"]["initial_value"], shown["why"]["initial_value"]) == ("3", "rest")


def test_what_was_submitted_is_read_typed() -> None:
    form = Leave.read(
        view({"hour": "09:30", "with_whom": ["boss"], "papers": [{"name": "a.pdf", "size": 3}]})
    )

    assert (form.kind, form.starts, form.days) == ("paid", datetime.date(2026, 12, 1), 14)
    assert (form.hour, form.with_whom) == (datetime.time(9, 30), ["boss"])
    assert not form.why
    assert [(it.name, it.size) for it in form.papers] == [("a.pdf", 3)]


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"kind": None}, ["kind"]),
        ({"kind": "other"}, ["kind"]),
        ({"starts": "soon", "days": "many"}, ["starts", "days"]),
        ({"days": "0"}, ["days"]),
        ({"days": "29"}, ["days"]),
        ({"why": "a" * 21}, ["why"]),
        ({"hour": 9}, ["hour"]),
        ({"with_whom": ["nobody"]}, ["with_whom"]),
        ({"papers": [{}, {}, {}]}, ["papers"]),
        ({"papers": "a.pdf"}, ["papers"]),
        ({"kind": "own", "days": "15"}, ["days"]),
    ],
)
def test_what_is_wrong_is_told_by_field(data: Any, fields: Any) -> None:
    assert wrong(data) == fields


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(list(Leave.fields())), json_values))
def test_whatever_is_submitted_is_read_or_refused(data: Any) -> None:
    with suppress(forms.FormErrors):
        assert 1 <= Leave.read(View(callback_id="Leave", data=data)).days <= 28


def test_metadata_comes_back_and_a_changed_one_is_refused() -> None:
    packed = Leave(metadata={"of": 12}).as_view()["private_metadata"]

    assert Leave.read(view(private_metadata=packed)).metadata == {"of": 12}
    with pytest.raises(forms.FormErrors):
        Leave.read(view(private_metadata=packed[:-1] + ("A" if packed[-1] != "A" else "B")))
    with pytest.raises(forms.BadMetadata, match="3000 fit"):
        forms.pack_metadata([str(it) for it in range(2000)])


def test_its_filter_gives_the_form_or_tells_what_is_wrong() -> None:
    good, bad = view(), view({"days": "0"})

    given_names: Any = run(Leave.filter().passes(good, Context()))
    assert given_names["form"].days == 14
    assert run(Leave.filter(F.days > 20).passes(good, Context())) is False
    assert run(Leave.filter().passes(view(callback_id="Other"), Context())) is False
    with pytest.raises(CancelHandler):
        run(Leave.filter().passes(bad, Context()))
    assert list(bad.outbox.ack.errors) == ["days"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: type("Long", (forms.Form,), {}, title="a" * 25),
        lambda: forms.Header("a" * 151),
        lambda: forms.Markdown(""),
        lambda: forms.Input("a" * 151),
        lambda: forms.Input("a", max_length=3001),
        lambda: forms.Radio("a", map(str, range(11))),
        lambda: forms.Select("a", ["same", "same"]),
        lambda: forms.FileInput("a", max_files=11),
        lambda: Leave(nonsense=1),
        lambda: type("Taken", (forms.Form,), {"errors": forms.Input("a")}),
    ],
)
def test_what_pachca_would_refuse_is_refused_when_it_is_written(make: Any) -> None:
    with pytest.raises(BadForm):
        make()


def test_a_field_may_be_called_as_the_texts_of_the_form_are() -> None:
    class Task(forms.Form, title="A task"):
        title = forms.Input("Title")

    assert Task(title="t").as_view()["view"]["title"] == "A task"
    assert Task.read(View(data={"title": "Sleep"})).title == "Sleep"


def test_options_may_be_asked_for_when_the_form_is_opened() -> None:
    rooms = ["one"]

    class Book(forms.Form):
        room = forms.Select("Room", lambda: rooms)

    rooms.append("two")

    assert len(Book().as_view()["view"]["blocks"][0]["options"]) == 2
    assert Book.read(View(data={"room": "two"})).room == "two"


# --- errors that Pachca would not show -----------------------------------------------------------


class Trip(forms.Form, title="Trip"):
    city = forms.Input("City")
    days = forms.Number("Days", required=False)

    def clean(self) -> None:
        if self.city == "nowhere":
            self.error("city", "")


def by_form(router: Any, errors: Any) -> None:
    @router.view(Trip)
    def taken(view: View) -> None:
        view.ack(errors=errors)


def by_hand(router: Any, errors: Any) -> None:
    @router.view()
    def taken(view: View) -> None:
        view.ack(errors=errors)


@pytest.mark.parametrize("register", [by_form, by_hand])
@pytest.mark.parametrize(
    ("errors", "shown", "problem"),
    [
        ({"cty": "x"}, {"city": "x"}, "The form has no block 'cty'; it has city, days."),
        ({"city": "a", "cty": "b"}, {"city": "a\nb"}, "no block 'cty'"),
        ({"city": ""}, {"city": "Please check this field."}, "error of the block 'city' is empty"),
        ({"city": " \u00a0"}, {"city": "Please check this field."}, "is empty"),
        ({"city": "\u200b"}, {"city": "Please check this field."}, "is empty"),
        ({"city": None}, {"city": "Please check this field."}, "is empty"),
    ],
)
def test_an_error_that_nobody_would_see_is_shown_and_reported(
    bot_client: Any,
    router: Any,
    caplog: pytest.LogCaptureFixture,
    register: Any,
    errors: Any,
    shown: Any,
    problem: str,
) -> None:
    register(router, errors)
    bot_client.fails_quietly = True

    submit(bot_client, city="Tver", days=None)

    assert shown.items() <= bot_client.errors.items()
    update = Update.objects.get()
    assert (update.state, problem in update.error) == (State.DONE, True)
    assert [it.levelname for it in caplog.records if problem in it.message] == ["WARNING"]


def test_the_test_kit_fails_for_an_error_that_nobody_would_see(
    bot_client: Any, router: Any
) -> None:
    by_form(router, {"cty": "x"})

    with pytest.raises(HandlerFailed, match="no block 'cty'"):
        submit(bot_client, city="Tver", days=None)


def test_an_empty_error_of_the_form_itself_is_reported_too(bot_client: Any, router: Any) -> None:
    by_form(router, {})
    bot_client.fails_quietly = True

    submit(bot_client, city="nowhere", days=None)

    assert bot_client.errors == {"city": "Please check this field."}
    assert "is empty" in Update.objects.get().error


def test_errors_of_blocks_that_the_form_has_are_no_mistake(bot_client: Any, router: Any) -> None:
    by_form(router, {"days": "Too many."})

    submit(bot_client, city="Tver")  # a block that was left empty need not be in the data

    assert bot_client.errors == {"days": "Too many."}


def submit(bot_client: Any, **data: Any) -> None:
    event = {"type": "view", "event": "submit", "user_id": bot_client.id, "callback_id": "Trip"}
    bot_client.happens({**event, "data": data})

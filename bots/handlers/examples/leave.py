"""A leave request: a form, a decision with two buttons, and a reason when it is declined."""

import datetime

from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bots import (
    Button,
    CallbackData,
    Command,
    F,
    Keyboard,
    Message,
    PlainFSMContext,
    Router,
    View,
    forms,
)
from bots import (
    markdown as md,
)
from bots.models import PachcaAccount

router = Router("leave")


def colleagues() -> list[tuple[str, str]]:
    """Return the possible approvers: users linked to accounts of the sandbox."""
    rows = PachcaAccount.objects.filter(in_sandbox=True).select_related("person")
    return [(str(it.pachca_user_id), str(it.person)[:75]) for it in rows.order_by("pk")[:100]]


class Request(forms.Form, title=gettext_lazy("Leave"), submit_text=gettext_lazy("Send request")):
    starts = forms.Date(gettext_lazy("First day"))
    days = forms.Number(gettext_lazy("Days"), least=1, most=28)
    boss = forms.Select(gettext_lazy("Approver"), colleagues)
    why = forms.Input(gettext_lazy("Comment"), multiline=True, max_length=500, required=False)

    def clean(self) -> None:
        if self.starts < timezone.localdate():
            self.error("starts", _("Choose a day that has not passed."))


class Refusal(forms.Form, title=gettext_lazy("Decline"), submit_text=gettext_lazy("Decline")):
    why = forms.Input(gettext_lazy("Why?"), multiline=True, max_length=500)


class Decision(CallbackData, prefix="leave"):
    request: str
    yes: bool


@router.message(Command("leave", gettext_lazy("Request leave")))
def offer(message: Message) -> None:
    button = Keyboard().button(_("Fill in the request"), data="leave")
    message.answer(_("When would you like to take leave?"), buttons=button)


@router.button(F.data == "leave")
def open_request(button: Button) -> Request | str:
    if not colleagues():
        return _("There is no approver yet. Link an account with `/link` first.")
    return Request(starts=timezone.localdate() + datetime.timedelta(days=14), days=14)


@router.view(Request)
def requested(view: View, form: Request, state: PlainFSMContext) -> str:
    number = get_random_string(8)
    what = _("%(days)s from %(day)s") % {
        "days": _days(form.days),
        "day": date_format(form.starts, "SHORT_DATE_FORMAT"),
    }
    request = {"who": view.user_id, "what": what}
    state.at(f"leave:{number}").set_data(request)
    buttons = Keyboard()
    buttons.button(_("Approve"), data=Decision(request=number, yes=True))
    buttons.button(_("Decline"), data=Decision(request=number, yes=False))
    asks = _("%(who)s requests leave: %(what)s.")
    message = md.Markup(asks) % {"who": md.mention(view.user_id), "what": md.bold(what)}
    view.tell(int(form.boss), md.lines(message, md.quote(form.why or "—")), buttons=buttons)
    return _("Request sent: %(what)s.") % {"what": what}


@router.button(Decision.filter(F.yes))
def approve(button: Button, callback_data: Decision, state: PlainFSMContext) -> str | None:
    request = state.at(f"leave:{callback_data.request}")
    asked = request.get_data()
    if not asked:
        return _("This request has already been answered.")
    request.clear()
    button.edit(_("Approved: %(what)s.") % asked, buttons=[])
    button.tell(asked["who"], _("Your leave is approved: %(what)s.") % asked)
    return None


@router.button(Decision)
def ask_why(button: Button, callback_data: Decision) -> Refusal:
    return Refusal(metadata={"request": callback_data.request, "message": button.message_id})


@router.view(Refusal)
def decline(view: View, form: Refusal, state: PlainFSMContext) -> str | None:
    request = state.at(f"leave:{form.metadata['request']}")
    asked = request.get_data()
    if not asked:
        return _("This request has already been answered.")
    request.clear()
    declined = md.Markup(_("Your leave is declined: %(what)s.")) % asked
    view.tell(asked["who"], md.lines(declined, md.quote(form.why)))
    declined_here = _("Declined: %(what)s.") % asked
    view.at(form.metadata["message"]).edit(declined_here, buttons=[])
    return None


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}

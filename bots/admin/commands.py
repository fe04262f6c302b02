"""The admin of commands, and the page that tests one."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from bots.admin.forms import AudienceForm
from bots.admin.jobs import BotFilter, button, without_secrets
from bots.commands import kinds
from bots.commands.trial import PLACES, try_out
from bots.commands.variables import VARIABLES
from bots.framework.routing.router import root
from bots.models import Command, PachcaAccount
from bots.models.command import HANDLER


class CommandForm(AudienceForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "action" in self.fields:
            self.fields["action"] = _choice(
                gettext_lazy("action"), [(it.key, it.title) for it in kinds().values()]
            )
        if "handler" in self.fields:
            names = sorted({it.name for it in root.commands()})
            same = ("", gettext_lazy("the command with the same name"))
            self.fields["handler"] = _choice(
                gettext_lazy("handler of"), [same, *((it, f"/{it}") for it in names)]
            )
            self.fields["handler"].required = False
        if "text" in self.fields:
            message = ", ".join(f"{{{name}}} — {title}" for name, (title, _of) in VARIABLES.items())
            self.fields["text"].help_text = _("Variables: %(variables)s.") % {"variables": message}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        kind = kinds().get(given.get("action", HANDLER))
        if kind is not None and not self.errors:
            row = Command(**{name: given[name] for name in ("text", "form") if name in given})
            try:
                kind.clean(row)
            except forms.ValidationError as error:
                self.add_error(None, error)
        return given


def _choice(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=capfirst(label), choices=choices, widget=UnfoldAdminSelectWidget)


class TrialForm(forms.Form):
    """A test message: text, author and chat."""

    text = forms.CharField(
        label=gettext_lazy("Message"), max_length=4000, widget=UnfoldAdminTextInputWidget
    )
    place = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=[
            ("private", gettext_lazy("in private chats")),
            ("chat", gettext_lazy("in chats")),
            ("thread", gettext_lazy("in threads")),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    person = forms.IntegerField(
        label=gettext_lazy("Pachca user id of the author"),
        min_value=1,
        max_value=2**53,
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(Command)
class CommandAdmin(ModelAdmin):
    form = CommandForm
    list_display = ("__str__", "description", "does", "audience", "bot", "is_on")
    list_editable = ("is_on",)
    list_filter = (BotFilter, "is_on", "audience")
    search_fields = ("name", "aliases", "description", "text")
    autocomplete_fields = ("bot", "people")
    actions_detail = ("try_this",)  # type: ignore[assignment]  # unfold: always empty
    conditional_fields = {
        "handler": "action == 'handler'",
        "text": "action != 'handler'",
        "form": "action == 'form'",
        "tags": "audience == 'tags'",
        "people": "audience == 'people'",
    }
    fieldsets = (
        (
            None,
            {"fields": (("bot", "is_on"), ("name", "aliases"), "description")},
        ),
        (gettext_lazy("Action"), {"fields": ("action", "handler", "text", "form")}),
        (
            gettext_lazy("Access"),
            {"fields": ("audience", "tags", "people", ("in_private", "in_chats", "in_threads"))},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Command]:
        return without_secrets(super().get_queryset(request))

    def get_urls(self) -> list[URLPattern]:
        own = path("<int:pk>/try/", self.admin_site.admin_view(self.trial), name="bots_command_try")
        return [own, *super().get_urls()]

    @admin.display(description=gettext_lazy("action"))
    def does(self, command: Command) -> Any:
        kind = kinds().get(command.action)
        return kind.title if kind else command.action

    @button(description=gettext_lazy("Test"), icon="play_arrow", permissions=["change"])
    def try_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:bots_command_try", args=[object_id]))

    def trial(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how the bot would reply to a message with the command."""
        command = Command.objects.select_related("bot").filter(pk=pk).first()
        if command is None or not self.has_change_permission(request, command):
            raise Http404
        asked = TrialForm(request.POST or None, initial=self._initial(request, command))
        trial = None
        if request.method == "POST" and asked.is_valid():
            given = asked.cleaned_data
            trial = try_out(command.bot, given["text"], given["person"], given["place"])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Test %(command)s") % {"command": command},
            "opts": self.opts,
            "original": command,
            "form": asked,
            "trial": trial,
        }
        return TemplateResponse(request, "bots/admin/trial.html", context)

    def _initial(self, request: HttpRequest, command: Command) -> dict[str, Any]:
        accounts = PachcaAccount.objects.filter(in_sandbox=command.bot.in_sandbox)
        mine = accounts.filter(person=request.user.pk).first() or accounts.first()
        place = next((it for it in PLACES if command.works_in(it)), "private")
        return {
            "text": f"/{command.name}",
            "place": place,
            "person": mine.pachca_user_id if mine else 1,
        }

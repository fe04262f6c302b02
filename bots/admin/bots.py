"""The admin of bots."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from unfold.admin import ModelAdmin, TabularInline

from bots import actions
from bots.admin.forms import SECRETS, BotForm
from bots.admin.jobs import button
from bots.admin.rendering import label, moment
from bots.admin.setup import SetupPage
from bots.framework.api import ApiError, NoAnswer
from bots.models import Bot, Command, Update
from bots.models.fields import SecretUnreadable
from bots.models.jobs import State

ENTRIES = tuple(f"new_{name}" for name in SECRETS)
CLEARANCES = tuple(f"clear_{name}" for name in SECRETS)
TICKS = ("has_token", "has_secret")
REFUSED_TOKEN = (401, 403)
NOT_CONNECTED = (
    ApiError,
    NoAnswer,
    SecretUnreadable,
    KeyError,  # a response without the fields of a profile
    TypeError,
)


class CommandInline(TabularInline):
    model = Command
    fields = ("name", "description", "is_on")
    extra = 0
    show_change_link = True
    hide_title = True


@admin.register(Bot)
class BotAdmin(SetupPage, ModelAdmin):  # type: ignore[misc]  # unfold's own bases disagree
    form = BotForm
    inlines = (CommandInline,)
    list_display = (
        "name",
        "slug",
        "is_on",
        "place",
        "has_token",
        "has_secret",
        "waiting",
        "failed",
        "last_update",
    )
    list_filter = ("is_on", "in_sandbox")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("webhook",)
    actions = ("check_connection",)
    actions_submit_line = ("save_and_check",)  # type: ignore[assignment]  # unfold: always empty

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bot]:
        updates = Update.objects.filter(bot=OuterRef("pk")).order_by()
        bots: QuerySet[Bot] = super().get_queryset(request)
        return bots.defer("token", "signing_secret").annotate(
            token_is_set=~Q(token=""),
            secret_is_set=~Q(signing_secret=""),
            waiting_count=_count(updates.filter(state=State.WAITING)),
            failed_count=_count(updates.filter(state=State.FAILED)),
            last_update_at=Subquery(updates.order_by("-pk").values("created_at")[:1]),
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        connection: Any = (*ENTRIES, "pachca_user_id")
        if obj:
            may_write = self.has_change_permission(request, obj)
            secrets = zip(ENTRIES, CLEARANCES, strict=True) if may_write else [TICKS]
            connection = ("webhook", *secrets, "pachca_user_id")
        return [
            (
                None,
                {
                    "fields": (
                        ("name", "slug"),
                        ("is_on", "in_sandbox"),
                        ("answers_here", "hears_itself"),
                    )
                },
            ),
            (_("Connection"), {"fields": connection}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), *TICKS)

    @method_decorator(sensitive_post_parameters(*ENTRIES))
    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(*args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, *args: Any) -> None:
        super().save_related(request, form, *args)
        actions.list_commands([form.instance])

    def response_add(self, request: HttpRequest, obj: Bot, *args: Any) -> HttpResponse:
        """Redirect to the page that checks the connection and sets the bot up in Pachca."""
        return HttpResponseRedirect(reverse("admin:bots_bot_check", args=[obj.pk]))

    def response_change(self, request: HttpRequest, obj: Bot) -> HttpResponse:
        if "bots_bot_save_and_check" in request.POST:
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)

    @admin.display(description=gettext_lazy("connected to"), ordering="in_sandbox")
    def place(self, bot: Bot) -> str:
        return label(_("Sandbox"), "warning") if bot.in_sandbox else label(_("Pachca"), "primary")

    @admin.display(description=gettext_lazy("token"), boolean=True)
    def has_token(self, bot: Any) -> bool:
        return bool(bot.token_is_set)

    @admin.display(description=gettext_lazy("secret"), boolean=True)
    def has_secret(self, bot: Any) -> bool:
        return bool(bot.secret_is_set)

    @admin.display(description=gettext_lazy("waiting"), ordering="waiting_count")
    def waiting(self, bot: Any) -> str:
        return _updates_of(bot, State.WAITING, bot.waiting_count)

    @admin.display(description=gettext_lazy("failures"), ordering="failed_count")
    def failed(self, bot: Any) -> str:
        return _updates_of(bot, State.FAILED, bot.failed_count)

    @admin.display(description=gettext_lazy("last update"), ordering="last_update_at")
    def last_update(self, bot: Any) -> str | None:
        return moment(bot.last_update_at)

    @admin.display(description=gettext_lazy("Webhook address"))
    def webhook(self, bot: Bot) -> str:
        return render_to_string("bots/admin/webhook.html", {"url": bot.webhook_url})

    @admin.action(description=gettext_lazy("Check the connection"), permissions=["change"])
    def check_connection(self, request: HttpRequest, queryset: QuerySet[Bot]) -> None:
        for bot in queryset:
            self._check(request, bot)

    @button(description=gettext_lazy("Save and check the connection"), permissions=["change"])
    def save_and_check(self, request: HttpRequest, bot: Bot) -> None:
        # A transaction must not wait for the network.
        transaction.on_commit(partial(self._check, request, bot))

    def _check(self, request: HttpRequest, bot: Bot) -> None:
        try:
            name = actions.learn_identity(bot)
        except NOT_CONNECTED as error:
            message = _("%(bot)s is not connected: %(reason)s")
            facts = {"bot": bot, "reason": _reason(bot, error)}
            self.message_user(request, message % facts, messages.ERROR)
        else:
            message = _("%(bot)s is connected. Name in Pachca: “%(name)s”.")
            self.message_user(request, message % {"bot": bot, "name": name}, messages.SUCCESS)


def _reason(bot: Bot, error: Exception) -> str:
    """Return the reason why the check failed."""
    match error:
        case SecretUnreadable():
            return _(
                "the token cannot be decrypted because SECRET_KEY has changed. Enter it again."
            )
        case ApiError() if error.response.status in REFUSED_TOKEN:
            return _("the token is rejected.") if bot.token else _("no token is set.")
        case ApiError():
            return _("the response status was %(status)d.") % {"status": error.response.status}
        case NoAnswer():
            return _("there is no response from %(url)s.") % {"url": bot.api_url}
    return _("the server at %(url)s is not Pachca.") % {"url": bot.api_url}


def _count(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows.values("bot").annotate(count=Count("pk")).values("count")), 0)


def _updates_of(bot: Bot, state: State, count: int) -> str:
    url = f"{reverse('admin:bots_update_changelist')}?bot={bot.pk}&state__exact={state}"
    return format_html('<a class="text-link" href="{}">{}</a>', url, count) if count else "0"

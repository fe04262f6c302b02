"""The page that checks the settings of a bot in Pachca and writes them."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.admin.jobs import button
from bots.framework.api import run
from bots.models import Bot
from bots.models.fields import SecretUnreadable
from bots.setup import examine, sync


class SetupPage(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """The set-up page of the admin of bots."""

    actions_detail = ("check_setup",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.setup)
        return [path("<int:pk>/check/", view, name="bots_bot_check"), *super().get_urls()]

    @button(description=gettext_lazy("Check and set up"), icon="rule", permissions=["change"])
    def check_setup(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:bots_bot_check", args=[object_id]))

    def setup(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the checks. A POST writes the settings to Pachca."""
        bot = self._bot(request, pk)
        if request.method == "POST":
            written = run(sync(bot))
            level = messages.SUCCESS if written.ok else messages.ERROR
            self.message_user(request, written.message, level)
            return HttpResponseRedirect(request.path)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Setup: %(bot)s") % {"bot": bot},
            "opts": self.opts,
            "original": bot,
            "checks": run(examine(bot)),
        }
        return TemplateResponse(request, "bots/admin/check.html", context)

    def _bot(self, request: HttpRequest, pk: int) -> Bot:
        try:
            bot = Bot.objects.filter(pk=pk).first()
        except SecretUnreadable as error:
            raise Http404(str(error)) from error
        if bot is None or not self.has_change_permission(request, bot):
            raise Http404
        return bot

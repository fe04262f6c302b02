"""The admin of conversations, where a stuck one can be deleted."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from bots.admin.jobs import BotFilter, CappedPaginator, without_secrets
from bots.admin.rendering import compact, moment, pretty, short
from bots.models import Conversation


@admin.register(Conversation)
class ConversationAdmin(ModelAdmin):
    """Only handlers write conversations. Deleting one lets the person start over."""

    list_display = ("key", "state", "remembered", "bot", "changed")
    list_filter = (BotFilter, "changed_at")
    search_fields = ("key", "state")
    search_help_text = _("Key, such as “user:12”, or state")
    fields = (("bot", "key"), "state", "changed", "expires", "data_laid_out")
    readonly_fields = ("bot", "key", "state", "changed", "expires", "data_laid_out")
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        return without_secrets(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("data"))
    def remembered(self, conversation: Conversation) -> str:
        return short(compact(conversation.data) if conversation.data else "")

    @admin.display(description=_("data"))
    def data_laid_out(self, conversation: Conversation) -> str:
        return pretty(conversation.data)

    @admin.display(description=_("changed"), ordering="changed_at")
    def changed(self, conversation: Conversation) -> str | None:
        return moment(conversation.changed_at)

    @admin.display(description=_("expires at"), ordering="expires_at")
    def expires(self, conversation: Conversation) -> str | None:
        return moment(conversation.expires_at)

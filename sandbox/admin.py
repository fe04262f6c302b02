"""Admin of the sandbox. Accounts, faults and tags can be changed; other rows are read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline

from sandbox.actions import change_people, remove_person
from sandbox.models import (
    AccessToken,
    Account,
    ApiCall,
    Attachment,
    Chat,
    Faults,
    GroupTag,
    Membership,
    Message,
    OAuthClient,
    Reaction,
    View,
    WebhookAttempt,
    WebhookEvent,
)
from sandbox.models.accounts import AccountQuerySet
from sandbox.webhooks import events


def never(admin: object, request: HttpRequest, obj: Model | None = None) -> bool:
    """Deny changes to rows that only the emulator writes."""
    return False


class ReadOnlyAdmin(ModelAdmin):
    has_add_permission = has_change_permission = has_delete_permission = never


class ReadOnlyInline(TabularInline):
    extra = 0
    has_add_permission = has_change_permission = has_delete_permission = never


class MembershipInline(ReadOnlyInline):
    model = Membership
    fields = ["account", "role", "last_read_id"]


class AttachmentInline(ReadOnlyInline):
    model = Attachment
    fields = ["name", "file_type", "size"]


class ReactionInline(ReadOnlyInline):
    model = Reaction
    fields = ["account", "code", "created_at"]


class AttemptInline(ReadOnlyInline):
    model = WebhookAttempt
    fields = ["at", "status", "ms", "error", "answer"]


@admin.register(Account)
class AccountAdmin(ModelAdmin):
    list_display = ["__str__", "nickname", "is_bot", "role", "webhook_url", "created_at"]
    list_filter = ["is_bot", "role", "suspended"]
    search_fields = ["nickname", "first_name", "last_name"]
    exclude = ["token", "signing_secret"]
    actions = ["suspend", "activate"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and tell the bots of it as Pachca does."""
        super().save_model(request, obj, form, change)
        if not obj.is_bot:
            events.company_event(_event_of(form, change), [obj])

    def delete_model(self, request: HttpRequest, obj: Account) -> None:
        if obj.is_bot:
            obj.delete()
        else:
            remove_person(obj)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Account]") -> None:
        for account in queryset:
            self.delete_model(request, account)

    @admin.action(description=gettext_lazy("Suspend"), permissions=["change"])
    def suspend(self, request: HttpRequest, accounts: AccountQuerySet) -> None:
        """Suspend employees, as an administrator of Pachca does."""
        change_people("suspend", accounts.people().filter(suspended=False), suspended=True)

    @admin.action(description=gettext_lazy("Activate"), permissions=["change"])
    def activate(self, request: HttpRequest, accounts: AccountQuerySet) -> None:
        change_people("activate", accounts.people().filter(suspended=True), suspended=False)


def _event_of(form: Any, change: bool) -> str:
    """Return the event of what was changed in a form."""
    if not change:
        return "confirm"
    if "suspended" not in form.changed_data:
        return "update"
    return "suspend" if form.cleaned_data["suspended"] else "activate"


@admin.register(Chat)
class ChatAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "owner", "public", "archived", "last_message_at"]
    list_filter = ["kind", "public", "archived"]
    search_fields = ["name"]
    list_select_related = ["owner"]
    inlines = [MembershipInline]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "author", "chat", "created_at", "changed_at", "deleted_at"]
    list_filter = ["created_at", "author__is_bot"]
    search_fields = ["content"]
    list_select_related = ["author", "chat"]
    inlines = [AttachmentInline, ReactionInline]


@admin.register(View)
class ViewAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "bot", "user", "opened_at", "closed_at"]
    list_select_related = ["bot", "user"]


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ["id", "event_type", "bot", "state", "created_at"]
    list_filter = ["state", "event_type", "bot"]
    search_fields = ["id"]
    list_select_related = ["bot"]
    inlines = [AttemptInline]


@admin.register(ApiCall)
class ApiCallAdmin(ReadOnlyAdmin):
    list_display = ["at", "bot", "method", "path", "status", "ms"]
    list_filter = ["method", "status", "bot"]
    search_fields = ["path"]
    list_select_related = ["bot"]


@admin.register(OAuthClient)
class OAuthClientAdmin(ReadOnlyAdmin):
    list_display = ["bot", "client_id", "redirect_uris"]
    list_select_related = ["bot"]
    exclude = ["secret"]


@admin.register(AccessToken)
class AccessTokenAdmin(ModelAdmin):
    """Tokens are read-only. Deleting one revokes it, as an employee does in Pachca."""

    list_display = ["__str__", "person", "client", "created_at", "last_used_at", "revoked_at"]
    list_filter = ["client", "revoked_at"]
    search_fields = ["person__nickname", "person__first_name", "person__last_name"]
    list_select_related = ["person", "client__bot"]
    exclude = ["token"]
    has_add_permission = has_change_permission = never


@admin.register(Faults)
class FaultsAdmin(ModelAdmin):
    list_display = ["__str__", "webhook_drop", "webhook_delay_ms", "api_rate_429", "api_timeout"]


@admin.register(GroupTag)
class GroupTagAdmin(ModelAdmin):
    list_display = ["name"]
    search_fields = ["name"]
    autocomplete_fields = ["members"]

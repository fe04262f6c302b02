"""People, keys and tweets in the admin panel."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from realtime.actions import look_again
from twitter.models import ApiKey, Tweet, User

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    pass


@admin.register(User)
class UserAdmin(BaseUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]  # unfold is untyped
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["name", "username", "email", "is_active", "is_staff", "last_login"]
    list_display_links = ["name", "username"]
    list_filter = ["is_active", "is_staff", "is_superuser", "groups"]
    search_fields = ["name", "username", "email"]
    ordering = ["name", "pk"]
    fieldsets = [
        (None, {"fields": ["name", "username", "email", "password"]}),
        (
            _("Permissions"),
            {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]},
        ),
        (_("Times"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["name", "username", "password1", "password2"]})]  # type: ignore[assignment]  # unfold declares ()
    readonly_fields = ["last_login", "date_joined"]


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    list_display = ["name", "owner", "prefix", "created_at", "last_used_at", "revoked_at"]
    list_filter = ["is_demo", ("revoked_at", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "prefix", "owner__name", "owner__username"]
    autocomplete_fields = ["owner"]
    actions = ["revoke"]
    given = ["owner", "name"]
    known_later = ["prefix", "is_demo", "created_at", "last_used_at", "revoked_at"]

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return [*self.given, *self.known_later] if obj else self.given

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        """A key that was made stays as it is: it can only be revoked."""
        return self.get_fields(request, obj) if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            return
        made, key = ApiKey.objects.make(obj.owner, obj.name)
        obj.pk = made.pk
        sentence = _("The key is %(key)s. Copy it now: it is not shown again.")
        self.message_user(request, sentence % {"key": key}, messages.WARNING)

    @admin.action(description=_("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
            key.revoke()
            look_again(key.owner_id)


@admin.register(Tweet)
class TweetAdmin(ModelAdmin):
    list_display = ["__str__", "author", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["author"]
    search_fields = ["text", "author__name", "author__username"]
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-id"]
    readonly_fields = ["author", "created_at"]
    fields = ["author", "text", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People post by the page, a bot or the API, where everybody hears of it."""
        return False

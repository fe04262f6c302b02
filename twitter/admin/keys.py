"""Keys for programs in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from realtime.actions import look_again
from twitter.models import ApiKey, User


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

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A key is its owner: only superusers make keys of superusers."""
        if db_field.name == "owner" and not request.user.is_superuser:
            kwargs["queryset"] = User.objects.filter(is_superuser=False)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

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
            self.log_change(request, key, str(_("Revoked.")))

"""API keys in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from realtime.actions import revalidate
from twitter.models import ApiKey, User
from twitter.models.keys import EVERY_SCOPE, OFFERED_SCOPES


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic when it runs
    scopes = forms.MultipleChoiceField(
        label=_("may be used to"),
        choices=OFFERED_SCOPES,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        initial=[scope for scope, _label in OFFERED_SCOPES],
    )

    def clean_scopes(self) -> str:
        chosen = self.cleaned_data["scopes"]
        return EVERY_SCOPE if len(chosen) == len(OFFERED_SCOPES) else " ".join(chosen)


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    form = ApiKeyForm
    list_display = [
        *("name", "owner", "prefix", "scopes", "created_at", "expires_at"),
        *("last_used_at", "revoked_at"),
    ]
    list_filter = ["is_demo", ("revoked_at", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "prefix", "owner__name", "owner__username"]
    autocomplete_fields = ["owner"]
    actions = ["revoke"]
    add_fields = ["owner", "name", "scopes", "expires_at"]
    generated_fields = ["prefix", "is_demo", "created_at", "last_used_at", "revoked_at"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only superusers can create keys for superusers, whose permissions the key has."""
        if db_field.name == "owner" and not request.user.is_superuser:
            kwargs["queryset"] = User.objects.filter(is_superuser=False)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return [*self.add_fields, *self.generated_fields] if obj else self.add_fields

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        """An existing key can only be revoked."""
        return self.get_fields(request, obj) if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            return
        limits = {"scopes": obj.scopes, "expires_at": obj.expires_at}
        made, key = ApiKey.objects.make(obj.owner, obj.name, **limits)
        obj.pk = made.pk
        message = _("The key is %(key)s. Copy it now: it will not be shown again.")
        self.message_user(request, message % {"key": key}, messages.WARNING)

    @admin.action(description=_("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
            key.revoke()
            revalidate(key.owner_id)
            self.log_change(request, key, str(_("Revoked.")))

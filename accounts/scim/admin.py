"""Accounts of the identity provider in the admin, where superusers link existing ones."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.scim.models import ScimUser


@admin.register(ScimUser)
class ScimUserAdmin(ModelAdmin):
    list_display = ["user_name", "person", "external_id", "is_blocked", "updated_at", "ended_at"]
    list_filter = ["is_blocked"]
    list_select_related = ["person"]
    search_fields = ["user_name", "external_id", "person__username", "person__name"]
    autocomplete_fields = ["person"]
    fields = ["person", "user_name", "external_id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever links an account lets the identity provider block it."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting a row ends the link; the account stays."""
        return bool(request.user.is_superuser)

"""The admin of linked Pachca accounts."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import ForeignKey
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from bots.models import PachcaAccount


class LinkPermissionsMixin:
    """Only superusers link and unlink the accounts of superusers.

    Whoever owns the linked Pachca account may sign in with it as the user. The object is a link or,
    for inlines, the user.
    """

    def has_add_permission(self, request: HttpRequest, *obj: Any) -> bool:
        allowed = super().has_add_permission(request, *obj)  # type: ignore[misc]
        return bool(all(_may_link(request, each) for each in obj) and allowed)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)  # type: ignore[misc]
        return bool(_may_link(request, obj) and allowed)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)  # type: ignore[misc]
        return bool(_may_link(request, obj) and allowed)


def _may_link(request: HttpRequest, obj: Any) -> bool:
    person = obj.person if isinstance(obj, PachcaAccount) else obj
    return bool(request.user.is_superuser or not (person and person.is_superuser))


@admin.register(PachcaAccount)
class PachcaAccountAdmin(LinkPermissionsMixin, ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    list_display = ("person", "pachca_user_id", "in_sandbox", "linked_at")
    list_filter = ("in_sandbox", "linked_at")
    list_select_related = ("person",)
    search_fields = ("=pachca_user_id", "person__name", "person__username")
    autocomplete_fields = ("person",)
    readonly_fields = ("linked_at",)

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "person" and not request.user.is_superuser:
            kwargs["queryset"] = get_user_model()._default_manager.filter(is_superuser=False)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class PachcaAccountInline(LinkPermissionsMixin, TabularInline):  # type: ignore[misc]  # the same
    model = PachcaAccount
    fields = ("pachca_user_id", "in_sandbox", "linked_at")
    readonly_fields = ("linked_at",)
    extra = 0


# The admin of users is in a lower app, so the inline is added to its class here. A higher app may
# replace it by a subclass.
people: Any = type(admin.site.get_model_admin(get_user_model()))
people.inlines = (*people.inlines, PachcaAccountInline)

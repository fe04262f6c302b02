"""Groups in the admin, each with the role that it stands for and what that may do."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.roles.definitions import BY_GROUP
from twitter.admin import GroupAdmin

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    list_display = ["name", "role", "description", "people"]
    fields = ["name", "role", "description", "permissions"]
    readonly_fields = ["role", "description"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        groups: QuerySet[Any] = super().get_queryset(request).annotate(people_count=Count("user"))
        return groups

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The name of a role is fixed: settings and other systems refer to it."""
        own = super().get_readonly_fields(request, obj)
        return [*own, "name"] if obj is not None and obj.name in BY_GROUP else own

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.name in BY_GROUP:
            return False
        return bool(super().has_delete_permission(request, obj))

    @admin.display(description=_("role"))
    def role(self, group: Group) -> str:
        return str(BY_GROUP[group.name].label) if group.name in BY_GROUP else ""

    @admin.display(description=_("description"))
    def description(self, group: Group) -> str:
        return str(BY_GROUP[group.name].description) if group.name in BY_GROUP else ""

    @admin.display(description=_("people"), ordering="people_count")
    def people(self, group: Any) -> int:
        return int(group.people_count)

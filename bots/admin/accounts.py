"""The admin of linked Pachca accounts."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from unfold.admin import ModelAdmin, TabularInline

from bots.models import PachcaAccount


@admin.register(PachcaAccount)
class PachcaAccountAdmin(ModelAdmin):
    list_display = ("person", "pachca_user_id", "in_sandbox", "linked_at")
    list_filter = ("in_sandbox", "linked_at")
    list_select_related = ("person",)
    search_fields = ("=pachca_user_id", "person__name", "person__username")
    autocomplete_fields = ("person",)
    readonly_fields = ("linked_at",)


class PachcaAccountInline(TabularInline):
    model = PachcaAccount
    fields = ("pachca_user_id", "in_sandbox", "linked_at")
    readonly_fields = ("linked_at",)
    extra = 0


# The admin of users is in a lower app, so the inline is added to it here.
people: Any = admin.site.get_model_admin(get_user_model())
people.inlines = (*people.inlines, PachcaAccountInline)

"""Who is who in Pachca, as staff may say it."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from bots.models import PachcaAccount


@admin.register(PachcaAccount)
class PachcaAccountAdmin(ModelAdmin):
    list_display = ("person", "pachca_user_id", "in_sandbox", "linked_at")
    list_filter = ("in_sandbox", "linked_at")
    list_select_related = ("person",)
    search_fields = ("=pachca_user_id", "person__name", "person__username")
    autocomplete_fields = ("person",)
    readonly_fields = ("linked_at",)

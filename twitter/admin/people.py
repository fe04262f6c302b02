"""People and groups in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from realtime.actions import revalidate
from twitter import actions
from twitter.admin.export import ExportMixin
from twitter.models import User
from twitter.pages.rendering import current_user

POWERS = ["is_staff", "is_superuser", "groups", "user_permissions"]

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    pass


@admin.register(User)
class UserAdmin(ExportMixin, BaseUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]  # unfold is untyped
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["name", "username", "email", "is_active", "is_staff", "last_login"]
    list_display_links = ["name", "username"]
    list_filter = ["is_active", "is_staff", "is_superuser", "groups"]
    search_fields = ["name", "username", "email"]
    ordering = ["name", "pk"]
    fieldsets = [
        (None, {"fields": ["name", "username", "email", "password", "about", "language"]}),
        (gettext_lazy("Microblog"), {"fields": ["followers_count", "following_count", "links"]}),
        (gettext_lazy("Permissions"), {"fields": ["is_active", *POWERS]}),
        (gettext_lazy("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["name", "username", "password1", "password2"]})]  # type: ignore[assignment]  # unfold declares ()
    readonly_fields = ["last_login", "date_joined", "followers_count", "following_count", "links"]
    actions = [
        *ExportMixin.actions,
        "block",
        "unblock",
        "end_and_keep_tweets",
        "end_and_hide_tweets",
    ]
    exported = ("id", "username", "name", "email", "is_active", "is_staff", "date_joined")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only superusers can change permissions, or staff could give themselves all of them."""
        own = super().get_readonly_fields(request, obj)
        return own if request.user.is_superuser else [*own, *POWERS]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """The form for a new person has no inlines of other apps."""
        return super().get_inlines(request, obj) if obj else []

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are ended by the actions, which handle the person's tweets."""
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Moderators, who can only view people, cannot export them."""
        return bool(super().has_change_permission(request))

    def has_leave_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("twitter.delete_user"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change:
            revalidate(obj.pk)

    @admin.display(description=gettext_lazy("Links"))
    def links(self, person: User) -> str:
        addresses = {
            _("tweets"): f"{reverse('admin:twitter_tweet_changelist')}?author={person.pk}",
            _("keys"): f"{reverse('admin:twitter_apikey_changelist')}?owner={person.pk}",
            _("profile"): reverse("person", args=[person.username]),
        }
        link = '<a class="text-link" href="{}">{}</a>'
        return format_html(
            " · ".join([link] * 3), *(x for it in addresses.items() for x in it[::-1])
        )

    @admin.action(description=gettext_lazy("Block"), permissions=["change"])
    def block(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Sign people out everywhere and prevent further sign-ins; their tweets stay visible."""
        self._switch(request, people.exclude(pk=current_user(request).pk), False, _("Blocked."))

    @admin.action(description=gettext_lazy("Unblock"), permissions=["change"])
    def unblock(self, request: HttpRequest, people: QuerySet[User]) -> None:
        self._switch(request, people, True, _("Unblocked."))

    @admin.action(description=gettext_lazy("End account, keep tweets"), permissions=["leave"])
    def end_and_keep_tweets(self, request: HttpRequest, people: QuerySet[User]) -> None:
        self._end_accounts(request, people, keeps_tweets=True)

    @admin.action(description=gettext_lazy("End account, hide tweets"), permissions=["leave"])
    def end_and_hide_tweets(self, request: HttpRequest, people: QuerySet[User]) -> None:
        self._end_accounts(request, people, keeps_tweets=False)

    def _switch(
        self, request: HttpRequest, people: QuerySet[User], is_active: bool, log_message: str
    ) -> None:
        for person in people.exclude(is_active=is_active):
            if self.has_change_permission(request, person):
                person.is_active = is_active
                person.save(update_fields=["is_active"])
                revalidate(person.pk)
                self.log_change(request, person, log_message)

    def _end_accounts(
        self, request: HttpRequest, people: QuerySet[User], *, keeps_tweets: bool
    ) -> None:
        log_message = (
            _("Account ended, tweets kept.") if keeps_tweets else _("Account ended, tweets hidden.")
        )
        for person in people:
            try:
                actions.leave(current_user(request), person, keeps_tweets=keeps_tweets)
            except PermissionDenied as error:
                self.message_user(request, f"{person}: {error}", messages.ERROR)
            else:
                self.log_change(request, person, log_message)

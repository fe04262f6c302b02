"""Invitations in the admin, and what accounts add to people there."""

from importlib import import_module
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.forms import UserChangeForm

from accounts import actions
from accounts.backends import people_with_email
from accounts.models import Invitation
from accounts.pages.invitations import link_to
from accounts.sessions import end_sessions, sessions_of
from twitter.admin import UserAdmin
from twitter.models import User
from twitter.pages.rendering import current_user

# The admin is entered by the page where everybody signs in, second factors included.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Its models are shown as parts of people, not in lists of their own.
for name in ("account", "mfa", "usersessions", "socialaccount"):
    import_module(f"allauth.{name}.admin")
    for model in apps.get_app_config(name).get_models():
        if admin.site.is_registered(model):
            admin.site.unregister(model)
# Pages that delete name them nevertheless.
Authenticator._meta.verbose_name = gettext_lazy("second factor")
Authenticator._meta.verbose_name_plural = gettext_lazy("second factors")
UserSession._meta.verbose_name = gettext_lazy("session")
UserSession._meta.verbose_name_plural = gettext_lazy("sessions")
admin.site.unregister(User)


class PersonForm(UserChangeForm):
    def clean_email(self) -> str:
        """Refuse an address that belongs to another person."""
        email = str(self.cleaned_data["email"]).lower()
        others = people_with_email(email).exclude(pk=self.instance.pk)
        if email and "email" in self.changed_data and others.exists():
            raise ValidationError(_("Somebody has this e-mail address already."))
        return email


@admin.register(User)
class PersonAdmin(UserAdmin):
    form = PersonForm
    actions = [*UserAdmin.actions, "invite_to_choose_a_password", "remove_second_factors"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            actions.confirm_email(obj, obj.email)

    @admin.action(
        description=gettext_lazy("Make links to choose a password"), permissions=["change"]
    )
    def invite_to_choose_a_password(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset.filter(is_active=True):
            try:
                _made, token = actions.invite(current_user(request), person=person)
            except PermissionDenied as error:
                self.message_user(request, f"{person}: {error}", messages.ERROR)
                continue
            text = format_html("{}: <code>{}</code>", person, link_to(token))
            self.message_user(request, text, messages.SUCCESS)

    @admin.action(
        description=gettext_lazy("Remove second factors (lost device)"), permissions=["change"]
    )
    def remove_second_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let people who lost their device sign in with their password again."""
        for person in queryset:
            if not self.has_change_permission(request, person):
                continue
            Authenticator.objects.filter(user=person).delete()
            end_sessions(person, sessions_of(person))
            self.log_change(request, person, "Removed second factors")
            text = _("%(person)s has no second factor any more.") % {"person": person}
            self.message_user(request, text, messages.SUCCESS)


@admin.register(Invitation)
class InvitationAdmin(ModelAdmin):
    list_display = ["__str__", "email", "person", "invited_by", "created_at", "state"]
    list_filter = ["is_staff", "is_superuser"]
    search_fields = ["name", "email", "person__username", "person__name"]
    list_select_related = ["person", "invited_by"]
    actions = ["revoke"]
    actions_list = ["invite"]  # type: ignore[assignment]  # unfold is untyped

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def has_invite_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("accounts.add_invitation")

    @action(  # type: ignore[operator]  # unfold is untyped
        description=gettext_lazy("Invite"),  # type: ignore[arg-type]  # the same
        permissions=["invite"],
    )
    def invite(self, request: HttpRequest) -> HttpResponse:
        """Lead to the site's page, which shows the link."""
        return redirect("invitations")

    @admin.display(description=gettext_lazy("state"))
    def state(self, invitation: Invitation) -> str:
        return str(STATES[invitation.state])

    @admin.action(description=gettext_lazy("Revoke"), permissions=["invite"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        revoked = sum(actions.revoke_invitation(invitation) for invitation in queryset)
        self.message_user(request, _("Revoked: %(count)d.") % {"count": revoked})


STATES = {
    "open": pgettext_lazy("invitation", "open"),
    "accepted": pgettext_lazy("invitation", "accepted"),
    "revoked": pgettext_lazy("invitation", "revoked"),
    "expired": pgettext_lazy("invitation", "expired"),
}

"""The forms for signing in and for invitations."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from accounts.adapter import SecondFactorAdapter
from twitter.models import User


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label, password.label = _("Username or e-mail"), _("Password")
        login.widget.attrs = {"autocomplete": "username webauthn", "autocapitalize": "none"}
        password.widget.attrs.pop("placeholder", None)
        password.help_text = ""

    def add_prefix(self, field_name: str) -> str:
        """Keep the name that password managers and scripts send."""
        return "username" if field_name == "login" else str(super().add_prefix(field_name))


class CredentialErrors:
    """Refuses JSON that is no credential: fido2 raises whatever a missing part causes."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]  # of the form
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            text = SecondFactorAdapter.error_messages["incorrect_code"]
            raise forms.ValidationError(text) from error


class PasskeySignInForm(CredentialErrors, LoginWebAuthnForm):
    pass


class PasskeyFactorForm(CredentialErrors, AuthenticateWebAuthnForm):
    pass


class PasskeyConfirmForm(CredentialErrors, ReauthenticateWebAuthnForm):
    pass


class PasskeyForm(AddWebAuthnForm):
    """A passkey signs in by itself; without that, it is a second factor beside the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["passwordless"].label = _("Sign in without a password")
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = ""


class InviteForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, required=False)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("The link is sent there. Without an address you get the link to pass on."),
    )
    is_staff = forms.BooleanField(label=_("May use the admin"), required=False)
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        label=_("Groups"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, staff: User, can_send: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_send:
            del self.fields["email"]
        if not staff.is_superuser:
            del self.fields["is_staff"]
        if not staff.is_superuser or not Group.objects.exists():
            del self.fields["groups"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class PasswordForm(SetPasswordMixin, forms.Form):  # type: ignore[type-arg]  # not generic at run time
    """A new password, twice."""

    password1, password2 = SetPasswordMixin.create_password_fields(_("Password"), _("Again"))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        self.validate_password_for_user(self.person)
        return self.cleaned_data


class JoinForm(PasswordForm):
    """A new account: username, name and password."""

    username = forms.CharField(label=_("Username"), max_length=150)
    name = forms.CharField(label=_("Name"), max_length=100)
    field_order = ["name", "username", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["username"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
        }

    def clean(self) -> dict[str, Any]:
        """Check the names as the model does, then the password against them."""
        self.person.username = self.cleaned_data.get("username", "")
        self.person.name = self.cleaned_data.get("name", "")
        checked = {"username", "name"}.intersection(self.cleaned_data)
        try:
            self.person.full_clean(
                exclude={field.name for field in User._meta.fields} - checked,
                validate_constraints=False,
            )
        except forms.ValidationError as error:
            self.add_error(None, error)
        return super().clean()

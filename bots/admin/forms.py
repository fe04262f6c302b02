"""The form of bots with write-only secrets, and shared form classes."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldBooleanWidget

from bots.models import Bot
from bots.models.command import Audience
from bots.models.fields import SecretUnreadable

SECRETS = ("token", "signing_secret")


class SecretField(forms.CharField):
    """A new value for a secret. The stored value is never rendered."""

    def __init__(self, label: Any) -> None:
        no_autofill = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
        super().__init__(label=label, required=False, widget=no_autofill, validators=[_one_word])


class ClearField(forms.BooleanField):
    def __init__(self) -> None:
        super().__init__(label=gettext_lazy("Delete"), required=False, widget=UnfoldBooleanWidget())


_one_word = RegexValidator(
    r"^[\x21-\x7e]+$",
    gettext_lazy("Use only Latin letters, digits and punctuation, without spaces."),
)


class AudienceForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A form with `audience` and `people`, which is required if the audience is people."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        is_for_people = given.get("audience") == Audience.PEOPLE
        if is_for_people and "people" in given and not given["people"]:
            self.add_error("people", _("Choose at least one user."))
        return given


class BotForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    new_token = SecretField(gettext_lazy("Access token"))
    clear_token = ClearField()
    new_signing_secret = SecretField(gettext_lazy("Signing secret"))
    clear_signing_secret = ClearField()

    class Meta:
        model = Bot
        fields = (
            "name",
            "slug",
            "is_on",
            "in_sandbox",
            "answers_here",
            "hears_itself",
            "pachca_user_id",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SECRETS:
            if field := self.fields.get(f"new_{name}"):
                field.help_text = _hint(self.instance, name)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in SECRETS:
            if given.get(f"new_{name}") and given.get(f"clear_{name}"):
                self.add_error(
                    f"clear_{name}", _("Enter a new value or delete the stored one, not both.")
                )
        return given

    def save(self, commit: bool = True) -> Bot:
        for name in SECRETS:
            new = self.cleaned_data.get(f"new_{name}")
            if new or self.cleaned_data.get(f"clear_{name}"):
                setattr(self.instance, name, new)
        bot: Bot = super().save(commit)
        return bot


def _hint(bot: Bot, name: str) -> str:
    """Return a hint about a stored secret: whether it is set, and its length."""
    try:
        length = len(getattr(bot, name))
    except SecretUnreadable:
        return _("Cannot be decrypted because SECRET_KEY has changed. Enter it again.")
    if not length:
        return _("Not set.")
    return _("Set, %(length)d characters. Leave the field empty to keep it.") % {"length": length}

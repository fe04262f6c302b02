"""The form by which somebody confirms that their account is to be deleted."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twitter.models import User
from twitter.text.normal import fold_username


class DeletionForm(forms.Form):
    username = forms.CharField(
        label=_("Your username"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"]).removeprefix("@")
        if fold_username(username) != fold_username(self.person.username):
            raise ValidationError(
                _("Enter “%(username)s” to confirm."), params={"username": self.person.username}
            )
        return username

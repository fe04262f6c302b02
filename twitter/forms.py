"""What people fill in on the page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from twitter.models.text import storable_text
from twitter.models.tweets import LONGEST_TEXT


class TweetForm(forms.Form):
    text = forms.CharField(
        label=_("Your tweet"),
        max_length=LONGEST_TEXT,
        validators=[storable_text],
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": _("What is new?")}),
    )

"""What people fill in on the pages."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twitter import actions
from twitter.models import Media, User
from twitter.models.media import LONGEST_ALT, MOST_MEDIA
from twitter.models.people import LONGEST_ABOUT
from twitter.models.text import storable_text
from twitter.models.tweets import LONGEST_TEXT


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class ManyFiles(forms.FileField):
    """Any number of files, up to what a tweet may have."""

    widget = ManyFilesInput(attrs={"accept": "image/jpeg,image/png,image/gif,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [super(ManyFiles, self).clean(file, initial) for file in data or []]
        if len(files) > MOST_MEDIA:
            raise forms.ValidationError(_("A tweet has at most 10 pictures."))
        return files


class TweetForm(forms.Form):
    """A new tweet, with `pictures` as a plain form sends them, or `media` uploaded before."""

    text = forms.CharField(
        label=_("Your tweet"),
        required=False,
        max_length=LONGEST_TEXT,
        validators=[storable_text],
        # A link to #write leads right into it.
        widget=forms.Textarea(attrs={"id": "write", "rows": 3, "placeholder": _("What is new?")}),
    )
    pictures = ManyFiles(label=_("Pictures"), required=False)
    reply_to = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def uploaded_by(self, person: User) -> list[Media]:
        """Return the pictures that were uploaded before, in their order, each with its description.

        Raises ValidationError if one is not there or somebody else's.
        """
        data = cast(QueryDict, self.data)
        ids = [each for each in data.getlist("media") if each.isdecimal()][: MOST_MEDIA + 1]
        mine = {
            str(each.pk): each for each in Media.objects.unclaimed_by(person).filter(pk__in=ids)
        }
        media = [mine[each] for each in ids if each in mine]
        if len(media) < len(ids):
            raise forms.ValidationError(_("A picture is gone. Please add it again."))
        for each in media:
            each.alt = storable_alt(data.get(f"alt-{each.pk}", ""))
            each.save(update_fields=["alt"])
        return media


class ReplyForm(TweetForm):
    """A tweet under another one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Your reply")
        self.fields["text"].widget.attrs |= {"id": "reply", "placeholder": _("Your reply")}


def storable_alt(text: str) -> str:
    storable_text(text)
    return text.strip()[:LONGEST_ALT]


class EditForm(forms.Form):
    text = forms.CharField(
        label=_("Your tweet"),
        required=False,
        max_length=LONGEST_TEXT,
        validators=[storable_text],
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class HideForm(forms.Form):
    reason = forms.CharField(
        label=_("Why?"), max_length=300, help_text=_("Staff see it in the admin.")
    )


class ProfileForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=100)
    about = forms.CharField(
        label=_("About you"),
        required=False,
        max_length=LONGEST_ABOUT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    avatar = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/gif,image/webp"}),
    )

    def save(self, person: User) -> None:
        """Change the profile; ValidationError if something in it cannot be taken."""
        cleaned = self.cleaned_data
        if cleaned["avatar"]:
            actions.upload_avatar(person, cleaned["avatar"])
        actions.change_profile(person, name=cleaned["name"], about=cleaned["about"])


class KeyForm(forms.Form):
    name = forms.CharField(max_length=100, validators=[storable_text])

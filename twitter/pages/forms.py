"""Forms of the pages."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twitter import actions
from twitter.models import Media, User
from twitter.models.keys import EVERY_SCOPE, OFFERED_SCOPES
from twitter.models.media import MAX_ALT_LENGTH, MAX_MEDIA
from twitter.models.people import MAX_ABOUT_LENGTH
from twitter.models.tweets import MAX_TEXT_LENGTH
from twitter.text.normal import normalize, normalize_name, storable_text


class NormalizedField(forms.CharField):
    """A text that is normalised before its length is validated."""

    def to_python(self, value: Any) -> str:
        return normalize(super().to_python(value) or "")


class NameField(NormalizedField):
    def to_python(self, value: Any) -> str:
        return normalize_name(super().to_python(value))


class TweetField(NormalizedField):
    """The text of a tweet.

    A script shows the remaining length, since `maxlength` of browsers counts UTF-16 units.
    """

    def __init__(self, *, widget: forms.Textarea, **options: Any) -> None:
        super().__init__(
            label=_("Your tweet"),
            required=False,
            max_length=MAX_TEXT_LENGTH,
            validators=[storable_text],
            widget=widget,
            **options,
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            "data-most": MAX_TEXT_LENGTH,
            "data-over": _("Too long. Characters to remove: {count}."),
        }


# Some systems recognise HEIC and AVIF only by the file extension.
PICTURE_KINDS = (
    "image/jpeg,image/png,image/gif,image/webp,image/heic,image/heif,image/avif,.heic,.heif,.avif"
)


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class ManyFiles(forms.FileField):
    """Up to as many files as a tweet may have."""

    widget = ManyFilesInput(attrs={"accept": PICTURE_KINDS})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [super(ManyFiles, self).clean(file, initial) for file in data or []]
        if len(files) > MAX_MEDIA:
            raise forms.ValidationError(_("A tweet has at most 10 pictures."))
        return files


class TweetForm(forms.Form):
    """A new tweet, with files in `pictures` (without scripts) or ids of uploads in `media`."""

    # Links to #write focus the field.
    text = TweetField(
        widget=forms.Textarea(attrs={"id": "write", "rows": 3, "placeholder": _("What is new?")})
    )
    pictures = ManyFiles(label=_("Pictures"), required=False)
    reply_to = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def uploaded_by(self, person: User) -> list[Media]:
        """Return the uploads that `media` lists, after storing their descriptions.

        Raises ValidationError if one does not exist, belongs to someone else or is posted already.
        """
        data = cast(QueryDict, self.data)
        ids = [each for each in data.getlist("media") if each.isdecimal() and len(each) < 19][
            : MAX_MEDIA + 1
        ]
        mine = {
            str(each.pk): each for each in Media.objects.unclaimed_by(person).filter(pk__in=ids)
        }
        media = [mine[each] for each in ids if each in mine]
        if len(media) < len(ids):
            raise forms.ValidationError(_("A picture is no longer available. Add it again."))
        for each in media:
            each.alt = storable_alt(data.get(f"alt-{each.pk}", ""))
            each.save(update_fields=["alt"])
        return media


class ReplyForm(TweetForm):
    """A reply to a tweet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Your reply")
        self.fields["text"].widget.attrs |= {"id": "reply", "placeholder": _("Your reply")}


def storable_alt(text: str) -> str:
    storable_text(text)
    return normalize(text)[:MAX_ALT_LENGTH]


class EditForm(forms.Form):
    text = TweetField(widget=forms.Textarea(attrs={"rows": 6}))


class HideForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Shown to staff in the admin.")
    )


class ProfileForm(forms.Form):
    name = NameField(label=pgettext_lazy("of a person", "Name"), max_length=100)
    about = NormalizedField(
        label=_("About you"),
        required=False,
        max_length=MAX_ABOUT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    avatar = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": PICTURE_KINDS}),
    )

    def save(self, person: User) -> None:
        """Change the profile. Raises ValidationError or StorageError."""
        cleaned = self.cleaned_data
        if cleaned["avatar"]:
            actions.upload_avatar(person, cleaned["avatar"])
        actions.change_profile(person, name=cleaned["name"], about=cleaned["about"])


class KeyForm(forms.Form):
    """What a new API key is for, what it allows, and for how many days."""

    name = forms.CharField(
        label=_("What is the key for?"), max_length=100, validators=[storable_text]
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may be used to"),
        choices=OFFERED_SCOPES,
        widget=forms.CheckboxSelectMultiple,
        initial=[scope for scope, _label in OFFERED_SCOPES],
        error_messages={"required": _("Choose at least one thing that the key may be used to do.")},
    )
    days = forms.TypedChoiceField(
        label=_("It is valid"),
        choices=[
            (0, _("until revoked")),
            (30, _("30 days")),
            (90, _("90 days")),
            (365, _("1 year")),
        ],
        coerce=int,
        required=False,
    )

    def limits(self) -> dict[str, Any]:
        """Return `scopes` and `expires_at` of the key. Who chooses all scopes means every one."""
        chosen, days = self.cleaned_data["scopes"], self.cleaned_data["days"]
        has_all = len(chosen) == len(OFFERED_SCOPES)
        return {
            "scopes": EVERY_SCOPE if has_all else " ".join(chosen),
            "expires_at": timezone.now() + timedelta(days=days) if days else None,
        }

"""The form of the page."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tts import engines
from tts.actions import is_storable
from tts.synthesis import Wish

SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
LANGUAGES = {"ru": _("Russian"), "en": _("English")}


class SayForm(forms.Form):
    """What to say, by whom, how fast. Whether it can be said is for `request_speech` to tell."""

    text = forms.CharField(label=_("What to say"), widget=forms.Textarea(attrs={"rows": 4}))
    voice = forms.ChoiceField(label=_("Voice"), required=False)
    speed = forms.TypedChoiceField(
        label=_("Speed"),
        coerce=float,
        initial=1.0,
        choices=[(speed, f"{speed:g}×") for speed in SPEEDS],
    )
    is_ssml = forms.BooleanField(label=_("The text is SSML"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["voice"].choices = voice_choices()  # type: ignore[attr-defined]  # a ChoiceField
        text = self.fields["text"].widget.attrs
        text["maxlength"] = settings.TTS_MAX_CHARACTERS
        text["placeholder"] = _("Write or paste a text…")

    def clean_text(self) -> str:
        # A browser sends line ends as two characters each, and counts them as one.
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        if not is_storable(text):
            raise forms.ValidationError(_("This is no text."))
        return text

    def wish(self) -> Wish:
        given = self.cleaned_data
        return Wish(given["text"], given["is_ssml"], voice=given["voice"], speed=given["speed"])


def voice_choices() -> list[Any]:
    """Return the voices by language, after the choice to let the text decide."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for voice in engines.voices():
        language = str(LANGUAGES.get(voice.language, voice.language))
        groups.setdefault(language, []).append((voice.name, voice.label))
    return [("", _("The best one for the text")), *groups.items()]

"""The form of the page /tts/."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tts import engines
from tts.actions import is_storable
from tts.synthesis import SpeechSpec
from tts.text.ssml import is_markup

SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
LANGUAGES = {"ru": _("Russian"), "en": _("English")}


class SayForm(forms.Form):
    """Text, voice and speed. `request_speech` validates whether the text can be spoken."""

    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 4}))
    voice = forms.ChoiceField(label=_("Voice"), required=False)
    speed = forms.TypedChoiceField(
        label=_("Speed"),
        coerce=float,
        initial=1.0,
        choices=[(speed, f"{speed:g}×") for speed in SPEEDS],
    )
    is_ssml = forms.BooleanField(label=_("The text is SSML markup"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["voice"].choices = voice_choices()  # type: ignore[attr-defined]  # a ChoiceField
        text = self.fields["text"].widget.attrs
        text["maxlength"] = settings.TTS_MAX_CHARACTERS
        text["placeholder"] = _("Write or paste a text…")

    def clean_text(self) -> str:
        # Browsers send line breaks as CRLF, but count each as one character.
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        if not is_storable(text):
            raise forms.ValidationError(_("The text contains characters that cannot be stored."))
        return text

    def spec(self) -> SpeechSpec:
        given = self.cleaned_data
        is_ssml = given["is_ssml"] or is_markup(given["text"])
        return SpeechSpec(given["text"], is_ssml, voice=given["voice"], speed=given["speed"])


def voice_choices() -> list[Any]:
    """Return the voices grouped by language, after the automatic choice."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for voice in engines.voices():
        language = str(LANGUAGES.get(voice.language, voice.language))
        groups.setdefault(language, []).append((voice.name, voice.label))
    return [("", _("Automatic, by language")), *groups.items()]

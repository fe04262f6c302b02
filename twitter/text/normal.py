"""Normalising texts for storage and folding them for comparison."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from core.text.visibility import is_blank
from twitter.text.characters import may_be_in_name

LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Without NUL, which storable_text rejects.
CONTROL = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
# Stress marks on Cyrillic letters (й and ё are single characters in NFC), and invisible marks: the
# grapheme joiner and variation selectors.
UNCOMPARED = re.compile("(?<=[\u0400-\u052f])[\u0300\u0301]|[\u034f\ufe00-\ufe0f]")
HANDLE_IN_NAME = re.compile(r"(?<!\w)[@＠﹫]\w")
# Joiners and variation selectors, which emoji and other scripts need, are invisible after letters
# of these alphabets. The other characters are always invisible.
HIDDEN_IN_NAME = re.compile(
    "(?:^|[\\sA-Za-z\u00c0-\u024f\u0300-\u036f\u0370-\u052f])[\u200c\u200d\ufe00-\ufe0f]"
    "|[\u034f\u180b-\u180f\U000e0100-\U000e01ef]"
)

# NUL and lone surrogates are valid in JSON, but databases cannot store them.
storable_text = RegexValidator(
    r"[\x00\ud800-\udfff]", _("The text has characters that cannot be stored."), inverse_match=True
)


def normalize(text: str) -> str:
    """Return the stored form of a text: NFC, LF line endings, no surrounding white space.

    Control characters and directional overrides and embeddings are removed. Joiners, directional
    marks and isolates stay: emoji, Persian, Arabic and Hebrew need them.
    """
    return _canonical(CONTROL.sub("", LINE_BREAK.sub("\n", text)))


def normalize_name(name: str) -> str:
    """Return the stored form of a person's name: NFC, single spaces between words."""
    return re.sub(r"[^\S\n]+", " ", _canonical(LINE_BREAK.sub("\n", name)))


def _canonical(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def fold(text: str) -> str:
    """Return the form that tags, names and search compare: without case and stress, ё as е."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return UNCOMPARED.sub("", folded.replace("ё", "е"))


def fold_username(username: str) -> str:
    """Return the form of a username that look-ups compare: NFKC without case.

    Unlike in `fold`, ё and е stay different letters.
    """
    folded = unicodedata.normalize("NFKC", username).casefold()
    return unicodedata.normalize("NFKC", folded)


def visible_text(text: str) -> None:
    """Raise ValidationError for a text without visible characters."""
    if is_blank(text):
        raise ValidationError(_("The text has no visible characters."), code="invisible")


def honest_name(name: str) -> None:
    """Raise ValidationError for a name that is invisible or could imitate another one.

    Invisible characters make two names look alike, directional overrides reverse them, and a word
    with @ looks like a username.
    """
    visible_text(name)
    if HIDDEN_IN_NAME.search(name) or not all(map(may_be_in_name, name)):
        raise ValidationError(
            _("A name cannot have invisible characters, line breaks or text direction marks."),
            code="hidden_characters",
        )
    if HANDLE_IN_NAME.search(name):
        raise ValidationError(
            _("A word in a name cannot begin with @: it would look like a username."),
            code="username_in_name",
        )

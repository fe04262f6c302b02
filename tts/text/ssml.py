"""SSML (W3C, 1.1), the part of it that is the same with every engine.

`speak`, `p`, `s`, `break`, `sub`, `say-as`, `prosody`, `emphasis` and `voice`. There are no
entities but XML's own five, and no document type: what cannot be written cannot expand.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from xml.parsers import expat

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tts.errors import BadMarkup
from tts.text.faults import BadValue, Words, not_among, words_of
from tts.text.prosody import pause, rate, relative_pitch, volume
from tts.text.say_as import WAYS
from tts.text.script import Manner, Pause, Script, Utterance

DEEPEST = 32
SENTENCE_PAUSE, PARAGRAPH_PAUSE = 0.2, 0.5
LANGUAGES = ("ru", "en")
EMPHASIS = {
    "strong": (0.85, 1.3),
    "moderate": (0.92, 1.15),
    "none": (1.0, 1.0),
    "reduced": (1.08, 0.85),
}
# Attributes that say nothing about speech and stand on every document that a tool has written.
PASSED_OVER = ("xmlns", "version", "xml:base", "xml:space")

Attributes = Mapping[str, str]


def parse(markup: str) -> Script:
    """Return what the markup says; raises `BadMarkup` with the place, and nothing else."""
    return Parser().parse(markup)


class Parser:
    """Follows expat through the elements, with the manner of each kept on a stack."""

    def __init__(self) -> None:
        # Whatever encoding the markup names: it was decoded by whoever received it.
        self._expat = expat.ParserCreate("utf-8")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._script: Script = []
        self._manners = [Manner()]
        # Text inside of <sub> is written, its alias is said.
        self._hidden = 0

    def parse(self, markup: str) -> Script:
        try:
            self._expat.Parse(markup.encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError as error:
            raise BadMarkup(error.lineno, error.offset + 1, words_of(error)) from None
        return self._script

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._manners) > DEEPEST:
            deep = _("more than {most} elements inside of each other")
            raise self._bad(format_lazy(deep, most=DEEPEST))
        if (name == "speak") != (len(self._manners) == 1):
            raise self._bad(_("the outermost element, and no other, is <speak>"))
        if name not in ELEMENTS:
            alien = _("<{name}> is not known; known are {known}")
            raise self._bad(format_lazy(alien, name=name, known=", ".join(sorted(ELEMENTS))))
        open_element, allowed = ELEMENTS[name]
        own = {key: value for key, value in attributes.items() if not passed_over(key)}
        if unknown := own.keys() - set(allowed):
            alien = _("<{name}> has no attribute {attribute}")
            raise self._bad(format_lazy(alien, name=name, attribute=min(unknown)))
        try:
            self._manners.append(open_element(self, own))
        except BadValue as error:
            raise self._bad(error.what) from None

    def _end(self, name: str) -> None:
        self._manners.pop()
        if name == "sub":
            self._hidden -= 1
        if name in ("p", "s"):
            self._pause(PARAGRAPH_PAUSE if name == "p" else SENTENCE_PAUSE)

    def _text(self, text: str) -> None:
        if self._hidden:
            return
        last = self._script[-1] if self._script else None
        if isinstance(last, Utterance) and last.manner == self._manner:
            self._script[-1] = replace(last, text=last.text + text)
        elif text.strip():
            self._script.append(Utterance(text, self._manner))

    def _doctype(self, *declared: object) -> None:
        raise self._bad(_("a document type is not allowed"))

    @property
    def _manner(self) -> Manner:
        return self._manners[-1]

    def _bad(self, what: Words) -> BadMarkup:
        return BadMarkup(self._expat.CurrentLineNumber, self._expat.CurrentColumnNumber + 1, what)

    def _pause(self, seconds: float) -> None:
        """Pause once at the seam of sentences and paragraphs, for the longer of two."""
        if self._script and isinstance(last := self._script[-1], Pause):
            seconds = max(seconds, last.seconds)
            self._script.pop()
        if self._script:
            self._script.append(Pause(seconds))

    # What the elements do when they open: each returns the manner inside of it.

    def _plain(self, attributes: Attributes) -> Manner:
        return replace(self._manner, language=self._language(attributes))

    def _block(self, attributes: Attributes) -> Manner:
        if self._script and not isinstance(self._script[-1], Pause):
            self._pause(SENTENCE_PAUSE)
        return self._plain(attributes)

    def _break(self, attributes: Attributes) -> Manner:
        self._script.append(Pause(pause(attributes)))
        return self._manner

    def _sub(self, attributes: Attributes) -> Manner:
        if "alias" not in attributes:
            raise BadValue(_("<sub> needs an alias"))
        self._text(attributes["alias"])
        self._hidden += 1
        return self._manner

    def _say_as(self, attributes: Attributes) -> Manner:
        way = attributes.get("interpret-as", "")
        if way not in WAYS:
            raise not_among("interpret-as", sorted(WAYS))
        return replace(self._manner, says_as=way)

    def _prosody(self, attributes: Attributes) -> Manner:
        manner = self._manner
        return replace(
            manner,
            rate=manner.rate * rate(attributes.get("rate", "medium")),
            pitch=manner.pitch * relative_pitch(attributes.get("pitch", "medium")),
            volume=manner.volume * volume(attributes.get("volume", "medium")),
        )

    def _emphasis(self, attributes: Attributes) -> Manner:
        level = attributes.get("level", "moderate")
        if level not in EMPHASIS:
            raise not_among("level", EMPHASIS)
        slower, louder = EMPHASIS[level]
        manner = self._manner
        return replace(manner, rate=manner.rate * slower, volume=manner.volume * louder)

    def _voice(self, attributes: Attributes) -> Manner:
        name = attributes.get("name", self._manner.voice).lower()
        return replace(self._plain(attributes), voice=name)

    def _language(self, attributes: Attributes) -> str:
        if "xml:lang" not in attributes:
            return self._manner.language
        language = attributes["xml:lang"].partition("-")[0].lower()
        if language not in LANGUAGES:
            raise not_among("xml:lang", LANGUAGES)
        return language


Opening = Callable[[Parser, Attributes], Manner]

ELEMENTS: dict[str, tuple[Opening, tuple[str, ...]]] = {
    "speak": (Parser._plain, ("xml:lang",)),
    "p": (Parser._block, ("xml:lang",)),
    "s": (Parser._block, ("xml:lang",)),
    "break": (Parser._break, ("time", "strength")),
    "sub": (Parser._sub, ("alias",)),
    "say-as": (Parser._say_as, ("interpret-as", "format", "detail")),
    "prosody": (Parser._prosody, ("rate", "pitch", "volume")),
    "emphasis": (Parser._emphasis, ("level",)),
    "voice": (Parser._voice, ("name", "xml:lang")),
}


def passed_over(name: str) -> bool:
    return name in PASSED_OVER or name.startswith(("xmlns:", "xsi:"))

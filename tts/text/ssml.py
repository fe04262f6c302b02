"""A parser for the part of SSML 1.1 (W3C) that means the same with every engine.

The elements are `speak`, `p`, `s`, `break`, `sub`, `say-as`, `prosody`, `emphasis` and `voice`.
Document types and custom entities are refused, so entities cannot expand.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from xml.parsers import expat
from xml.sax.saxutils import escape

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tts.errors import BadMarkup
from tts.text.faults import BadValue, Words, not_among, words_of
from tts.text.prosody import pause, rate, relative_pitch, volume
from tts.text.say_as import WAYS
from tts.text.script import Manner, Pause, Script, Utterance

MAX_DEPTH = 32
SENTENCE_PAUSE, PARAGRAPH_PAUSE = 0.2, 0.5
LANGUAGES = ("ru", "en")
EMPHASIS = {
    "strong": (0.85, 1.3),
    "moderate": (0.92, 1.15),
    "none": (1.0, 1.0),
    "reduced": (1.08, 0.85),
}
# Attributes without a meaning for speech, which tools write into every document.
IGNORED_ATTRIBUTES = ("xmlns", "version", "xml:base", "xml:space")

# The beginning of texts that are meant as markup, valid or not; <speaker> is not.
BEGINNING = re.compile(
    r"[\s\ufeff]*(?:<\?xml[^>]*>\s*)?<(?:speak(?![\w:.-])|!DOCTYPE\s+speak\b)", re.IGNORECASE
)
ROOT = re.compile(r"""<speak((?:[^>"']|"[^"]*"|'[^']*')*)>""")
# Control characters that are not allowed in XML, not even escaped.
NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Attributes = Mapping[str, str]


def is_markup(text: str) -> bool:
    """Return whether a text begins like SSML."""
    return BEGINNING.match(text) is not None


def join(texts: Iterable[str]) -> str:
    """Return one document with each text, plain or SSML, as a paragraph.

    Raises `BadMarkup` with line and column in the invalid text.
    """
    return f"<speak>{''.join(map(as_paragraphs, texts))}</speak>"


def as_paragraphs(text: str) -> str:
    if not is_markup(text):
        plain = escape(NO_XML.sub(" ", text))
        return "".join(f"<p>{part}</p>" for part in plain.split("\n\n") if part.strip())
    parse(text)
    root = ROOT.search(text)
    if root is None or root[1].endswith("/"):
        return ""
    return f"<p{root[1]}>{text[root.end() : text.rindex('</speak')]}</p>"


def parse(markup: str) -> Script:
    """Return the script of the markup; raises only `BadMarkup`, with line and column."""
    return Parser().parse(markup)


class Parser:
    """Handles the events of expat, with a stack of the manners of the open elements."""

    def __init__(self) -> None:
        # Overrides the encoding in the XML declaration: the markup is decoded already.
        self._expat = expat.ParserCreate("utf-8")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._script: Script = []
        self._manners = [Manner()]
        # Text inside <sub> is not spoken; its alias is.
        self._hidden = 0

    def parse(self, markup: str) -> Script:
        try:
            self._expat.Parse(markup.encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError as error:
            raise BadMarkup(error.lineno, error.offset + 1, words_of(error)) from None
        return self._script

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._manners) > MAX_DEPTH:
            deep = _("elements are nested more than {most} levels deep")
            raise self._bad(format_lazy(deep, most=MAX_DEPTH))
        if (name == "speak") != (len(self._manners) == 1):
            raise self._bad(_("<speak> must be the outermost element and cannot be nested"))
        if name not in ELEMENTS:
            alien = _("unknown element <{name}>; supported elements: {known}")
            raise self._bad(format_lazy(alien, name=name, known=", ".join(sorted(ELEMENTS))))
        open_element, allowed = ELEMENTS[name]
        own = {key: value for key, value in attributes.items() if not is_ignored(key)}
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
        raise self._bad(_("a document type declaration is not allowed"))

    @property
    def _manner(self) -> Manner:
        return self._manners[-1]

    def _bad(self, what: Words) -> BadMarkup:
        return BadMarkup(self._expat.CurrentLineNumber, self._expat.CurrentColumnNumber + 1, what)

    def _pause(self, seconds: float) -> None:
        """Pause between sentences or paragraphs; of two adjacent pauses the longer one remains."""
        if self._script and isinstance(last := self._script[-1], Pause):
            seconds = max(seconds, last.seconds)
            self._script.pop()
        if self._script:
            self._script.append(Pause(seconds))

    # Handlers of opening elements. Each returns the manner inside the element.

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


def is_ignored(name: str) -> bool:
    return name in IGNORED_ATTRIBUTES or name.startswith(("xmlns:", "xsi:"))

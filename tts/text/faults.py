"""Messages about invalid markup, translated when they are shown."""

from collections.abc import Iterable
from xml.parsers.expat import ExpatError, errors

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Words = str | Promise

NOT_XML = _("this is not well-formed XML")
FAULTS = {
    errors.XML_ERROR_SYNTAX: _("the markup must begin with <speak>"),
    errors.XML_ERROR_NO_ELEMENTS: _("the end tag </speak> is missing"),
    errors.XML_ERROR_INVALID_TOKEN: _(
        "this character is not allowed here; write & as &amp; and < as &lt;"
    ),
    errors.XML_ERROR_UNCLOSED_TOKEN: _("what begins here is not closed, for example by > or -->"),
    errors.XML_ERROR_TAG_MISMATCH: _("the closing tag does not match the open element"),
    errors.XML_ERROR_DUPLICATE_ATTRIBUTE: _("the attribute is given twice"),
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: _("nothing is allowed after </speak>"),
    errors.XML_ERROR_UNDEFINED_ENTITY: _(
        "unknown entity; only &amp; &lt; &gt; &quot; and &apos; are defined"
    ),
    errors.XML_ERROR_BAD_CHAR_REF: _("there is no character with this number"),
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION: _("the CDATA section is not closed by ]]>"),
    errors.XML_ERROR_MISPLACED_XML_PI: _(
        "an XML declaration is allowed only at the very beginning"
    ),
    errors.XML_ERROR_XML_DECL: _("the XML declaration is malformed"),
}


class BadValue(Exception):
    """An attribute has an invalid value; `what` describes the valid ones."""

    def __init__(self, what: Words) -> None:
        super().__init__(what)
        self.what = what


def not_among(name: str, words: Iterable[str]) -> BadValue:
    wrong = _("{name} must be one of {words}")
    return BadValue(format_lazy(wrong, name=name, words=", ".join(words)))


def words_of(error: ExpatError) -> Words:
    """Return the message for an error of expat, whose own messages are not translated."""
    return FAULTS.get(errors.messages[error.code], NOT_XML)

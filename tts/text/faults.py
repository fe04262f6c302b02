"""What can be wrong with markup, in words that are translated when they are read."""

from collections.abc import Iterable
from xml.parsers.expat import ExpatError, errors

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Words = str | Promise

NOT_XML = _("this is not well-formed XML")
FAULTS = {
    errors.XML_ERROR_SYNTAX: _("markup begins with <speak>"),
    errors.XML_ERROR_NO_ELEMENTS: _("the markup ends before </speak>"),
    errors.XML_ERROR_INVALID_TOKEN: _(
        "this character may not stand here; & is written as &amp; and < as &lt;"
    ),
    errors.XML_ERROR_UNCLOSED_TOKEN: _("what begins here has no end, such as > or -->"),
    errors.XML_ERROR_TAG_MISMATCH: _("another element is open than the one that ends here"),
    errors.XML_ERROR_DUPLICATE_ATTRIBUTE: _("the same attribute stands here twice"),
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: _("nothing may follow </speak>"),
    errors.XML_ERROR_UNDEFINED_ENTITY: _(
        "there is no such entity; there are &amp; &lt; &gt; &quot; and &apos;"
    ),
    errors.XML_ERROR_BAD_CHAR_REF: _("there is no character of this number"),
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION: _("the CDATA section has no end, which is ]]>"),
    errors.XML_ERROR_MISPLACED_XML_PI: _("an XML declaration stands at the very beginning"),
    errors.XML_ERROR_XML_DECL: _("the XML declaration is wrong"),
}


class BadValue(Exception):
    """An attribute has a value that means nothing; `what` says what it may be."""

    def __init__(self, what: Words) -> None:
        super().__init__(what)
        self.what = what


def not_among(name: str, words: Iterable[str]) -> BadValue:
    wrong = _("{name} must be one of {words}")
    return BadValue(format_lazy(wrong, name=name, words=", ".join(words)))


def words_of(error: ExpatError) -> Words:
    """Say what expat found, whose own words are English ones for programmers."""
    return FAULTS.get(errors.messages[error.code], NOT_XML)

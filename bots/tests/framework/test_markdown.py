import re
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bots.framework.api import markdown as md

# The same reader as in the page of the sandbox.
reader = MarkdownIt("default", {"html": False, "breaks": True, "linkify": False})
texts = st.text(
    st.one_of(st.sampled_from("*_`~[]()<>#+-=!|\\&;@.: \n\r1a"), st.characters(codec="utf-8"))
)


def shown(markdown: str) -> str:
    html = reader.render(markdown)
    return words(unescape(re.sub(r"<[^>]*>", "", html)).replace("\u2060", ""))


def words(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]", "", text).split())


@given(texts)
def test_what_is_escaped_is_shown_as_it_was_typed(text: Any) -> None:
    assert shown(md.escape(text)) == words(text)


@given(texts)
def test_what_is_escaped_has_no_markup(text: Any) -> None:
    html = reader.render(md.escape(text))

    assert set(re.findall(r"<(/?\w+)", html)) <= {"p", "/p", "br"}


@given(texts)
def test_nothing_gets_out_of_bold_and_code(text: Any) -> None:
    assert shown(md.bold(text)) == words(text)
    assert shown(md.code(text)) == words(text)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (md.bold("a*b"), "**a\\*b**"),
        (md.bold("a ", md.italic("b")), "**a _b_**"),
        (md.italic(" spaced "), " _spaced_ "),
        (md.code("a`b"), "``a`b``"),
        (md.pre("x = 1", "python"), "```python\nx = 1\n```"),
        (md.link("a]b", "https://x.ru/(1)"), "[a\\]b](https://x.ru/%281%29)"),
        (md.link("click", "javascript:alert(1)"), "click"),
        (md.mention(7), "<@7>"),
        (md.quote("a\n#b"), "> a\n> \\#b"),
        (md.bullets(["a", md.bold("b")]), "* a\n* **b**"),
        (md.Markup("**{}**").format("*"), "**\\***"),
        (md.Markup("**%s**") % "_", "**\\_**"),
        (md.bold("a") + "_", "**a**\\_"),
        (md.lines("a_", "b"), "a\\_\nb"),
        (md.lines(md.quote("a"), "b", md.bullets(["c"])), "> a\n\nb\n* c"),
        (md.lines(md.lines("a", md.quote("b")), "c"), "a\n> b\n\nc"),
        (md.escape("@all"), "@\u2060all"),
    ],
)
def test_helpers_escape_what_they_are_given(markup: Any, expected: str) -> None:
    assert markup == expected

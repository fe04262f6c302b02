"""A text is split into spans by one parser, whatever is done with them."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter.text.normal import normalize
from twitter.text.spans import (
    MAX_TAG_LENGTH,
    Kind,
    mentioned_usernames,
    parse,
    shorten,
    tags,
)

PIECES = [
    "https://x.ru/a",
    "www.x.ru",
    "@vera",
    "#тег",
    "ssh://",
    "(",
    ")",
    "»",
    ",",
    ".",
    " ",
    "\n",
]
TEXTS = st.one_of(
    st.text(), st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)
)


def of_kind(kind: Any, text: Any) -> Any:
    return [span.text for span in parse(text) if span.kind is kind]


@given(TEXTS)
def test_the_spans_cover_the_text_exactly(text: Any) -> None:
    spans = parse(text)

    assert "".join(span.text for span in spans) == text
    assert all(span.text for span in spans)


@given(TEXTS.filter(lambda text: not any(map(str.isspace, text))), st.sampled_from("#@"))
def test_nothing_inside_an_address_is_a_mention_or_a_tag(inside: Any, sign: Any) -> None:
    address = f"https://x.ru/{inside}"
    link = parse(address)[0]

    assert link.kind is Kind.LINK
    assert parse(f"{link.text}{sign}vera") == [
        link.__class__(Kind.LINK, *[f"{link.text}{sign}vera"] * 2)
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://x.ru/a;#b",
        "https://x.ru/~#frag",
        "https://x.ru/!#frag",
        "https://medium.com/p?x=,@vera",
        "https://ru.wikipedia.org/wiki/Б_(язык)",
        "HTTPS://EXAMPLE.RU",
        "http://[::1]:8000/",
        "https://пример.рф/путь?а=б",
    ],
)
def test_an_address_is_one_link(address: str) -> None:
    assert [(span.kind, span.target) for span in parse(address)] == [(Kind.LINK, address)]


@pytest.mark.parametrize(
    "text",
    [
        "‘{}’",
        "{}›",
        "{}!»",
        "`{}`",
        "({}), и",
        "[{}]",
        "[текст]({}),#тег",
        "«{}»",
        '"{}".',
        "см. {}…",
        "вот:{}?!",
        "1.{}",
        "{}\u3000да",
    ],
)
def test_quotes_and_punctuation_around_an_address_are_no_part_of_it(text: str) -> None:
    address = "https://example.ru/p"

    assert of_kind(Kind.LINK, text.format(address)) == [address]


def test_an_address_that_begins_with_www_is_a_link_with_a_scheme() -> None:
    spans = parse("Смотри WWW.example.ru/a#b, а www.nothing нет")

    assert [(span.text, span.target) for span in spans if span.kind is Kind.LINK] == [
        ("WWW.example.ru/a#b", "https://WWW.example.ru/a#b")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "git+ssh://vera@host/a,#b",
        "postgres://,@vera/db",
        "javascript://,@vera;#b",
        "ivan@example.org",
        "a/@vera",
        "C#sharp",
        "/#top",
        "##два",
        "#2024",
        "#1\ufe0f\u20e3",
        "#_",
        "@",
        "@@vera",
        "@ve\u0301ra",
        "@" + "a" * 151,
        "#" + "а" * 101,
        "http://#тег",
        "www.",
    ],
)
def test_what_only_resembles_a_link_a_mention_or_a_tag_is_text(text: Any) -> None:
    assert {span.kind for span in parse(text)} == {Kind.TEXT}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("#Ёлка #елка", ["елка"]),
        ("#за\u0301мок и #замок", ["замок"]),
        (normalize("#cafe\u0301"), ["café"]),
        ("#हिन्दी!", ["हिन्दी"]),
        ("#STRASSE #straße", ["strasse"]),
        ("(#раз),#два.#три", ["раз", "два", "три"]),
        ("#" + "İ" * 60, []),
        ("#" + "İ" * 50, ["i̇" * 50]),
    ],
)
def test_tags_are_compared_without_case_yo_and_stress_and_fit_their_column(
    text: Any, names: Any
) -> None:
    assert tags(parse(text)) == names
    assert all(len(name) <= MAX_TAG_LENGTH for name in names)


@pytest.mark.parametrize(
    ("text", "usernames"),
    [
        ("Спасибо, @Vera.", {"vera.", "vera"}),
        ("«@Олег», @ОЛЕГ!", {"олег"}),
        ("@ivan@example.org", {"ivan@example.org"}),
        ("(@vera)@oleg", {"vera", "oleg"}),
        ("@STRASSE и @straße", {"strasse"}),
        ("@123", {"123"}),
    ],
)
def test_usernames_are_found_folded(text: str, usernames: Any) -> None:
    assert mentioned_usernames(parse(text)) == usernames


@pytest.mark.parametrize(
    "piece",
    [
        "http://a)",
        "a",
        "@",
        "#",
        "@a ",
        "a+",
        "www.",
        "http://",
        "http://x(",
        ".",
        "#a",
        "@a.",
        "://",
    ],
)
def test_time_is_linear_on_hostile_texts(piece: str) -> None:
    def seconds(length: Any) -> Any:
        text = (piece * length)[:length]
        start = time.process_time()
        parse(text)
        return time.process_time() - start

    short = min(seconds(5_000) for _ in range(3))

    # Were it quadratic, ten times the text would take a hundred times as long.
    assert min(seconds(50_000) for _ in range(3)) < 40 * short + 0.05


@pytest.mark.parametrize(
    ("length", "beginning"),
    [(3, "раз…"), (7, "раз два…"), (9, "раз два …"), (25, "раз два https://x.ru/a да")],
)
def test_a_text_is_shortened_but_no_link_in_it(length: int, beginning: str) -> None:
    spans = shorten(parse("раз два https://x.ru/a да"), length)

    assert "".join(span.text for span in spans) == beginning

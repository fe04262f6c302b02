"""SSML in, a script out, or a error that says where."""

import re
from contextlib import suppress
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tts import engines
from tts.engines.engine import Engine, Line
from tts.errors import BadMarkup, message_for
from tts.synthesis.planning import plan
from tts.tests.tone import ToneEngine
from tts.text.faults import FAULTS, NOT_XML
from tts.text.script import Manner, Pause, Script, Utterance
from tts.text.ssml import ELEMENTS, is_markup, join, parse


def test_text_and_pauses_come_in_order() -> None:
    script = parse('<speak>Раз<break time="500ms"/>два<break time="1.5s"/></speak>')

    assert script == [Utterance("Раз"), Pause(0.5), Utterance("два"), Pause(1.5)]


def test_sentences_and_paragraphs_are_parted_by_the_longer_pause() -> None:
    script = parse("<speak><p><s>Раз.</s><s>Два.</s></p><p>Три.</p></speak>")

    assert script == [
        Utterance("Раз."), Pause(0.2), Utterance("Два."), Pause(0.5), Utterance("Три."), Pause(0.5),
    ]  # fmt: skip


def test_an_alias_is_said_instead_of_what_is_written() -> None:
    (said,) = parse('<speak>Это <sub alias="Мировой океан">МО</sub>, да</speak>')

    assert said == Utterance("Это Мировой океан, да")


def test_manners_add_up_and_end_with_their_element() -> None:
    script = parse(
        '<speak>а<prosody rate="50%" pitch="+10%"><prosody rate="fast" volume="soft">б</prosody>'
        '</prosody><emphasis level="strong">в</emphasis>г</speak>'
    )

    assert [part.manner for part in script if isinstance(part, Utterance)] == [
        Manner(),
        Manner(rate=0.65, pitch=1.1, volume=0.6),
        Manner(rate=0.85, volume=1.3),
        Manner(),
    ]


def test_a_voice_and_a_language_can_be_asked_for() -> None:
    (said,) = parse('<speak><voice name="Slt" xml:lang="en-US">Hi</voice></speak>')

    assert said == Utterance("Hi", Manner(voice="slt", language="en"))


@pytest.mark.parametrize(
    ("way", "text", "said"),
    [
        ("characters", "НДС5", "эн, дэ, эс, пять"),
        ("digits", "2026", "два ноль два шесть"),
        ("cardinal", "2 026", "две тысячи двадцать шесть"),
        ("ordinal", "5", "пятый"),
        ("telephone", "12-345-67", "сто двадцать три, сорок пять, шестьдесят семь"),
        ("date", "21.11.2026", "двадцать первого ноября две тысячи двадцать шестого года"),
        ("time", "14:30", "четырнадцать тридцать"),
        ("currency", "5 ₽", "пять рублей"),
    ],
)
def test_say_as_says_in_that_way(way: str, text: str, said: str) -> None:
    script = parse(f'<speak xml:lang="ru"><say-as interpret-as="{way}">{text}</say-as></speak>')
    engine = ToneEngine()

    lines = [step.part for step in plan(script, engine, engine.voices()[0], 1.0)]

    assert "".join(line.text for line in lines if not isinstance(line, Pause)) == said


def spoken(markup: str, *, engine: Engine | None = None, voice: str = "") -> str:
    engine = engine or ToneEngine()
    own = next((it for it in engine.voices() if it.name == voice), engine.voices()[0])
    steps = plan(parse(markup), engine, own, 1.0)
    return "|".join(step.part.text.strip() for step in steps if isinstance(step.part, Line))


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("I have <emphasis>5</emphasis> apples", "I have|five|apples"),
        ('At <break time="1s"/>10:30', "At|ten thirty"),
        ("<p>Hello, everybody.</p><p>25</p>", "Hello, everybody.|twenty five"),
        (
            "<s>Наш сервер</s> <emphasis>Redis 7</emphasis> <s>упал</s>",
            "Наш сервер|Redis|семь|упал",
        ),
        ('Версия <say-as interpret-as="characters">v2</say-as>', "Версия|vee|, два"),
        ('Привет. <s xml:lang="en">5 apples</s> 5', "Привет.|five apples|пять"),
        ("5", "пять"),
    ],
)
def test_the_language_is_guessed_from_the_whole_document(inside: str, said: str) -> None:
    assert spoken(f"<speak>{inside}</speak>") == said


def test_without_letters_the_language_is_that_of_the_root() -> None:
    assert spoken('<speak xml:lang="en">5</speak>') == "five"


@pytest.mark.usefixtures("rhvoice")
def test_a_voice_that_markup_asks_for_brings_its_language() -> None:
    engine = engines.find("rhvoice")

    assert (
        spoken('<speak>Раз <voice name="slt">2</voice> 3</speak>', engine=engine) == "Раз|two|три"
    )
    assert spoken("<speak>5</speak>", engine=engine, voice="slt") == "five"


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("<speak>раз</speak>", True),
        ("<speak", True),
        (" \n<speak xml:lang='ru'>", True),
        ("\ufeff<speak/>", True),
        ("<?xml version='1.0'?>\n<speak>", True),
        ("<SPEAK>", True),
        ("<!DOCTYPE speak><speak>", True),
        ("<speaker> is an element", False),
        ("<speak-up>", False),
        ("a <speak>", False),
        ("< speak>", False),
        ("", False),
    ],
)
def test_markup_is_recognised_by_how_it_begins(text: str, is_so: bool) -> None:
    assert is_markup(text) is is_so


@pytest.mark.parametrize(
    ("texts", "script"),
    [
        (["раз", "<speak>два</speak>"], "раз два"),
        (["<?xml version='1.0'?><speak version='1.1' xmlns='urn:x'>5 &lt; 6</speak>"], "5 < 6"),
        (["a\x01b & c < d ]]>", "<speak/>"], "a b & c < d ]]>"),
        (["раз\n\nдва", "<speak xml:base='>'><p>три</p></speak>"], "раз два три"),
    ],
)
def test_plain_texts_and_documents_are_joined_into_one(texts: Any, script: str) -> None:
    joined = parse(join(texts))

    assert " ".join(part.text for part in joined if isinstance(part, Utterance)) == script


def test_what_is_wrong_in_a_joined_text_is_told_by_its_place_in_that_text() -> None:
    with pytest.raises(BadMarkup, match=r"^Line 1, column 8: unknown element <audio>"):
        join(["раз", "<speak><audio/></speak>"])


@pytest.mark.parametrize(
    ("markup", "line", "column", "what"),
    [
        ("", 1, 1, "the end tag </speak> is missing"),
        ("<speak>раз", 1, 11, "the end tag </speak> is missing"),
        ("просто текст", 1, 1, "the markup must begin with <speak>"),
        ("<speak>\n  <p>раз</speak>", 2, 11, "the closing tag does not match"),
        ("<speak>5 < 6</speak>", 1, 11, "< as &lt;"),
        ("<speak>раз</speak", 1, 11, "is not closed, for example by >"),
        ("<speak><!-- раз</speak>", 1, 8, "is not closed, for example by > or -->"),
        ("<speak><![CDATA[раз</speak>", 1, 28, "is not closed by ]]>"),
        ("<speak><break time='1s' time='2s'/></speak>", 1, 25, "the attribute is given twice"),
        ("<speak>раз</speak>два", 1, 19, "nothing is allowed after </speak>"),
        ("<speak>&#0;</speak>", 1, 8, "no character with this number"),
        (" <?xml version='1.0'?><speak/>", 1, 2, "at the very beginning"),
        ("<?xml verzion='1.0'?><speak/>", 1, 7, "declaration is malformed"),
        ("<p>раз</p>", 1, 1, "<speak> must be the outermost element and cannot be nested"),
        ("<speak><speak/></speak>", 1, 8, "the outermost element"),
        ("<speak>\n<audio/></speak>", 2, 1, "unknown element <audio>"),
        ("<speak><break tiem='1s'/></speak>", 1, 8, "<break> has no attribute tiem"),
        ("<speak><break time='soon'/></speak>", 1, 8, "time must be like 500ms or 1.5s"),
        ("<speak><break time='11s'/></speak>", 1, 8, "at most 10s"),
        ("<speak><prosody rate='9'>а</prosody></speak>", 1, 8, "rate must be between 0.25 and 4"),
        ("<speak><prosody pitch='x'>а</prosody></speak>", 1, 8, "pitch must be one of x-low"),
        ("<speak><say-as>5</say-as></speak>", 1, 8, "interpret-as must be one of cardinal"),
        ("<speak><sub>5</sub></speak>", 1, 8, "<sub> needs an alias"),
        ("<speak xml:lang='de'>a</speak>", 1, 1, "xml:lang must be one of ru, en"),
        ("<speak>&nbsp;</speak>", 1, 8, "unknown entity"),
        ("<!DOCTYPE speak [<!ENTITY a 'b'>]><speak>&a;</speak>", 1, 17, "a document type"),
        ("<speak>" + "<p>" * 40 + "</p>" * 40 + "</speak>", 1, 101, "nested more than 32 levels"),
    ],
)
def test_bad_markup_is_refused_with_its_place(
    markup: Any, line: int, column: int, what: str
) -> None:
    with pytest.raises(BadMarkup) as error:
        parse(markup)

    assert what in str(error.value)
    assert (error.value.line, error.value.column) == (line, column)


def test_what_is_wrong_is_told_in_the_readers_language_and_to_programs_in_english() -> None:
    with override("ru"), pytest.raises(BadMarkup) as error:
        parse("<speak>\n<p>раз</speak>")

    with override("ru"):
        message = message_for(error.value)
    assert message == (
        "Ошибка разметки в строке 2, столбце 9: закрывающий тег не соответствует открытому элементу"
    )
    assert str(error.value) == ("Line 2, column 9: the closing tag does not match the open element")


@pytest.mark.parametrize("fault", [NOT_XML, *FAULTS.values()], ids=str)
def test_no_word_of_the_parsers_stands_in_a_russian_sentence(fault: Any) -> None:
    with override("ru"):
        assert re.match("[а-я]", str(fault))


@pytest.mark.parametrize("encoding", ["utf-8", "koi8-r", "utf-16", "koi9"])
def test_the_encoding_that_markup_names_is_passed_over(encoding: str) -> None:
    said = parse(f"<?xml version='1.0' encoding='{encoding}'?><speak>раз</speak>")

    assert said == [Utterance("раз")]


WORDS = st.sampled_from(
    [
        *(f"<{name}>" for name in ELEMENTS),
        *(f"</{name}>" for name in ELEMENTS),
        "<break time='1s'/>", "<prosody rate='", "'>", "<!--", "]]>", "<![CDATA[", "<?x ?>", "&lt;",
        "&#0;", "&#x10FFFF;", "раз", "5", "\x00", "\ud800",
    ]
)  # fmt: skip


@given(st.lists(WORDS | st.text(max_size=3)).map("".join), st.booleans())
def test_whatever_is_parsed_is_a_script_or_bad_markup(markup: Any, is_wrapped: Any) -> None:
    script: Script = []

    with suppress(BadMarkup):
        script = parse(f"<speak>{markup}</speak>" if is_wrapped else markup)

    assert all(isinstance(part, Utterance | Pause) for part in script)

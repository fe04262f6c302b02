"""SSML in, a script out, or a refusal that says where."""

import re
from contextlib import suppress

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tts.errors import BadMarkup
from tts.planning import plan
from tts.sentences import sentence_on
from tts.tests.tone import ToneEngine
from tts.text.faults import FAULTS, NOT_XML
from tts.text.script import Manner, Pause, Script, Utterance
from tts.text.ssml import ELEMENTS, parse


def test_text_and_pauses_come_in_order():
    script = parse('<speak>Раз<break time="500ms"/>два<break time="1.5s"/></speak>')

    assert script == [Utterance("Раз"), Pause(0.5), Utterance("два"), Pause(1.5)]


def test_sentences_and_paragraphs_are_parted_by_the_longer_pause():
    script = parse("<speak><p><s>Раз.</s><s>Два.</s></p><p>Три.</p></speak>")

    assert script == [
        Utterance("Раз."), Pause(0.2), Utterance("Два."), Pause(0.5), Utterance("Три."), Pause(0.5),
    ]  # fmt: skip


def test_an_alias_is_said_instead_of_what_is_written():
    (said,) = parse('<speak>Это <sub alias="Мировой океан">МО</sub>, да</speak>')

    assert said == Utterance("Это Мировой океан, да")


def test_manners_add_up_and_end_with_their_element():
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


def test_a_voice_and_a_language_can_be_asked_for():
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
def test_say_as_says_in_that_way(way, text, said):
    script = parse(f'<speak xml:lang="ru"><say-as interpret-as="{way}">{text}</say-as></speak>')
    engine = ToneEngine()

    lines = [step.part for step in plan(script, engine, engine.voices()[0], 1.0)]

    assert "".join(line.text for line in lines if not isinstance(line, Pause)) == said


@pytest.mark.parametrize(
    ("markup", "line", "column", "what"),
    [
        ("", 1, 1, "the markup ends before </speak>"),
        ("<speak>раз", 1, 11, "the markup ends before </speak>"),
        ("просто текст", 1, 1, "markup begins with <speak>"),
        ("<speak>\n  <p>раз</speak>", 2, 11, "another element is open"),
        ("<speak>5 < 6</speak>", 1, 11, "< as &lt;"),
        ("<speak>раз</speak", 1, 11, "no end, such as >"),
        ("<speak><!-- раз</speak>", 1, 8, "no end, such as > or -->"),
        ("<speak><![CDATA[раз</speak>", 1, 28, "no end, which is ]]>"),
        ("<speak><break time='1s' time='2s'/></speak>", 1, 25, "the same attribute"),
        ("<speak>раз</speak>два", 1, 19, "nothing may follow </speak>"),
        ("<speak>&#0;</speak>", 1, 8, "no character of this number"),
        (" <?xml version='1.0'?><speak/>", 1, 2, "at the very beginning"),
        ("<?xml verzion='1.0'?><speak/>", 1, 7, "declaration is wrong"),
        ("<p>раз</p>", 1, 1, "the outermost element, and no other, is <speak>"),
        ("<speak><speak/></speak>", 1, 8, "the outermost element"),
        ("<speak>\n<audio/></speak>", 2, 1, "<audio> is not known"),
        ("<speak><break tiem='1s'/></speak>", 1, 8, "<break> has no attribute tiem"),
        ("<speak><break time='soon'/></speak>", 1, 8, "time must be like 500ms or 1.5s"),
        ("<speak><break time='11s'/></speak>", 1, 8, "at most 10s"),
        ("<speak><prosody rate='9'>а</prosody></speak>", 1, 8, "rate must be between 0.25 and 4"),
        ("<speak><prosody pitch='x'>а</prosody></speak>", 1, 8, "pitch must be one of x-low"),
        ("<speak><say-as>5</say-as></speak>", 1, 8, "interpret-as must be one of cardinal"),
        ("<speak><sub>5</sub></speak>", 1, 8, "<sub> needs an alias"),
        ("<speak xml:lang='de'>a</speak>", 1, 1, "xml:lang must be one of ru, en"),
        ("<speak>&nbsp;</speak>", 1, 8, "there is no such entity"),
        ("<!DOCTYPE speak [<!ENTITY a 'b'>]><speak>&a;</speak>", 1, 17, "a document type"),
        ("<speak>" + "<p>" * 40 + "</p>" * 40 + "</speak>", 1, 101, "more than 32 elements"),
    ],
)
def test_bad_markup_is_refused_with_its_place(markup, line, column, what):
    with pytest.raises(BadMarkup) as refusal:
        parse(markup)

    assert what in str(refusal.value)
    assert (refusal.value.line, refusal.value.column) == (line, column)


def test_what_is_wrong_is_told_in_the_readers_language_and_to_programs_in_english():
    with override("ru"), pytest.raises(BadMarkup) as refusal:
        parse("<speak>\n<p>раз</speak>")

    with override("ru"):
        told = sentence_on(refusal.value)
    assert told == (
        "Ошибка разметки в строке 2, столбце 9: закрывается не тот элемент, который открыт"
    )
    assert str(refusal.value) == (
        "Line 2, column 9: another element is open than the one that ends here"
    )


@pytest.mark.parametrize("fault", [NOT_XML, *FAULTS.values()], ids=str)
def test_no_word_of_the_parsers_stands_in_a_russian_sentence(fault):
    with override("ru"):
        assert re.match("[а-я]", str(fault))


@pytest.mark.parametrize("encoding", ["utf-8", "koi8-r", "utf-16", "koi9"])
def test_the_encoding_that_markup_names_is_passed_over(encoding):
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
def test_whatever_is_parsed_is_a_script_or_bad_markup(markup, is_wrapped):
    script: Script = []

    with suppress(BadMarkup):
        script = parse(f"<speak>{markup}</speak>" if is_wrapped else markup)

    assert all(isinstance(part, Utterance | Pause) for part in script)

"""SSML in, a script out, or a refusal that says where."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.errors import BadMarkup
from tts.planning import plan
from tts.tests.tone import ToneEngine
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
        ("", 1, 1, "no element found"),
        ("просто текст", 1, 1, "syntax error"),
        ("<speak>\n  <p>раз</speak>", 2, 11, "mismatched tag"),
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
        ("<speak>&nbsp;</speak>", 1, 8, "undefined entity"),
        ("<!DOCTYPE speak [<!ENTITY a 'b'>]><speak>&a;</speak>", 1, 17, "a document type"),
        ("<speak>" + "<p>" * 40 + "</p>" * 40 + "</speak>", 1, 101, "more than 32 elements"),
    ],
)
def test_bad_markup_is_refused_with_its_place(markup, line, column, what):
    with pytest.raises(BadMarkup) as refusal:
        parse(markup)

    assert what in refusal.value.what
    assert (refusal.value.line, refusal.value.column) == (line, column)


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

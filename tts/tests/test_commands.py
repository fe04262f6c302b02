import io
import wave
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.usefixtures("tone")


def seconds_of(path: Any) -> Any:
    with av.open(str(path)) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


@pytest.mark.parametrize("ending", ["mp3", "wav", "opus", "flac"])
def test_a_text_is_said_into_a_file(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"a.{ending}"

    call_command("say", "привет", output=str(file), stderr=io.StringIO())

    assert seconds_of(file) == pytest.approx(0.3, abs=0.1)


def test_the_voices_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("say", voices=True)

    assert "tone" in capsys.readouterr().out


def test_a_wav_file_tells_its_true_length(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"

    call_command("say", "привет", output=str(file), stderr=io.StringIO())

    with wave.open(str(file)) as opened:
        assert opened.getparams()[:4] == (1, 2, 24000, round(seconds_of(file) * 24000))
        assert len(opened.readframes(10**6)) == 2 * opened.getnframes()


def test_a_flac_file_tells_its_true_length(tmp_path: Path) -> None:
    file = tmp_path / "a.flac"

    call_command("say", "привет", output=str(file), stderr=io.StringIO())

    with av.open(str(file)) as container:
        assert container.duration == pytest.approx(seconds_of(file) * 1_000_000, abs=1)


def test_who_spoke_is_told(tmp_path: Path, tone: Any, spare: Any) -> None:
    tone.failures = ["no breath"]
    stderr = io.StringIO()

    call_command("say", "привет", output=str(tmp_path / "a.mp3"), stderr=stderr)

    assert "0:00, spare (spare); fell back: no breath" in stderr.getvalue()


def test_a_text_that_begins_as_ssml_is_said_as_ssml(tmp_path: Path, tone: Any) -> None:
    call_command("say", "<speak>раз</speak>", output=str(tmp_path / "a.mp3"), stderr=io.StringIO())

    assert tone.spoken == ["раз"]


@pytest.mark.parametrize(
    ("text", "options"),
    [("…", {}), ("привет", {"voice": "nobody"}), ("привет", {"speed": 9}), (None, {})],
)
def test_what_cannot_be_said_is_told_and_leaves_no_file(
    tmp_path: Path, text: Any, options: Any
) -> None:
    file = tmp_path / "a.mp3"

    with pytest.raises(CommandError):
        call_command("say", *filter(None, [text]), output=str(file), **options)

    assert list(tmp_path.glob("a.*")) == []


def test_a_name_that_tells_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="mp3"):
        call_command("say", "привет", output=str(tmp_path / "a.txt"))


def test_a_book_longer_than_any_text_becomes_one_file(
    tmp_path: Path, settings: SettingsWrapper, tone: Any
) -> None:
    settings.TTS_MAX_CHARACTERS = 100
    book = tmp_path / "book.txt"
    book.write_text("Глава первая. Жили-были. " * 30 + "\n\n…\n\n" + "Конец.", "utf-8")

    call_command("speak_file", str(book), stderr=io.StringIO())

    spoken = "".join(tone.spoken)
    assert (spoken.count("Глава"), spoken.count("Конец")) == (30, 1)
    assert seconds_of(tmp_path / "book.mp3") == pytest.approx(len(spoken) / 20, rel=0.1)


@pytest.mark.parametrize("content", [b"", b"...", b"\xff\xfe\x00"])
def test_a_file_with_nothing_to_read_is_told(tmp_path: Path, content: bytes) -> None:
    book = tmp_path / "book.txt"
    book.write_bytes(content)

    with pytest.raises(CommandError):
        call_command("speak_file", str(book))
    assert not (tmp_path / "book.mp3").exists()


def test_a_failure_in_the_middle_leaves_no_half_of_a_file(
    tmp_path: Path, tone: Any, settings: SettingsWrapper
) -> None:
    settings.TTS_MAX_CHARACTERS = 20
    book = tmp_path / "book.txt"
    book.write_text("Первое предложение. " * 5, "utf-8")

    def fail_later() -> None:
        if tone.letters == 30:
            tone.failures = ["no breath"]

    tone.at_each_letter = fail_later
    with pytest.raises(CommandError, match="no breath"):
        call_command("speak_file", str(book))

    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".txt"] == []


def test_who_stops_it_is_told_in_a_word_and_finds_no_half_of_a_file(
    tmp_path: Path, tone: Any
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    tone.at_each_letter = stop
    with pytest.raises(CommandError, match=r"^Stopped\.$") as stopped:
        call_command("say", "привет", output=str(tmp_path / "a.mp3"))

    assert stopped.value.returncode == 130
    assert list(tmp_path.iterdir()) == []

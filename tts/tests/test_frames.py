"""Decoding MP3 from elsewhere: what sounds is found, and nothing else is done."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.audio.frames import decode_mp3
from tts.tests.google_fake import ID3, tone


def test_tags_around_and_between_are_passed_over() -> None:
    tagged = ID3 + tone() + b"TAG" + bytes(125)

    assert decode_mp3(tagged).seconds == pytest.approx(decode_mp3(tone()).seconds, abs=0.05)
    assert decode_mp3(tagged * 2).seconds == pytest.approx(2 * decode_mp3(tone()).seconds, abs=0.1)


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"\xff" * 5000, b"ID3\x04", tone()[:20], b"\0" * 5000]
)
def test_what_is_no_mp3_is_an_error(data: Any) -> None:
    with pytest.raises(ValueError, match="no MP3"):
        decode_mp3(data)


def test_no_other_file_is_opened_whatever_the_data_looks_like(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(tone())
    playlist = f"ffconcat version 1.0\nfile {tmp_path}/a.mp3\n".encode()

    with pytest.raises(ValueError, match="no MP3"):
        decode_mp3(playlist * 50)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """An MP3 file that is cut at both ends, with some bytes changed."""
    data = bytearray(tone())
    for at, byte in draw(
        st.dictionaries(st.integers(0, len(data) - 1), st.integers(0, 255))
    ).items():
        data[at] = byte
    start, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
    return bytes(data[start:end])


def fault_of(data: bytes) -> str:
    try:
        assert decode_mp3(data).seconds > 0
    except ValueError as error:
        return str(error)
    return ""


@given(st.binary() | damaged())
@settings(deadline=None)
def test_whatever_the_bytes_the_only_error_is_that_there_is_no_mp3(data: Any) -> None:
    # FFmpeg's own errors are ValueErrors as well, so the message counts.
    assert fault_of(data) in ("", "there is no MP3 in it")

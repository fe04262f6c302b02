"""The values of SSML's attributes as numbers."""

import re
from collections.abc import Mapping

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tts.text.faults import BadValue
from tts.text.script import FASTEST, HIGHEST, LOUDEST, LOWEST, SLOWEST

LONGEST_PAUSE = 10.0  # seconds

PAUSES = {"none": 0.0, "x-weak": 0.1, "weak": 0.25, "medium": 0.5, "strong": 0.8, "x-strong": 1.2}
RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.3, "x-fast": 1.7}
PITCHES = {"x-low": 0.7, "low": 0.85, "medium": 1.0, "default": 1.0, "high": 1.15, "x-high": 1.35}
VOLUMES = {"silent": 0.0, "x-soft": 0.35, "soft": 0.6, "medium": 1.0, "default": 1.0}
VOLUMES |= {"loud": 1.4, "x-loud": 1.8}

NUMBER = r"\d{1,6}(?:\.\d{1,6})?"


def pause(attributes: Mapping[str, str]) -> float:
    """Return the seconds of a break; raises `BadValue`."""
    if "time" not in attributes:
        return word(PAUSES, attributes.get("strength", "medium"), "strength")
    found = re.fullmatch(rf"({NUMBER})(ms|s)", attributes["time"].strip())
    seconds = float(found[1]) / (1000 if found[2] == "ms" else 1) if found else -1
    if not 0 <= seconds <= LONGEST_PAUSE:
        wrong = _("time must be like 500ms or 1.5s, and at most {most}s")
        raise BadValue(format_lazy(wrong, most=f"{LONGEST_PAUSE:g}"))
    return seconds


def rate(value: str) -> float:
    """Return a factor of speed: a word, `80%`, `+10%` or `1.2`; raises `BadValue`."""
    return within(SLOWEST, FASTEST, factor(RATES, value, "rate"), "rate")


def relative_pitch(value: str) -> float:
    """Return a factor of pitch: a word, `+10%`, or semitones like `-2st`; raises `BadValue`."""
    if semitones := re.fullmatch(rf"([+-]?{NUMBER})st", value.strip()):
        tone = 2 ** (min(max(float(semitones[1]), -48), 48) / 12)
    else:
        tone = factor(PITCHES, value, "pitch")
    return within(LOWEST, HIGHEST, tone, "pitch")


def volume(value: str) -> float:
    """Return a factor of loudness: a word, `80%` or decibels like `+6dB`; raises `BadValue`."""
    if decibels := re.fullmatch(rf"([+-]?{NUMBER})dB", value.strip()):
        loudness = 10 ** (min(max(float(decibels[1]), -120), 120) / 20)
    else:
        loudness = factor(VOLUMES, value, "volume")
    return within(0.0, LOUDEST, loudness, "volume")


def factor(words: Mapping[str, float], value: str, name: str) -> float:
    """Read a word, a percentage (with a sign: of change) or a plain factor."""
    found = re.fullmatch(rf"([+-]?)({NUMBER})(%?)", value.strip())
    if not found:
        return word(words, value, name)
    sign, number, percent = found[1], float(found[2]), found[3]
    if not percent:
        return number
    return 1 + float(f"{sign}{number}") / 100 if sign else number / 100


def word(words: Mapping[str, float], value: str, name: str) -> float:
    if value.strip() not in words:
        wrong = _("{name} must be one of {words}, or a number")
        raise BadValue(format_lazy(wrong, name=name, words=", ".join(words)))
    return words[value.strip()]


def within(least: float, most: float, value: float, name: str) -> float:
    if not least <= value <= most:
        wrong = _("{name} must be between {least} and {most} times the default")
        raise BadValue(format_lazy(wrong, name=name, least=f"{least:g}", most=f"{most:g}"))
    return value

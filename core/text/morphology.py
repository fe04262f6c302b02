"""The one dictionary of Russian word forms of a process, shared by search and speech."""

from functools import cache

from pymorphy3.analyzer import MorphAnalyzer


@cache
def morphology() -> MorphAnalyzer:
    """Return the analyser, which is loaded at the first call."""
    return MorphAnalyzer()

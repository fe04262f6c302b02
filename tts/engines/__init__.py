"""The engines of this machine, and the voices that they have.

An engine is one class (see `tts.engines.engine`) and one entry point of a package:

    [project.entry-points."svyaz.tts.engines"]
    festival = "our_festival:Festival"
"""

from functools import cache
from importlib.metadata import entry_points

from django.conf import settings
from django.utils.module_loading import import_string

from tts.engines.engine import Engine, OfflineEngine, Voice
from tts.errors import UnknownEngine, UnknownVoice

__all__ = ["Engine", "Voice", "choose", "engines", "find", "offline", "voice_for", "voices", "warm"]

GROUP = "svyaz.tts.engines"
# The better ones of this machine first. Loaded when they are needed: each brings much with it.
OWN = ("tts.engines.rhvoice.RHVoice", "tts.engines.espeak.Espeak", "tts.engines.google.Google")


@cache
def engines() -> dict[str, Engine]:
    """Return every engine by its name, the better ones first."""
    kinds = [import_string(path) for path in OWN]
    kinds += [entry.load() for entry in entry_points(group=GROUP)]
    made: list[Engine] = [kind() for kind in kinds]
    return {engine.name: engine for engine in made}


def voices() -> list[Voice]:
    """Return the voices that can be used on this machine now, the better engines' first."""
    return [voice for engine in engines().values() for voice in engine.voices()]


def find(name: str) -> Engine:
    """Return an engine that can speak here; raises `UnknownEngine`."""
    engine = engines().get(name)
    if engine is None or not engine.voices():
        raise UnknownEngine(name)
    return engine


def offline() -> list[OfflineEngine]:
    """Return the engines that can speak on this machine alone, the best first."""
    here = (engine for engine in engines().values() if isinstance(engine, OfflineEngine))
    return [engine for engine in here if engine.voices()]


def warm() -> None:
    """Have this machine's best engine ready, so that who listens first waits no longer."""
    offline()[0].warm()


def choose(name: str, engine: str, language: str) -> Voice:
    """Return the voice that is meant by a name and an engine, either of which may be "".

    Raises `UnknownVoice`, `UnknownEngine`.
    """
    if name:
        return named(name, engine)
    if chosen := engine or settings.TTS_ENGINE:
        return voice_for(find(chosen), language)
    return voice_for(offline()[0], language)


def named(name: str, engine: str = "") -> Voice:
    for voice in voices():
        if voice.name == name.lower() and engine in ("", voice.engine):
            return voice
    raise UnknownVoice(name)


def voice_for(engine: Engine, language: str, first: Voice | None = None) -> Voice:
    """Return an engine's voice for a language: `first` if it can read it, else its best."""
    order = [*([first] if first else []), *engine.voices()]
    return next((voice for voice in order if voice.can_read(language)), order[0])

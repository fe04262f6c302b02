"""The available engines and their voices.

An engine is a class (see `tts.engines.engine`) that a package declares as an entry point:

    [project.entry-points."svyaz.tts.engines"]
    festival = "our_festival:Festival"
"""

from functools import cache
from importlib.metadata import entry_points

from django.conf import settings
from django.utils.module_loading import import_string

from tts.engines.engine import Engine, OfflineEngine, Voice
from tts.errors import UnknownEngine, UnknownVoice

__all__ = [
    "Engine",
    "Voice",
    "choose",
    "engines",
    "find",
    "label_of",
    "offline",
    "voice_for",
    "voices",
    "warm",
]

GROUP = "svyaz.tts.engines"
# The best first. Imported on first use, since their dependencies are large.
BUILT_IN = ("tts.engines.rhvoice.RHVoice", "tts.engines.espeak.Espeak", "tts.engines.google.Google")


@cache
def engines() -> dict[str, Engine]:
    """Return all engines by name, the best first."""
    kinds = [import_string(path) for path in BUILT_IN]
    kinds += [entry.load() for entry in entry_points(group=GROUP)]
    made: list[Engine] = [kind() for kind in kinds]
    return {engine.name: engine for engine in made}


def voices() -> list[Voice]:
    """Return the voices that are available now, those of the best engine first."""
    return [voice for engine in engines().values() for voice in engine.voices()]


def label_of(name: str) -> str:
    """Return the label of the voice with this name; the name itself if there is no such voice."""
    return next((voice.label for voice in voices() if voice.name == name), name)


def find(name: str) -> Engine:
    """Return the engine with this name; raises `UnknownEngine` if it has no voice here."""
    engine = engines().get(name)
    if engine is None or not engine.voices():
        raise UnknownEngine(name)
    return engine


def offline() -> list[OfflineEngine]:
    """Return the offline engines that have a voice here, the best first."""
    here = (engine for engine in engines().values() if isinstance(engine, OfflineEngine))
    return [engine for engine in here if engine.voices()]


def warm() -> None:
    """Prepare the best offline engine, so that the first request is as fast as later ones."""
    offline()[0].warm()


def choose(name: str, engine: str, language: str) -> Voice:
    """Return the voice for the name and the engine of a request, either of which may be "".

    Without a name it is the engine's best voice for the language, without an engine that of the
    default engine. Raises `UnknownVoice`, `UnknownEngine`.
    """
    if name:
        return named(name, engine)
    return voice_for(find(engine) if engine else default_engine(), language)


def default_engine() -> Engine:
    """Return the engine TTS_ENGINE, or the best offline engine if that is unset or has no voice."""
    requested = engines().get(settings.TTS_ENGINE)
    return requested if requested and requested.voices() else offline()[0]


def named(name: str, engine: str = "") -> Voice:
    """Return the voice with this name, of this engine if one is given; raises `UnknownVoice`."""
    for voice in voices():
        if voice.name == name.lower() and engine in ("", voice.engine):
            return voice
    raise UnknownVoice(name)


def voice_for(engine: Engine, language: str, first: Voice | None = None) -> Voice:
    """Return an engine's voice for a language: `first` if it reads the language, else the best."""
    order = [*([first] if first else []), *engine.voices()]
    return next((voice for voice in order if voice.can_read(language)), order[0])

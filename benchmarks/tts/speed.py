"""How fast the engines speak, beside their bare libraries, in one run: ratios.

    python -m benchmarks.tts.speed

- The offline engines speak 1,000 characters to MP3. Their peers are the same libraries called
  directly in this process, which only collect the samples: the ratio is what the child process, the
  language runs, the resampling and the MP3 cost. CPU seconds are those of all processes.
- The first byte of 5,000 characters is waited for with a child to be started (cold), and with one
  at hand (warm).
- Google's voices are fetched from a server on this machine that answers after 0.3 s; the peer is
  gTTS itself, asking the same server.
"""

import functools
import io
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gtts.tts
import psutil
from django.conf import settings

from benchmarks.tts import redis
from tts import engines
from tts.audio.frames import decode_mp3
from tts.engines.google import Google
from tts.native.espeak import Espeak
from tts.native.rhvoice import RHVoice
from tts.native.wire import Request
from tts.synthesis import SpeechSpec, synthesise
from tts.tests import google_fake

SENTENCE = "Сегодня мы обсудим план работы на следующую неделю, и это надолго. "
TEXT = (SENTENCE * 100)[:5000]
SHORT, SHORTEST = TEXT[:1000], TEXT[:500]
ROUNDS = 3
LATENCY = 0.3


@dataclass
class Cost:
    """What it took to make so much audio."""

    audio: float
    cpu: float
    clock: float

    @property
    def speed(self) -> float:
        return self.audio / self.cpu


def main() -> None:
    print(f"{'':10} {'audio s per CPU s':>18} {'bare library':>13} {'ratio':>6}", end="")
    print(f" {'first byte, cold':>17} {'warm':>9}")
    for engine in engines.offline():
        ours, bare = compared(speak_all(engine.name), speak_bare(engine))
        first = [first_byte(engine.name, is_cold) * 1000 for is_cold in (True, False)]
        print(f"{engine.name:10} {ours:18.1f} {bare:13.1f} {ours / bare:6.2f}", end="")
        print(f" {first[0]:14.0f} ms {first[1]:6.0f} ms")
    with redis():  # of the breaker
        compare_google()


def compared(*makers: Callable[[], float]) -> list[float]:
    """Return the median speed of each; they take turns, so that all meet the same machine."""
    costs = [[measured(make).speed for make in makers] for _ in range(ROUNDS)]
    return [statistics.median(speeds) for speeds in zip(*costs, strict=True)]


def measured(make: Callable[[], float]) -> Cost:
    cpu, clock = cpu_seconds(), time.perf_counter()
    audio = make()
    return Cost(audio, cpu_seconds() - cpu, time.perf_counter() - clock)


def cpu_seconds() -> float:
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children())]
    return sum(each.user + each.system for each in times)


def speak_all(name: str) -> Callable[[], float]:
    def make() -> float:
        return list(synthesise(SpeechSpec(SHORT, engine=name)))[-1].seconds

    make()  # starts the child
    return make


def speak_bare(engine: Any) -> Callable[[], float]:
    name, places = engine.name, engine._pool._places
    library = {"espeak": Espeak, "rhvoice": RHVoice}[name](**places)
    request = Request(SHORT, engine.voices()[0].own_name)

    def make() -> float:
        samples: list[bytes] = []
        library.speak(request, samples.append)
        return sum(map(len, samples)) / 2 / library.sample_rate

    return make


def first_byte(name: str, is_cold: bool) -> float:
    return statistics.median(first_bytes(name, is_cold))


def first_bytes(name: str, is_cold: bool) -> Iterator[float]:
    for _ in range(ROUNDS):
        if is_cold:
            engines.find(name)._pool.close()  # type: ignore[attr-defined]
        else:
            list(synthesise(SpeechSpec("Раз", engine=name)))
        start = time.perf_counter()
        pieces = iter(synthesise(SpeechSpec(TEXT, engine=name)))
        next(pieces)
        yield time.perf_counter() - start
        pieces.close()  # type: ignore[attr-defined]


def compare_google() -> None:
    with google_fake.running() as fake:
        fake.delay = LATENCY
        settings.TTS_GOOGLE_URL = fake.url
        gtts.tts._translate_url = functools.partial(translate_url, fake.url)
        Google.breaker.close()
        ours = measured(speak_google).clock
        asked = len(fake.asked)
        theirs = measured(speak_gtts).clock
        print(
            f"\n{'gtts':10} {ours:.2f} s in {asked} requests; the library itself {theirs:.2f} s in"
        )
        print(f"{'':10} {len(fake.asked) - asked} requests; {theirs / ours:.1f} times as long")


def translate_url(base: str, tld: str = "com", path: str = "") -> str:
    return f"{base}/{path}"


def speak_google() -> float:
    synthesis = synthesise(SpeechSpec(SHORTEST, engine="gtts"))
    seconds = list(synthesis)[-1].seconds
    if synthesis.fell_back:
        raise SystemExit(f"Google's fake was not used: {synthesis.fell_back}")
    return seconds


def speak_gtts() -> float:
    spoken = io.BytesIO()
    gtts.gTTS(SHORTEST, lang="ru").write_to_fp(spoken)
    return decode_mp3(spoken.getvalue()).seconds


if __name__ == "__main__":
    main()

"""Google's voices: the requests are gTTS's, sent side by side, verified and within time limits."""

import base64
import binascii
import re
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from email.utils import parsedate_to_datetime
from functools import cached_property
from threading import Thread

import httpx
from django.conf import settings
from gtts import gTTS

from tts.audio.frames import decode, join_samples, stretched
from tts.audio.mp3 import clean
from tts.audio.sound import Mp3, Sound
from tts.engines.breaker import Breaker, Refused
from tts.engines.engine import IsCancelled, Line, Voice
from tts.errors import Cancelled, EngineFailed

PATH = "/_/TranslateWebserverUi/data/batchexecute"
LICENCE = "Google's terms of service"
SIDE_BY_SIDE = 6
TRIES = 2
# Seconds: to connect, of silence, of one answer, between looks at a cancellation.
CONNECT, SILENCE, ANSWER, GLANCE = 3.0, 5.0, 15.0, 0.05
MOST_BYTES = 2 * 1024 * 1024

AUDIO = re.compile(rb'jQ1olc","\[\\"([A-Za-z0-9+/=]*)\\"')
CAPTCHA = re.compile(rb"captcha|unusual traffic|/sorry/", re.IGNORECASE)
REFUSALS = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.FORBIDDEN)


class Google:
    """gTTS. Russian text is read with the English words in it; the pitch cannot be changed."""

    name = "gtts"
    label = "Google (gTTS)"
    longest = gTTS.GOOGLE_TTS_MAX_CHARS
    breaker = Breaker(name)

    def voices(self) -> Sequence[Voice]:
        return [
            Voice(
                "google-ru", "ru", "female", self.name, LICENCE, "Google, русский", "ru", ("en",)
            ),
            Voice("google-en", "en", "female", self.name, LICENCE, "Google, English", "en"),
        ]

    def fetch(self, lines: Sequence[Line], is_cancelled: IsCancelled) -> Sequence[Sound]:
        with self.breaker.guard():
            return side_by_side(self._client(), lines, is_cancelled)

    def _client(self) -> httpx.Client:
        return httpx.Client(
            base_url=settings.TTS_GOOGLE_URL,
            headers=gTTS.GOOGLE_TTS_HEADERS,
            timeout=httpx.Timeout(SILENCE, connect=CONNECT),
            verify=self._certificates,
        )

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()


def side_by_side(
    client: httpx.Client, lines: Sequence[Line], is_cancelled: IsCancelled
) -> Sequence[Sound]:
    """Return the sound of every line, and close the client; gives up when one fails for good."""
    threads = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="gtts")
    try:
        coming = [threads.submit(say, client, line) for line in lines]
        while under_way(coming):
            if is_cancelled():
                raise Cancelled
        return [sound.result() for sound in coming]
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        # After the requests under way, which end within their time limits, but nobody waits for.
        Thread(target=end, args=(threads, client)).start()


def end(threads: ThreadPoolExecutor, client: httpx.Client) -> None:
    threads.shutdown()
    client.close()


def under_way(coming: Sequence[Future[Sound]]) -> bool:
    """Wait a little; tell whether some are still to come and none has failed."""
    done, pending = wait(coming, timeout=GLANCE, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()
    return bool(pending)


def say(client: httpx.Client, line: Line) -> Sound:
    """Return one line, trying again after a failure that may pass; raises `EngineFailed`."""
    for _ in range(TRIES - 1):
        try:
            return performed(line, ask(client, line))
        except Refused:
            raise
        except EngineFailed:
            continue
    return performed(line, ask(client, line))


def ask(client: httpx.Client, line: Line) -> Mp3:
    """Send one request; raises `Refused`, `EngineFailed`."""
    until = time.monotonic() + ANSWER
    content = bytearray()
    try:
        with client.stream("POST", PATH, content=body(line)) as answer:
            for part in answer.iter_bytes():
                content += part
                if time.monotonic() > until or len(content) > MOST_BYTES:
                    raise EngineFailed("Google's answer does not end")
    except httpx.HTTPError as error:
        raise EngineFailed(f"Google does not answer: {type(error).__name__}") from error
    return audio(answer, bytes(content))


def body(line: Line) -> str:
    said = gTTS(line.text, lang=line.voice.own_name, lang_check=False, pre_processor_funcs=[])
    return str(said.get_bodies()[0])


def audio(answer: httpx.Response, content: bytes) -> Mp3:
    """Return the audio in an answer; raises `Refused`, `EngineFailed`."""
    if answer.status_code in REFUSALS or "retry-after" in answer.headers:
        raise Refused(f"Google refuses ({answer.status_code})", retry_after(answer))
    found = AUDIO.search(content)
    if not found and (answer.is_redirect or CAPTCHA.search(content)):
        raise Refused("Google asks for a captcha")
    if not answer.is_success:
        raise EngineFailed(f"Google answers {answer.status_code}")
    if not found:
        raise EngineFailed("Google's answer has no audio in it")
    try:
        return clean(base64.b64decode(found[1], validate=True))
    except (binascii.Error, ValueError) as error:
        raise EngineFailed(f"Google's audio is broken: {error}") from error


def retry_after(answer: httpx.Response) -> float | None:
    """Return the seconds of a Retry-After, which may be a number or a date."""
    said = answer.headers.get("retry-after", "")
    if said.isdigit():
        return float(said)
    try:
        return max(1.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None


def performed(line: Line, said: Mp3) -> Sound:
    """Give a line its rate and volume; untouched, it stays as it came."""
    if line.rate == line.volume == 1.0:
        return said
    return join_samples(stretched([decode(said.data)], line.rate, line.volume))

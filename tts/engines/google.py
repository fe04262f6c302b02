"""Google's voices: the requests of gTTS, sent in parallel, with TLS verification and time-outs."""

import base64
import binascii
import re
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from email.utils import parsedate_to_datetime
from functools import cached_property
from threading import Thread

import httpx
from django.conf import settings
from gtts import gTTS

from tts.audio.frames import decode_mp3, join_samples, stretched
from tts.audio.loudness import LOUDNESS, SILENT, decibels, loudness
from tts.audio.sound import Samples, Sound
from tts.engines.breaker import Breaker, Refused
from tts.engines.engine import IsCancelled, Line, Voice
from tts.errors import Cancelled, EngineFailed

PATH = "/_/TranslateWebserverUi/data/batchexecute"
LICENCE = "Google's terms of service"
MAX_PARALLEL_REQUESTS = 6
ATTEMPTS = 2
# Seconds.
CONNECT_TIMEOUT, READ_TIMEOUT, RESPONSE_TIMEOUT = 3.0, 5.0, 15.0
CANCELLATION_INTERVAL = 0.05
MAX_BYTES = 2 * 1024 * 1024
# Decibels. Beyond that, the measured sound is not speech.
MAX_GAIN = 12.0

AUDIO = re.compile(rb'jQ1olc","\[\\"([A-Za-z0-9+/=]*)\\"')
CAPTCHA = re.compile(rb"captcha|unusual traffic|/sorry/", re.IGNORECASE)
REFUSAL_STATUSES = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.FORBIDDEN)


class Google:
    """gTTS. The Russian voice also reads English words; the pitch cannot be changed."""

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
            said = fetch_in_parallel(self._client(), lines, is_cancelled)
        gain = gain_of(said)
        return [performed(line, samples, gain) for line, samples in zip(lines, said, strict=True)]

    def _client(self) -> httpx.Client:
        return httpx.Client(
            base_url=settings.TTS_GOOGLE_URL,
            headers=gTTS.GOOGLE_TTS_HEADERS,
            timeout=httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT),
            verify=self._certificates,
        )

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()


def fetch_in_parallel(
    client: httpx.Client, lines: Sequence[Line], is_cancelled: IsCancelled
) -> Sequence[Samples]:
    """Return the samples of every line and close the client; stops at the first final failure."""
    threads = ThreadPoolExecutor(MAX_PARALLEL_REQUESTS, thread_name_prefix="gtts")
    try:
        coming = [threads.submit(say, client, line) for line in lines]
        while under_way(coming):
            if is_cancelled():
                raise Cancelled
        return [said.result() for said in coming]
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        # Close once the requests under way have ended, without waiting for that here.
        Thread(target=end, args=(threads, client)).start()


def end(threads: ThreadPoolExecutor, client: httpx.Client) -> None:
    threads.shutdown()
    client.close()


def under_way(coming: Sequence[Future[Samples]]) -> bool:
    """Wait briefly; return whether some are pending. Raises the error of one that failed."""
    done, pending = wait(coming, timeout=CANCELLATION_INTERVAL, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()
    return bool(pending)


def say(client: httpx.Client, line: Line) -> Samples:
    """Return one line, after a retry if necessary; raises `EngineFailed`."""
    for _ in range(ATTEMPTS - 1):
        try:
            return ask(client, line)
        except Refused:
            raise
        except EngineFailed:
            continue
    return ask(client, line)


def ask(client: httpx.Client, line: Line) -> Samples:
    """Send one request; raises `Refused`, `EngineFailed`."""
    until = time.monotonic() + RESPONSE_TIMEOUT
    content = bytearray()
    try:
        with client.stream("POST", PATH, content=body(line)) as answer:
            for part in answer.iter_bytes():
                content += part
                if time.monotonic() > until or len(content) > MAX_BYTES:
                    raise EngineFailed("Google's response is too long or too slow")
    except httpx.HTTPError as error:
        raise EngineFailed(f"Google does not respond: {type(error).__name__}") from error
    return audio(answer, bytes(content))


def body(line: Line) -> str:
    said = gTTS(line.text, lang=line.voice.own_name, lang_check=False, pre_processor_funcs=[])
    return str(said.get_bodies()[0])


def audio(answer: httpx.Response, content: bytes) -> Samples:
    """Return the audio in a response; raises `Refused`, `EngineFailed`."""
    if answer.status_code in REFUSAL_STATUSES or "retry-after" in answer.headers:
        raise Refused(f"Google refuses ({answer.status_code})", retry_after(answer))
    found = AUDIO.search(content)
    if not found and (answer.is_redirect or CAPTCHA.search(content)):
        raise Refused("Google asks for a captcha")
    if not answer.is_success:
        raise EngineFailed(f"Google responds with status {answer.status_code}")
    if not found:
        raise EngineFailed("Google's response contains no audio")
    try:
        return decode_mp3(base64.b64decode(found[1], validate=True))
    except (binascii.Error, ValueError) as error:
        raise EngineFailed(f"Google's audio is broken: {error}") from error


def retry_after(answer: httpx.Response) -> float | None:
    """Return the seconds of the header Retry-After, which may be a number or a date."""
    said = answer.headers.get("retry-after", "")
    if said.isdigit():
        return float(said)
    try:
        return max(1.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None


def gain_of(said: Sequence[Samples]) -> float:
    """Return the decibels that bring a whole text to the loudness of all voices.

    Measured each time: Google's voices may change without notice.
    """
    measured = loudness(join_samples(said))
    gain = LOUDNESS - measured if measured > SILENT else 0.0
    return min(max(gain, -MAX_GAIN), MAX_GAIN)


def performed(line: Line, said: Samples, gain: float) -> Samples:
    """Apply rate and volume to a line."""
    samples = join_samples(stretched([said], line.rate))
    return replace(samples, gain=gain + decibels(line.volume))

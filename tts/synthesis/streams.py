"""Speech that is heard while it is synthesised; requests for the same spec share one synthesis."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import DatabaseError, connections

from tts.errors import SpeechError
from tts.models import Audio
from tts.storage import BrokenFile, cache, library
from tts.synthesis.synthesizer import Piece, SpeechSpec, Synthesis, synthesise

logger = logging.getLogger(__name__)


class TooManyStreams(Exception):
    """This process streams as many texts as TTS_STREAMS allows. Try again in a moment."""


class TooManyOwnStreams(TooManyStreams):
    """You stream as many texts as TTS_STREAMS_EACH allows. Wait for one of them."""


class Stream:
    """One spec that is synthesised in a thread. Its pieces are buffered for later listeners."""

    def __init__(self, synthesis: Synthesis) -> None:
        self.synthesis = synthesis
        self.pieces: list[Piece] = []
        self.listeners = 0
        self.is_over = False
        self.error: SpeechError | None = None
        self._changed = asyncio.Event()

    async def listen(self) -> AsyncIterator[Piece]:
        """Yield every piece from the first one on; raises what the synthesis raised."""
        sent = 0
        while True:
            changed = self._changed
            while sent < len(self.pieces):
                sent += 1
                yield self.pieces[sent - 1]
            if self.is_over and sent == len(self.pieces):
                break
            await changed.wait()
        if self.error is not None:
            raise self.error

    def add(self, piece: Piece) -> None:
        """Buffer the next piece and wake the listeners."""
        self.pieces.append(piece)
        self._wake()

    def end(self, error: SpeechError | None) -> None:
        """End the stream, with the error that stopped it if there was one."""
        self.is_over, self.error = True, error
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Streams:
    """The streams of one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._open: dict[SpeechSpec, Stream] = {}
        self._of_users: Counter[int] = Counter()
        self._threads = ThreadPoolExecutor(settings.TTS_STREAMS, thread_name_prefix="tts-stream")

    @property
    def listeners(self) -> int:
        """The number of requests that listen now."""
        return sum(stream.listeners for stream in self._open.values())

    async def listen(
        self, spec: SpeechSpec, user_id: int
    ) -> AsyncIterator[tuple[Synthesis, Piece]]:
        """Yield the pieces of a resolved spec, each with its synthesis.

        The synthesis stops when its last listener leaves. Raises TooManyStreams, TooManyOwnStreams
        and what synthesis raises.
        """
        if self._of_users[user_id] >= settings.TTS_STREAMS_EACH:
            raise TooManyOwnStreams(TooManyOwnStreams.__doc__)
        self._of_users[user_id] += 1
        try:
            async with aclosing(self._share(spec)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self._of_users[user_id] -= 1
            self._of_users += Counter()  # drops zero counts

    async def _share(self, spec: SpeechSpec) -> AsyncGenerator[tuple[Synthesis, Piece]]:
        is_new = spec not in self._open
        stream = self._open[spec] if not is_new else self._start(spec)
        stream.listeners += 1
        if is_new:
            self._threads.submit(self._synthesise, spec, stream)
        try:
            async for piece in stream.listen():
                yield stream.synthesis, piece
        finally:
            stream.listeners -= 1
            if not stream.listeners:
                self._forget(spec, stream)

    def _start(self, spec: SpeechSpec) -> Stream:
        if len(self._open) >= settings.TTS_STREAMS:
            raise TooManyStreams(TooManyStreams.__doc__)
        stream = Stream(synthesise(spec, is_cancelled=lambda: not stream.listeners))
        self._open[spec] = stream
        return stream

    def _forget(self, spec: SpeechSpec, stream: Stream) -> None:
        if self._open.get(spec) is stream:
            del self._open[spec]

    def _synthesise(self, spec: SpeechSpec, stream: Stream) -> None:
        """Synthesise all pieces; runs in a thread."""
        error: SpeechError | None = None
        try:
            for piece in stream.synthesis:
                self._loop.call_soon_threadsafe(stream.add, piece)
        except SpeechError as failure:
            error = failure
        except Exception as failure:
            logger.exception("A stream failed.")
            error = SpeechError(str(failure))
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._end, spec, stream, error)

    def _end(self, spec: SpeechSpec, stream: Stream, error: SpeechError | None) -> None:
        self._forget(spec, stream)
        stream.end(error)
        if error is None and spec.format == "mp3":
            self._threads.submit(store, stream)


_streams: WeakKeyDictionary[asyncio.AbstractEventLoop, Streams] = WeakKeyDictionary()


def streams() -> Streams:
    """Return the streams of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _streams:
        _streams[loop] = Streams()
    return _streams[loop]


def find_stored(spec: SpeechSpec) -> tuple[Audio, bytes] | None:
    """Return the audio of a spec and its file if they exist already."""
    if spec.format != "mp3":
        return None
    audio = Audio.objects.exclude(hash="").filter(key=Audio.key_of(spec)).first()
    if audio is None:
        return None
    try:
        data = cache.files.read(audio.hash)
    except (BrokenFile, ConnectionError):
        return None
    library.record_use(audio.hash)
    return audio, data


def store(stream: Stream) -> None:
    """Store a complete stream for later requests; runs in a thread."""
    try:
        library.store_pieces(stream.synthesis, stream.pieces)
    except (DatabaseError, OSError) as error:
        logger.warning("A streamed speech could not be stored: %s", error)
    finally:
        connections.close_all()

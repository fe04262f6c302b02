"""Speech that is heard while it is made: each wish is made once for all who listen at the time."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import DatabaseError, connections

from tts import actions, tracks
from tts.errors import SpeechError
from tts.models import Audio
from tts.storage import BrokenTrack
from tts.synthesis import Piece, Synthesis, Wish, synthesise

logger = logging.getLogger(__name__)


class TooManyListeners(Exception):
    """As much is being spoken here as this process can; a moment later it may be less."""


class TooManyStreams(TooManyListeners):
    """You listen to as many texts at once as one may. Wait for one of them."""


class Production:
    """One wish being made in a thread. What is there is kept for those who come later."""

    def __init__(self, synthesis: Synthesis) -> None:
        self.synthesis = synthesis
        self.pieces: list[Piece] = []
        self.listeners = 0
        self.is_over = False
        self.error: SpeechError | None = None
        self._news = asyncio.Event()

    async def listen(self) -> AsyncIterator[Piece]:
        """Yield every piece, from the first one on; raises what the making raised."""
        told = 0
        while True:
            news = self._news
            while told < len(self.pieces):
                told += 1
                yield self.pieces[told - 1]
            if self.is_over and told == len(self.pieces):
                break
            await news.wait()
        if self.error is not None:
            raise self.error

    def hear(self, piece: Piece | None, error: SpeechError | None = None) -> None:
        """Take the next piece, or None at the end."""
        if piece is not None:
            self.pieces.append(piece)
        else:
            self.is_over, self.error = True, error
        self._news.set()
        self._news = asyncio.Event()


class Studio:
    """The productions of one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._under_way: dict[Wish, Production] = {}
        self._streams: Counter[int] = Counter()
        self._threads = ThreadPoolExecutor(settings.TTS_STREAMS, thread_name_prefix="tts-studio")

    async def listen(self, wish: Wish, person: int) -> AsyncIterator[Piece]:
        """Yield the pieces of a wish that was `check`ed; when nobody listens any more, it stops.

        `person` is the key of who listens. Raises TooManyListeners, TooManyStreams, and what
        synthesis raises.
        """
        if self._streams[person] >= settings.TTS_STREAMS_EACH:
            raise TooManyStreams(TooManyStreams.__doc__)
        self._streams[person] += 1
        try:
            async with aclosing(self._shared(wish)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self._streams[person] -= 1
            self._streams += Counter()  # forgets who listens to nothing

    async def _shared(self, wish: Wish) -> AsyncGenerator[Piece]:
        is_new = wish not in self._under_way
        production = self._under_way[wish] if not is_new else self._open(wish)
        production.listeners += 1
        if is_new:
            self._threads.submit(self._make, wish, production)
        try:
            async for piece in production.listen():
                yield piece
        finally:
            production.listeners -= 1
            if not production.listeners:
                self._forget(wish, production)

    def _open(self, wish: Wish) -> Production:
        if len(self._under_way) >= settings.TTS_STREAMS:
            raise TooManyListeners(TooManyListeners.__doc__)
        production = Production(synthesise(wish, is_cancelled=lambda: not production.listeners))
        self._under_way[wish] = production
        return production

    def _forget(self, wish: Wish, production: Production) -> None:
        if self._under_way.get(wish) is production:
            del self._under_way[wish]

    def _make(self, wish: Wish, production: Production) -> None:
        """Make all pieces; the body of a thread."""
        error: SpeechError | None = None
        try:
            for piece in production.synthesis:
                self._loop.call_soon_threadsafe(production.hear, piece)
        except SpeechError as failure:
            error = failure
        except Exception as failure:
            logger.exception("A wish could not be made.")
            error = SpeechError(str(failure))
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._end, wish, production, error)

    def _end(self, wish: Wish, production: Production, error: SpeechError | None) -> None:
        self._forget(wish, production)
        production.hear(None, error)
        if error is None and wish.format == "mp3":
            self._threads.submit(keep, wish, production)


_studios: WeakKeyDictionary[asyncio.AbstractEventLoop, Studio] = WeakKeyDictionary()


def studio() -> Studio:
    """Return the studio of this event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _studios:
        _studios[loop] = Studio()
    return _studios[loop]


def kept(wish: Wish) -> bytes | None:
    """Return the file of a wish that was made before."""
    if wish.format != "mp3":
        return None
    track = Audio.objects.filter(key=Audio.key_of(wish)).values_list("hash", flat=True).first()
    if not track:
        return None
    try:
        data = tracks.kept.read(track)
    except (BrokenTrack, ConnectionError):
        return None
    actions.note_use(track)
    return data


def keep(wish: Wish, production: Production) -> None:
    """Store what was made, so that it need not be made again; the body of a thread."""
    try:
        actions.store(wish, production.synthesis, production.pieces)
    except (DatabaseError, OSError) as error:
        logger.warning("What was spoken could not be kept: %s", error)
    finally:
        connections.close_all()

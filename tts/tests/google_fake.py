"""A recording fake of the server of gTTS: it responds with tones, or fails as a test sets it."""

import base64
import json
import math
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tts.audio.formats import Mp3Encoder
from tts.audio.sound import RATE, Samples

# Seconds of sound for each request.
TONE = 0.5


@dataclass
class GoogleFake:
    """What was asked, by whom, and how to answer: `modes` are used up one for each request."""

    url: str
    asked: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    modes: list[str] = field(default_factory=list)
    mode: str = "speaks"
    retry_after: str = ""
    delay: float = 0.0
    # Set to end the delays.
    over: threading.Event = field(default_factory=threading.Event)
    at_work: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    amplitude: int = 9000

    def wait(self) -> None:
        """Wait before an answer, and note how many do so at once."""
        with self.lock:
            self.at_work += 1
            self.most_at_once = max(self.most_at_once, self.at_work)
        self.over.wait(self.delay)
        with self.lock:
            self.at_work -= 1

    def next_mode(self) -> str:
        return self.modes.pop(0) if self.modes else self.mode


def tone(seconds: float = TONE, amplitude: int = 9000) -> bytes:
    samples = (int(amplitude * math.sin(at * 0.1)) for at in range(int(seconds * RATE)))
    encoder = Mp3Encoder()
    data = encoder.add(Samples(b"".join(struct.pack("<h", sample) for sample in samples)))
    return data + encoder.end()


ID3 = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
HTML = b"<html><title>Sorry...</title>Our systems have detected unusual traffic</html>"


@cache
def spoken(amplitude: int) -> bytes:
    """Return the file that is sent for every text."""
    return ID3 + tone(amplitude=amplitude)


def wrapped(audio: bytes) -> bytes:
    """Return what Google's page gets: a line of noise, then JSON in JSON."""
    inner = json.dumps([base64.b64encode(audio).decode()])
    outer = [["wrb.fr", "jQ1olc", inner, None, None, None, "generic"]]
    return b")]}'\n\n" + json.dumps(outer, separators=(",", ":")).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers in the way whose name the fake says is next."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        fake = self.server.fake
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        text, language, *_ = json.loads(json.loads(parse_qs(sent)["f.req"][0])[0][0][1])
        fake.asked.append(text)
        fake.languages.append(language)
        fake.connections.add(self.client_address[1])
        fake.wait()
        getattr(self, fake.next_mode())()

    def speaks(self) -> None:
        self.answer(200, wrapped(spoken(self.server.fake.amplitude)))

    def stereo(self) -> None:
        self.answer(200, wrapped(spoken(9000).replace(b"\xff\xf3", b"\xff\xfb")))

    def says_nothing(self) -> None:
        self.answer(200, b')]}\'\n\n[["wrb.fr","jQ1olc",null,null,null,[3],"generic"]]')

    def noise(self) -> None:
        self.answer(200, wrapped(b"this is no music at all"))

    def captcha(self) -> None:
        self.answer(200, HTML)

    def html(self) -> None:
        self.answer(200, b"<html>Welcome</html>")

    def sorry(self) -> None:
        self.answer(302, b"", Location="https://www.google.com/sorry/index")

    def too_many(self) -> None:
        self.answer(429, b"slow down")

    def forbidden(self) -> None:
        self.answer(403, b"no")

    def broken(self) -> None:
        self.answer(500, b"oops")

    def hangs(self) -> None:
        time.sleep(1)
        self.close_connection = True

    def cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(wrapped(spoken(9000))[:2000])
        self.close_connection = True

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        if self.server.fake.retry_after:
            headers["Retry-After"] = self.server.fake.retry_after
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Serves one fake."""

    # It ends after its answers, and so the client's threads are done with the test.
    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.fake = GoogleFake(f"http://127.0.0.1:{self.server_port}")

    def handle_error(self, *_: Any) -> None:
        """A client that went away is what some tests are about."""


@contextmanager
def running() -> Iterator[GoogleFake]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.fake
    finally:
        server.fake.over.set()
        server.shutdown()
        thread.join()
        server.server_close()

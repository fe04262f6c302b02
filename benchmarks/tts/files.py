"""A cached track beside a plain file server: requests a second, and the ratio.

Run it in the project's folder:  .venv/bin/python -m benchmarks.tts.files --seconds 5
Both are served by uvicorn with the same settings, one process each, one after the other in turns:
the whole application of the project, and Starlette's FileResponse on the very same file. Starlette
is for this benchmark alone: pip install -r benchmarks/tts/requirements.txt
"""

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.tts import ROOT

SIZE = 200_000
TURNS = 5

PEER = """
from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Route

async def track(request):
    return FileResponse({path!r}, media_type="audio/mpeg")

app = Starlette(routes=[Route("/tts/files/{{name}}", track)])
"""


async def requests(port: int, path: str, seconds: float, side_by_side: int = 8) -> float:
    """Ask for the file over raw connections and return the answers a second."""
    deadline = time.monotonic() + seconds
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()

    async def one() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while time.monotonic() < deadline:
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            count += 1
        writer.close()
        return count

    return sum(await asyncio.gather(*(one() for _ in range(side_by_side)))) / seconds


def serve(
    application: str, port: int, folder: str, environment: dict[str, str]
) -> subprocess.Popen:
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--no-access-log"]
    command += ["--log-level", "error", "--app-dir", folder]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return server
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{application} does not start")


def make_track(var: Path) -> tuple[str, Path]:
    """Put a file beside a new database as a worker would, and return its hash and path."""
    environment = {**os.environ, "VAR_DIR": str(var)}
    program = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'project.settings';"
        "django.setup(); from django.core.management import call_command;"
        "call_command('migrate', verbosity=0); from tts import storage; draft = storage.Draft();"
        f"draft.write(os.urandom({SIZE})); print(draft.commit())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    track = done.stdout.decode().split()[-1]
    return track, var / "media" / "speech" / track[:2] / f"{track}.mp3"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=3)
    options.add_argument("--port", type=int, default=8156)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder)
        track, path = make_track(var)
        (var / "peer.py").write_text(PEER.format(path=str(path)))
        environment = {"VAR_DIR": folder, "LOG_LEVEL": "WARNING", "SANDBOX": "0"}
        servers = [
            serve("project.asgi:application", given.port, str(ROOT), environment),
            serve("peer:app", given.port + 1, folder, {}),
        ]
        try:
            compare(given.port, f"/tts/files/{track}.mp3", given.seconds)
        finally:
            for server in servers:
                server.terminate()
                server.wait()


def compare(port: int, address: str, seconds: float) -> None:
    ranges = httpx.get(f"http://127.0.0.1:{port}{address}", headers={"Range": "bytes=0-9"})
    assert ranges.status_code == 206
    ratios = []
    for _ in range(TURNS):
        ours = asyncio.run(requests(port, address, seconds))
        peer = asyncio.run(requests(port + 1, address, seconds))
        ratios.append(ours / peer)
        print(f"ours {ours:7.0f}/s   FileResponse {peer:7.0f}/s   ratio {ours / peer:.2f}")
    print(f"median ratio: {statistics.median(ratios):.2f}  ({SIZE:,} bytes, uvicorn, one process)")


if __name__ == "__main__":
    main()

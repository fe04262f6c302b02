"""Posting webhooks over many connections, with little more work than writing bytes."""

import asyncio
import hashlib
import hmac
import json
import time

SECRET = "benchmark"


class Posts:
    """Makes requests, each with a new update."""

    def __init__(self, path, body, headers):
        self.path, self.body, self.headers = path, body, headers
        self.number = int(time.time() * 1e6)

    def __next__(self):
        self.number += 1
        body = json.dumps(self.body(self.number)).encode()
        lines = [f"POST {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += ["Content-Type: application/json", *self.headers(body)]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Peer(asyncio.Protocol):
    """One connection; it notes how long each answer takes."""

    def __init__(self):
        self.answers = []

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.answer += data
        head, end, body = self.answer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if end and len(body) >= int(length or 0) and not self.answered.done():
            self.answered.set_result(head[9:12])

    async def post(self, request):
        self.answered, self.answer = asyncio.get_running_loop().create_future(), b""
        started = time.perf_counter()
        self.transport.write(request)
        status = await self.answered
        assert status == b"200", status
        self.answers.append(time.perf_counter() - started)


async def connected(port, count):
    loop = asyncio.get_running_loop()
    pairs = [await loop.create_connection(Peer, "127.0.0.1", port) for _ in range(count)]
    return [peer for _, peer in pairs]


async def flat_out(port, posts, connections, seconds):
    """Return answers a second when every connection posts as soon as it is answered."""
    peers = await connected(port, connections)
    end = time.perf_counter() + seconds

    async def keep_posting(peer):
        while time.perf_counter() < end:
            await peer.post(next(posts))

    started = time.perf_counter()
    await asyncio.gather(*map(keep_posting, peers))
    took = time.perf_counter() - started
    for peer in peers:
        peer.transport.close()
    return sum(len(peer.answers) for peer in peers) / took


async def at_rate(port, posts, rate, seconds, connections=64):
    """Return the sorted seconds of answers to `rate` posts a second, whatever the server does.

    A post that finds no connection free waits for one, and its waiting counts.
    """
    peers = await connected(port, connections)
    free = asyncio.Queue()
    for peer in peers:
        free.put_nowait(peer)
    times, tasks = [], set()

    async def post(due):
        peer = await free.get()
        await peer.post(next(posts))
        free.put_nowait(peer)
        times.append(time.perf_counter() - due)

    started = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = started + number / rate
        if (pause := due - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        task = asyncio.create_task(post(due))
        tasks.add(task)  # those that have ended would hold up the last ones
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    for peer in peers:
        peer.transport.close()
    return sorted(times)


def pachca_update(number):
    chat = number % 500
    return {
        "type": "message",
        "event": "new",
        "id": number,
        "entity_type": "user",
        "entity_id": 1,
        "chat_id": chat,
        "user_id": chat,
        "content": "/nothing to be done",
        "created_at": "2026-11-22T10:00:00.000Z",
        "webhook_timestamp": int(time.time()),
    }


def pachca_headers(body):
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return [f"Pachca-Signature: {signature}"]


def telegram_update(number):
    person = {"id": number % 500 + 1, "is_bot": False, "first_name": "Ann"}
    chat = {"id": number % 500 + 1, "type": "private", "first_name": "Ann"}
    message = {"message_id": number % 2**31, "date": int(time.time()), "chat": chat}
    return {"update_id": number % 2**31, "message": message | {"from": person, "text": "/nothing"}}


def telegram_headers(body):
    return ["X-Telegram-Bot-Api-Secret-Token: secret"]

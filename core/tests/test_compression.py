from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from core.middleware.compression import CompressionMiddleware

LONG = b"a line that comes again\n" * 100


async def lines() -> AsyncIterator[bytes]:
    yield LONG


@pytest.mark.parametrize(
    ("answer", "encoding"),
    [(HttpResponse(LONG), "gzip"), (StreamingHttpResponse(lines()), None)],
    ids=["whole", "live"],
)
def test_what_is_sent_whole_is_compressed_and_a_live_stream_is_not(
    rf: Any, answer: Any, encoding: Any
) -> None:
    request = rf.get("/", headers={"accept-encoding": "gzip"})

    sent = CompressionMiddleware(lambda _request: answer)(request)

    assert sent.get("Content-Encoding") == encoding

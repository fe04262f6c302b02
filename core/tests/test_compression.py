from collections.abc import AsyncIterator

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from project.compression import CompressionOfWholes

LONG = b"a line that comes again\n" * 100


async def lines() -> AsyncIterator[bytes]:
    yield LONG


@pytest.mark.parametrize(
    ("answer", "encoding"),
    [(HttpResponse(LONG), "gzip"), (StreamingHttpResponse(lines()), None)],
    ids=["whole", "live"],
)
def test_what_is_sent_whole_is_compressed_and_a_live_stream_is_not(rf, answer, encoding):
    request = rf.get("/", headers={"accept-encoding": "gzip"})

    sent = CompressionOfWholes(lambda _request: answer)(request)

    assert sent.get("Content-Encoding") == encoding

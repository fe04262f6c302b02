from typing import Any

import pytest

from core.asgi.forwarded import ForwardedClient

PROXY = ("172.18.0.1", 5123)


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ([], PROXY),
        ([b""], PROXY),
        ([b"192.0.2.7"], ("192.0.2.7", 0)),
        ([b"10.0.0.1, 192.0.2.7"], ("192.0.2.7", 0)),
        ([b"10.0.0.1", b"2001:db8::1"], ("2001:db8::1", 0)),
    ],
    ids=["nothing", "empty", "one", "claimed by the client", "in two headers"],
)
async def test_the_address_is_the_one_that_the_proxy_has_added(forwarded: Any, client: Any) -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"])

    headers = [(b"host", b"localhost"), *((b"x-forwarded-for", value) for value in forwarded)]
    await ForwardedClient(app)({"type": "http", "client": PROXY, "headers": headers}, None, None)

    assert seen == [client]

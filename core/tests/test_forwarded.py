import pytest

from project.proxy import CallersOfProxy

PROXY = ("172.18.0.1", 5123)


@pytest.mark.parametrize(
    ("told", "client"),
    [
        ([], PROXY),
        ([b""], PROXY),
        ([b"192.0.2.7"], ("192.0.2.7", 0)),
        ([b"10.0.0.1, 192.0.2.7"], ("192.0.2.7", 0)),
        ([b"10.0.0.1", b"2001:db8::1"], ("2001:db8::1", 0)),
    ],
    ids=["nothing", "empty", "one", "claimed by the client", "in two headers"],
)
async def test_a_caller_is_where_the_proxy_says_and_not_where_they_claim(told, client):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["client"])

    headers = [(b"host", b"localhost"), *((b"x-forwarded-for", value) for value in told)]
    await CallersOfProxy(app)({"type": "http", "client": PROXY, "headers": headers}, None, None)

    assert seen == [client]

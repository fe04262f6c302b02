from project.one_hop import OneHop


async def test_who_leaves_while_sending_is_not_answered():
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(event):
        sent.append(event)

    await OneHop(1)({"type": "http"}, receive, send)

    assert sent == []


async def test_an_answer_is_sent_with_its_status_headers_and_body():
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(event):
        sent.append(event)

    headers = [(b"host", b"localhost")]
    scope = {"type": "http", "method": "GET", "path": "/api/nothing", "headers": headers}
    await OneHop(1)(scope, receive, send)

    start, body = sent
    assert start["status"] == 404
    assert (b"content-type", b"application/json") in start["headers"]
    assert b'"not_found"' in body["body"]

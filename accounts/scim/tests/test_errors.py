"""Every answer to a bad request is an error in SCIM's format, and never a 500."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.scim.tests.conftest import GROUP, PATCH, USER, Directory
from accounts.scim.views import MAX_BODY, reject
from core.asgi.body_limit import BodyLimit
from twitter.models import User

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
UNKNOWN = "8b1a9953-c461-4a6b-9f0e-9d1c2a5c1d2e"
QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def is_error(response: Any, status: int) -> bool:
    body = response.json()
    found = response.status_code, body["schemas"], body["status"], response.headers["Content-Type"]
    return bool(found == (status, [ERROR], str(status), "application/scim+json"))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Nothing", 404),
        ("GET", "/Users/1", 404),
        ("GET", f"/Users/{UNKNOWN}", 404),
        ("DELETE", f"/Groups/{UNKNOWN}", 404),
        ("GET", "/Users/%00", 404),
        ("GET", "/Users/1/2/3", 404),
        ("PUT", "/Users", 405),
        ("OPTIONS", "/Users", 405),
        ("POST", f"/Users/{UNKNOWN}", 405),
        ("PATCH", "/ServiceProviderConfig", 405),
        ("POST", "/Bulk", 501),
        ("GET", "/Me", 501),
        ("GET", "", 501),
        ("GET", "/", 501),
        ("GET", "/Users?filter=userName", 400),
        ("GET", "/Users?filter=nothing%20eq%201", 400),
        ("GET", "/Users?filter=" + "x" * 3000, 400),
        ("GET", "/Users?sortBy=emails", 400),
        ("GET", "/Users?count=x", 400),
        ("GET", "/Users?cursor=", 501),
        ("GET", "/Users?attributes=userName&excludedAttributes=emails", 400),
        ("GET", "/Schemas?filter=id%20pr", 403),
        ("GET", "/Users?" + "a=1&" * 1_500, 400),
    ],
)
def test_a_bad_request_is_answered_with_an_error(
    directory: Directory, method: str, path: str, status: int
) -> None:
    response = directory.call(method, path)

    assert is_error(response, status), (response.status_code, response.content)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b"\xff", 400),
        (b"[]", 400),
        (b"[" * 100_000, 400),
        (b" " * (MAX_BODY + 1), 413),
        ({"schemas": [USER]}, 400),
        ({"schemas": ["urn:x:y"], "userName": "x"}, 400),
        ({"schemas": [USER], "userName": "x\0"}, 400),
        ({"schemas": [USER], "userName": "  "}, 400),
        ({"schemas": [USER], "userName": "x" * 300}, 400),
        ({"schemas": [USER], "userName": "x", "displayName": "\u202ex"}, 400),
        ({"schemas": [USER], "userName": "x", "emails": [{"value": "not an address"}]}, 400),
        ({"schemas": [USER], "userName": "x", "emails": "x"}, 400),
        ({"schemas": [USER], "userName": 5}, 400),
        ({"schemas": [USER], "userName": "x", "active": "perhaps"}, 400),
    ],
)
def test_a_bad_body_is_answered_with_an_error(directory: Directory, body: Any, status: int) -> None:
    response = directory.call("POST", "/Users", body)

    assert is_error(response, status), (response.status_code, response.content)
    assert not User.objects.exists()


def test_another_media_type_is_refused(directory: Directory) -> None:
    body = {"schemas": [USER], "userName": "x"}

    assert is_error(directory.call("POST", "/Users", body, content_type="text/xml"), 415)
    assert (
        directory.call("POST", "/Users", body, content_type="application/json").status_code == 201
    )


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "id", "value": "x"},
        {"op": "replace", "path": "groups", "value": [{"value": UNKNOWN}]},
        {"op": "replace", "path": "userName"},
        {"op": "remove", "path": "userName"},
        {"op": "remove"},
        {"op": "explode", "path": "userName", "value": "x"},
        {"op": "add", "path": "emails[", "value": "x"},
        {"op": "add", "path": 'emails[type gt "x"].value', "value": "x@example.com"},
        {"op": "add", "path": "emails", "value": 5},
    ],
)
def test_a_bad_patch_changes_nothing(directory: Directory, operation: Any) -> None:
    user = directory.add_user("olga").json()

    response = directory.patch(f"/Users/{user['id']}", operation)

    assert is_error(response, 400), (response.status_code, response.content)
    assert directory.find(f"/Users/{user['id']}")["userName"] == "olga"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 900 + "id pr" + ")" * 900,
        "not (" * 300 + "userName pr" + ")" * 300,
        " or ".join(["emails pr"] * 150),
        " and ".join(["emails[type ne null]"] * 80),
        "not (id pr and " * 100 + "id pr" + ")" * 100,
    ],
)
def test_a_large_filter_is_answered(directory: Directory, text: str) -> None:
    response = directory.client.get("/scim/v2/Users", {"filter": text})

    assert response.status_code == 200 or is_error(response, 400), response.content


NAMES = st.sampled_from(
    "userName id externalId active name name.givenName emails emails.type emails.primary groups"
    " groups.value meta.created meta schemas title members members.value displayName"
    f" meta.resourceType {USER}:userName".split()
)
OPERATORS = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "xx"])
VALUES = st.one_of(
    st.text(max_size=8).map(json.dumps),
    st.sampled_from(["true", "null", "5", "1e999", '"%_\\\\"', '"\\u0000"', '"\\ud800"', "x"]),
    st.sampled_from([f'"{UNKNOWN}"', '"2026-01-01T00:00:00Z"', '"0001-01-01T00:00:00+14:00"']),
    st.sampled_from(['"9999-12-31T23:59:59-14:00"', '"2026-01-01T00:00:00"', '"2026-01-01"']),
)
TERMS = st.one_of(
    st.builds("{} {} {}".format, NAMES, OPERATORS, VALUES),
    st.builds("{} pr".format, NAMES),
    st.builds(
        "emails[{} {} {}]".format, st.sampled_from(["type", "value", "x"]), OPERATORS, VALUES
    ),
    st.text(max_size=20),
)
FILTERS = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("not ({})".format, inner),
        st.builds("emails[{}]".format, inner),
    ),
    max_leaves=6,
)


@QUICK
@given(text=FILTERS, path=st.sampled_from(["/Users", "/Groups"]))
def test_any_filter_is_answered(directory: Directory, text: str, path: str) -> None:
    response = directory.client.get(f"/scim/v2{path}", {"filter": text})

    assert response.status_code in (200, 400), (text, response.content)
    assert response.status_code == 200 or is_error(response, 400)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "type", "primary", "userName", "name", "op", "path"]), inner
        )
    ),
    max_leaves=8,
)
BODIES = st.fixed_dictionaries(
    {"schemas": st.sampled_from([[USER], [GROUP], [PATCH], [], None])},
    optional=dict.fromkeys(
        ("userName", "displayName", "name", "emails", "active", "members", "Operations"), JSON
    ),
)


@QUICK
@given(body=BODIES, method=st.sampled_from(["POST", "PUT", "PATCH"]))
def test_any_body_is_answered(directory: Directory, sockets: Any, body: Any, method: str) -> None:
    user = directory.find("/Users").get("Resources") or [directory.add_user("olga").json()]
    path = "/Users" if method == "POST" else f"/Users/{user[0]['id']}"

    response = directory.call(method, path, body)

    assert response.status_code < 500, response.content


async def test_a_large_body_is_refused_before_it_is_received() -> None:
    sent = []

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {"headers": [(b"content-length", str(MAX_BODY + 1).encode())]}
    await BodyLimit(None, MAX_BODY, reject)(scope, None, send)

    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["schemas"] == [ERROR]

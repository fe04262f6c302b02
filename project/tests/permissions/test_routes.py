"""The permission matrix: how each route, API call and socket event answers people in each role.

The routes are found in the URL patterns, so a new one fails here until it has a row in routes.txt.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from project.asgi import application, http_urlpatterns
from project.tests.permissions.routes import (
    OPEN,
    PEOPLE,
    REFUSED,
    answers,
    clients_of,
    find_routes,
    make_people,
    path_of,
    propose_row,
)
from realtime.connections.identity import person_room
from realtime.register import register
from twitter.api.calls import CALLS
from twitter.models import Tweet, User

LINES = (Path(__file__).parent / "routes.txt").read_text(encoding="utf-8").splitlines()
ROWS = {
    "" if route == "/" else route: (get, post)
    for get, post, route in (line.split(" ", 2) for line in LINES if line and line[0] != "#")
}
IN_ADMIN = {route for route in ROWS if route.startswith("admin/")}

# Served before Django, each with a check of its own: sessions and keys, signatures, secret names.
BEFORE_DJANGO = {"events", "bots/<slug:slug>/webhook", "tts/files/<name>", "^api/", "^scim/v2", ""}

TWEET = {"tweet_data": "x"}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "tweets"): TWEET,
    ("POST", "tweets/<int:tweet_id>"): TWEET,
    ("PATCH", "tweets/<int:tweet_id>"): TWEET,
    ("POST", "users"): {"name": "Пётр", "key": "a-key-of-ten"},
    ("PATCH", "users/me"): {"about": "x"},
}
EVERYBODY, MEMBERS, PUBLIC = "LOOOOOO", "LROOOOO", "OOOOOOO"
# Calls with other answers than EVERYBODY's. The tweet and the account are the author's.
CALL_ROWS = {
    ("POST", "tweets"): MEMBERS,
    ("POST", "tweets/<int:tweet_id>"): MEMBERS,
    ("PATCH", "tweets/<int:tweet_id>"): "LRORRRR",
    ("DELETE", "tweets/<int:tweet_id>"): "LROORRO",
    ("POST", "tweets/<int:tweet_id>/reposts"): MEMBERS,
    ("GET", "medias/<str:filename>"): PUBLIC,
    ("POST", "users"): "LRRRRRO",
    ("DELETE", "users/<int:user_id>"): "LRRRRRO",
}
# Events of the default register, and patterns of its rooms.
SOCKET_EVENTS = {"sandbox.watch"}  # whose token is checked in sandbox/tests
ROOM_ROWS = {"tweets": "ROOOOOO", "person.*": "RRORRRR"}  # the author's own


@pytest.fixture
def people(db: None, sockets: Any) -> dict[str, User | AnonymousUser]:
    return make_people()


@pytest.fixture
def clients(people: dict[str, User | AnonymousUser]) -> dict[str, Client]:
    return clients_of(people)


@pytest.fixture
def values(people: dict[str, User | AnonymousUser]) -> dict[str, str]:
    """What the parameters of routes are: a tweet of the author, and people."""
    author = people["author"]
    assert isinstance(author, User)
    tweet = Tweet.objects.create(author=author, text="hello")
    return {
        "pk": str(tweet.pk),
        "tweet_id": str(tweet.pk),
        "user_id": str(author.pk),
        "username": "moderator",
        "name": "like",
        "app_label": "bots",
    }


def test_every_route_has_a_row(clients: dict[str, Client], values: dict[str, str]) -> None:
    routes = set(find_routes())
    # To be read and judged before they are added to routes.txt.
    missing = [propose_row(clients, route, values) for route in sorted(routes - ROWS.keys())]

    assert missing == []
    assert ROWS.keys() - routes == set(), "remove rows from routes.txt"
    assert {str(each.pattern) for each in http_urlpatterns} == BEFORE_DJANGO


@pytest.mark.parametrize("column", [0, 1], ids=["GET", "POST"])
def test_each_page_answers_each_role_as_its_row_says(
    clients: dict[str, Client], values: dict[str, str], column: int
) -> None:
    method = ("GET", "POST")[column]
    rows = {route: row[column] for route, row in ROWS.items() if route not in IN_ADMIN}

    found = {route: answers(clients, method, path_of(route, values)) for route in rows}

    assert found == rows


def test_each_page_of_the_admin_answers_each_role_as_its_row_says(
    clients: dict[str, Client], values: dict[str, str]
) -> None:
    rows = {route: ROWS[route][0] for route in IN_ADMIN}

    found = {route: answers(clients, "GET", path_of(route, values)) for route in rows}

    assert found == rows


def test_only_people_with_work_in_the_admin_see_any_of_it() -> None:
    for_all = {"admin/login/", "admin/logout/"}
    seen = {route for route in IN_ADMIN - for_all if OPEN in ROWS[route][0][:3]}

    assert seen == set()


def test_each_call_of_the_api_answers_each_role_as_its_row_says(
    clients: dict[str, Client], values: dict[str, str]
) -> None:
    rows = {(call.method, call.path): EVERYBODY for call in CALLS} | CALL_ROWS
    assert len(rows) == len(CALLS)

    found = {
        (method, path): answers(
            clients, method, "/api" + path_of(path, values), BODIES.get((method, path))
        )
        for method, path in rows
    }

    assert found == rows


def test_every_event_and_room_of_the_sockets_has_a_row() -> None:
    own = {name for name in register._routes if not name.startswith("system.")}

    assert own == SOCKET_EVENTS
    assert {rule.pattern for rule in register._room_rules} == ROOM_ROWS.keys()


async def test_rooms_of_the_sockets_let_each_role_in_as_their_rows_say(
    transactional_db: None, broker: Any
) -> None:
    people = await database_sync_to_async(make_people)()
    clients = await database_sync_to_async(clients_of)(people)
    rooms = {"tweets": "tweets", "person.*": person_room(people["author"].pk)}

    found = {
        pattern: "".join([await _join(clients[name], room) for name in PEOPLE])
        for pattern, room in rooms.items()
    }

    assert found == ROOM_ROWS


async def _join(client: Client, room: str) -> str:
    cookies = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    headers = [(b"cookie", cookies.encode()), (b"host", b"localhost")]
    socket = WebsocketCommunicator(application, "/ws", headers=headers)
    await socket.connect()
    call = {"eventName": "system.join", "payload": {"room": room}, "headers": {}}
    await socket.send_to(json.dumps(call))
    answer = json.loads(await socket.receive_from(10))
    await socket.disconnect()
    return REFUSED if answer["eventName"] == "error" else OPEN

"""Every route of the site, found in its URL patterns, and how each answers people in each role."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.roles.assignment import set_roles
from accounts.roles.definitions import ROLES
from twitter.models import User
from twitter.tests.factories import make_person

ANONYMOUS = "anonymous"
PEOPLE = (ANONYMOUS, *ROLES)
"""In the order of the letters in a row."""

LOGIN, REFUSED, OPEN = "L", "R", "O"
SIGN_IN_PAGES = ("/login", "/admin/login/")
OBJECT_OF_ADMIN = re.compile(r"admin/(\w+)/(\w+)/<")
APPS = re.compile(r"\^\(\?P<app_label>[^)]*\)/\$")  # the admin names all apps in this route


def find_routes(patterns: Any = None, prefix: str = "") -> Iterator[str]:
    """Yield the route of each URL pattern, as it is written there."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from find_routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield APPS.sub("<app_label>/", route)


def path_of(route: str, values: dict[str, str]) -> str:
    """Return a path that a route matches; its parameters are looked up by name.

    The object of a page of the admin is the first of its model, or one that does not exist.
    """
    if found := OBJECT_OF_ADMIN.match(route):
        pk = _first_object(*found.groups())
        values = {**values, "object_id": pk, "pk": pk, "id": pk}
    path = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda found: values.get(found[1], "1"), route)
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values.get(found[1], "1"), path)
    return "/" + re.sub(r"[\^$?\\]|\(\.\*\)|\.\*", "", path)


def _first_object(app: str, model_name: str) -> str:
    model = apps.get_model(app, model_name)
    if not model._meta.managed:
        return "0"
    return str(model._default_manager.order_by("pk").values_list("pk", flat=True).first() or 0)


def make_people() -> dict[str, User | AnonymousUser]:
    """Create a person with each role."""
    people: dict[str, User | AnonymousUser] = {ANONYMOUS: AnonymousUser()}
    for role in ROLES:
        person = make_person(role)
        set_roles(person, [role])
        people[role] = User.objects.get(pk=person.pk)
    return people


def clients_of(people: dict[str, User | AnonymousUser]) -> dict[str, Client]:
    clients = {name: Client(raise_request_exception=False) for name in people}
    for name, person in people.items():
        if isinstance(person, User):
            clients[name].force_login(person)
    return clients


def answers(clients: dict[str, Client], method: str, path: str, body: Any = None) -> str:
    """Return a letter for each client; what the requests change is rolled back."""
    data = json.dumps(body) if body else ""
    return "".join(_answer(client, method, path, data) for client in clients.values())


def propose_row(clients: dict[str, Client], route: str, values: dict[str, str]) -> str:
    """Return the line of routes.txt that states how a route answers now."""
    path = path_of(route, values)
    is_in_admin = route.startswith("admin/")
    post = "-" * len(clients) if is_in_admin else answers(clients, "POST", path)
    return f"{answers(clients, 'GET', path)} {post} {route or '/'}"


def _answer(client: Client, method: str, path: str, data: str) -> str:
    cookies = {name: cookie.value for name, cookie in client.cookies.items()}
    with transaction.atomic():
        response: Any = client.generic(method, path, data, "application/json")
        outcome = _outcome(response)
        transaction.set_rollback(True)
    client.cookies.load(cookies)  # signing out deletes one
    return outcome


def _outcome(response: HttpResponseBase) -> str:
    if response.status_code == 401:
        return LOGIN
    target = response.headers.get("Location", "").partition("?")[0]
    if response.status_code in (301, 302) and target in SIGN_IN_PAGES:
        return LOGIN
    return REFUSED if response.status_code == 403 else OPEN

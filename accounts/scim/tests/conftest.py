"""Fixtures of the tests of SCIM: a token, and a client that shows it."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from accounts.tests.conftest import _apart, ann, root  # noqa: F401
from realtime.testing import broker, sockets  # noqa: F401

TOKEN = "a-token-of-the-tests-with-more-than-32-characters"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """An identity provider: calls SCIM as Okta, Keycloak and Entra do."""

    def __init__(self, token: str = TOKEN) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.client = Client(headers=headers, raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body) if body is not None else ""
        kind = more.pop("content_type", "application/scim+json")
        return self.client.generic(method, f"/scim/v2{path}", data, kind, **more)

    def find(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/scim/v2{path}", query).json()

    def add_user(self, user_name: str, **values: Any) -> Any:
        body = {"schemas": [USER], "userName": user_name, **values}
        return self.call("POST", "/Users", body)

    def add_group(self, name: str, *members: str) -> Any:
        values = [{"value": each} for each in members]
        body = {"schemas": [GROUP], "displayName": name, "members": values}
        return self.call("POST", "/Groups", body)

    def patch(self, path: str, *operations: Any) -> Any:
        return self.call("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})


@pytest.fixture(autouse=True)
def _configured(settings: SettingsWrapper) -> None:
    settings.SCIM_TOKEN = [TOKEN]


@pytest.fixture
def directory(db: None) -> Directory:
    return Directory()

"""The server against the checks that python-scim has for servers and for storages."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import ScimProvider
from scim2_server.testing import SEARCH_USERS, ScimStorageContract
from scim2_tester import Status, check_server

from accounts.scim.resources import PROVIDER
from accounts.scim.storage import Storage
from accounts.scim.tests.conftest import TOKEN

STORED = {"userName", "displayName", "name", "active", "emails"}


@pytest.fixture
def _keeps_connections() -> Iterator[None]:
    """Requests leave the connection to the database open, as those of Django's test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_keeps_connections")
def test_scim2_tester_finds_no_error(db: None, broker: Any) -> None:
    client = WSGISCIMClient(
        WSGIHandler(),
        base_url="http://testserver/scim/v2",
        headers={"Authorization": f"Bearer {TOKEN}"},
        provider=ScimProvider(),
    )

    results = check_server(client)

    good = {Status.SUCCESS, Status.SKIPPED, Status.COMPLIANT, Status.ACCEPTABLE}
    bad = [it.reason for it in results if it.status not in good]
    # An account is always active or not: without a value, it stays as it is.
    assert bad == ["Attribute 'active' was not removed"]
    assert len(results) > 50


@pytest.mark.django_db
class TestStorage(ScimStorageContract):
    supports_root_search = False
    # Members have no `display`; test_groups.py tests what is left out.
    test_get_keeps_what_the_response_returns = None
    # There are no ETags, so resources have no versions.
    test_update_with_an_outdated_version = None  # type: ignore[assignment]
    test_delete_with_an_outdated_version = None  # type: ignore[assignment]
    test_create_fills_the_identifier_and_the_meta = None  # type: ignore[assignment]
    test_update_replaces_the_stored_resource = None  # type: ignore[assignment]

    @pytest.fixture
    def provider(self) -> ScimProvider:
        return PROVIDER

    @pytest.fixture
    def storage(self) -> Storage:
        return Storage()

    def search_users(self) -> list[dict[str, Any]]:
        return [{name: it for name, it in user.items() if name in STORED} for user in SEARCH_USERS]

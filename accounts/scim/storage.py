"""Where the SCIM server reads and writes: rows of `accounts.scim` and the accounts they name."""

from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.db import transaction
from scim2_models import (
    NotFoundException,
    NotImplementedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
)
from scim2_server.storage import ScimStorage, SearchPage

from accounts.scim import groups, people
from accounts.scim.filters import filtered
from accounts.scim.models import ScimGroup, ScimUser


class Storage(ScimStorage):
    """Stores users and groups. A request is one transaction, and locks the row that it changes."""

    def operation(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        if response_parameters is None:  # it is read to be changed
            _lock(resource_type, resource_id)
            if resource_type.name == "User":
                return people.resource_to_change(_user(resource_id))
        return self.read(resource_type, resource_id, response_parameters)

    def read(
        self,
        resource_type: ResourceType,
        resource_id: str,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """Return a resource as it is answered, without locking it."""
        if resource_type.name == "User":
            return people.resource_of(_user(resource_id))
        row = _group(resource_id)
        members = groups.members_of([row]) if _wants_members(response_parameters) else {}
        return groups.resource_of(row, members.get(row.group_id))

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        if len(resource_types) > 1:
            raise NotImplementedException(detail="Search /Users or /Groups")
        name = str(resource_types[0].name)
        found = filtered(_rows(name), search_request, name)
        total = found.count()
        start = search_request.start_index_0 or 0
        if start >= total or search_request.count == 0:
            return SearchPage(total, [])
        stop = total if search_request.count is None else start + search_request.count
        page = found[start : min(stop, total)]
        if name == "User":
            return SearchPage(total, [people.resource_of(row) for row in people.with_values(page)])
        rows = list(page)
        members = groups.members_of(rows) if _wants_members(search_request) else {}
        resources = [groups.resource_of(row, members.get(row.group_id)) for row in rows]
        return SearchPage(total, list(resources))

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        create: Any = people.create if resource_type.name == "User" else groups.create
        return self.read(resource_type, str(create(resource).scim_id))

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        if resource_type.name == "User":
            people.update(_user(resource.id), resource)  # type: ignore[arg-type]  # the same
        else:
            groups.update(_group(resource.id), resource)  # type: ignore[arg-type]  # the same
        return self.read(resource_type, str(resource.id))

    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        if resource_type.name == "User":
            people.end(_user(resource_id))
        else:
            groups.delete(_group(resource_id))


def _rows(name: str) -> Any:
    return ScimUser.objects.present() if name == "User" else ScimGroup.objects.all()


def _lock(resource_type: ResourceType, resource_id: str) -> None:
    rows = _rows(str(resource_type.name)).filter(scim_id=_number(resource_id))
    rows.select_for_update().values_list("pk").first()


def _user(resource_id: str | None) -> ScimUser:
    rows = people.with_values(ScimUser.objects.present())
    row = rows.filter(scim_id=_number(resource_id)).first()
    if row is None:
        raise _not_found(resource_id)
    return row


def _group(resource_id: str | None) -> ScimGroup:
    rows = ScimGroup.objects.select_related("group")
    row = rows.filter(scim_id=_number(resource_id)).first()
    if row is None:
        raise _not_found(resource_id)
    return row


def _not_found(resource_id: str | None) -> NotFoundException:
    return NotFoundException(detail=f"Resource '{resource_id}' not found")


def _number(resource_id: str | None) -> UUID:
    try:
        return UUID(resource_id)
    except (ValueError, TypeError, AttributeError):
        raise _not_found(resource_id) from None


def _wants_members(parameters: ResponseParameters[Any] | None) -> bool:
    """Return whether a response has the members of groups; it has unless it is sure that not."""
    if parameters is None:
        return True
    if parameters.excluded_attributes:
        return not any(_name(path) == "members" for path in parameters.excluded_attributes)
    asked = parameters.attributes
    return not asked or any("members" in str(path).lower() for path in asked)


def _name(path: Any) -> str:
    return str(path).lower().rpartition(":")[2]

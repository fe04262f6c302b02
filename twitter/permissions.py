"""Who may post: everybody except readers, unless another group allows it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from twitter.models import User

POST = "twitter.post_tweet"


class AuthorBackend:
    """Grants the permission to post by a column of the person, without a query.

    It stands before the backend of groups, which costs two.
    """

    def authenticate(self, request: Any) -> None:
        """Sign nobody in: no credentials match this signature."""

    def has_perm(self, person: Any, permission: str, obj: Any = None) -> bool:
        return permission == POST and isinstance(person, User) and _is_author(person)

    async def ahas_perm(self, person: Any, permission: str, obj: Any = None) -> bool:
        return self.has_perm(person, permission, obj)


def require_author(person: User) -> None:
    """Raise PermissionDenied for somebody who may only read."""
    if not person.has_perm(POST):
        raise PermissionDenied(
            _("Your role allows reading only. Ask an administrator for the role of an author.")
        )


def _is_author(person: User) -> bool:
    return person.is_active and not person.is_reader

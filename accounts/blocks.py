"""Who has blocked an account: the directory sync, the identity provider, or an administrator.

An account that several have blocked stays blocked until each of them has ended its block. What
neither the sync nor the provider has noted was blocked by an administrator, who alone ends it.
Call these functions with the row of the person locked.
"""

from django.db.models import Q

from accounts.directory.models import Member
from accounts.scim.models import ScimUser
from twitter.models import User


def is_blocked_by_sync(person: User) -> bool:
    """Return whether the person has left Pachca, and the sync has blocked the account for it."""
    return Member.objects.filter(person=person, is_blocked=True).exists()


def is_blocked_by_provider(person: User) -> bool:
    """Return whether the identity provider has blocked or deleted the account."""
    blocked = Q(is_blocked=True) | Q(ended_at__isnull=False)
    return ScimUser.objects.filter(blocked, person=person).exists()

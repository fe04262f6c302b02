"""Taking access away from a person who goes."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Invitation
from accounts.sessions import end_sessions, sessions_of
from bots.models import LinkCode
from twitter import actions
from twitter.models import User


def is_last_superuser(person: User) -> bool:
    """Return whether nobody else can administer the site. Superusers are locked meanwhile."""
    superusers = User.objects.select_for_update(no_key=True).filter(
        is_superuser=True, is_active=True
    )
    return set(superusers.order_by("pk").values_list("pk", flat=True)) == {person.pk}


@transaction.atomic
def end_access(person: User) -> None:
    """Block a person: sessions, API keys and links to choose a password end for good.

    Open connections are closed within two seconds after the commit. Tweets and links to Pachca
    accounts stay.
    """
    actions.block(person)
    end_sessions(person, sessions_of(person))
    Invitation.objects.open().filter(person=person).update(revoked_at=timezone.now())
    LinkCode.objects.filter(person_id=person.pk).delete()

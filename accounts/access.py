"""Taking access away from a person who goes."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Invitation
from accounts.sessions import end_sessions, sessions_of
from bots.models import LinkCode
from twitter import actions
from twitter.models import User


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

"""What a copy of a person's data contains: rows as JSON, and the files that they name."""

from collections.abc import Iterable, Iterator
from typing import Any

from accounts.audit.models import AuditEvent
from accounts.pachca.models import PachcaGrant
from accounts.scim.models import ScimUser
from bots.models import PachcaAccount
from tts.models import Speech
from twitter.models import Bookmark, Follow, Like, Media, Notification, Tweet, User

BATCH = 500

Row = dict[str, Any]


def sections(person: User) -> Iterator[tuple[str, Iterable[Row]]]:
    """Yield the name of each JSON file, and its rows. Neither has passwords, keys or their hashes.

    Rows of others are named by their usernames and ids only.
    """
    yield (
        "profile",
        User.objects.filter(pk=person.pk).values(
            *("id", "username", "name", "about", "email", "language", "date_joined", "last_login"),
            *("followers_count", "following_count"),
        ),
    )
    yield (
        "tweets",
        _rows(
            Tweet.objects.filter(author=person),
            *("id", "text", "created_at", "edited_at", "reply_to", "repost_of", "hidden_at"),
            *("likes_count", "replies_count", "reposts_count"),
        ),
    )
    yield (
        "pictures",
        _rows(Media.objects.filter(owner=person), "id", "tweet", "file", "alt", "created_at"),
    )
    yield "likes", _rows(Like.objects.filter(person=person), "tweet", "created_at")
    yield "bookmarks", _rows(Bookmark.objects.filter(person=person), "tweet", "created_at")
    yield (
        "follows",
        _rows(Follow.objects.filter(follower=person), "followed__username", "created_at"),
    )
    yield (
        "followers",
        _rows(Follow.objects.filter(followed=person), "follower__username", "created_at"),
    )
    yield (
        "notifications",
        _rows(
            Notification.objects.filter(person=person),
            *("kind", "actor__username", "tweet", "created_at", "read_at"),
        ),
    )
    yield (
        "speech",
        _rows(Speech.objects.filter(owner=person), "id", "audio__text", "audio__voice", "state"),
    )
    yield (
        "api_keys",
        _rows(
            person.api_keys.all(),
            *("name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"),
        ),
    )
    yield (
        "pachca_accounts",
        _rows(
            PachcaAccount.objects.filter(person_id=person.pk),
            *("pachca_user_id", "in_sandbox", "linked_at"),
        ),
    )
    yield (
        "pachca_access",
        _rows(
            PachcaGrant.objects.filter(account__person_id=person.pk),
            *("account__pachca_user_id", "scopes", "granted_at"),
        ),
    )
    yield (
        "identity_provider",
        _rows(
            ScimUser.objects.filter(person=person),
            *("user_name", "external_id", "display_name", "formatted_name", "given_name"),
            *("family_name", "emails__value", "created_at", "updated_at", "ended_at"),
        ),
    )
    yield (
        "actions",
        _rows(
            AuditEvent.objects.filter(actor=person),
            *("created_at", "action", "object_type", "object_id", "object_name"),
            *("address", "user_agent"),
        ),
    )


def files(person: User) -> Iterator[str]:
    """Yield the names of the person's files in the storage."""
    if person.avatar.name:
        yield person.avatar.name
    yield from Media.objects.filter(owner=person).values_list("file", flat=True).iterator(BATCH)


def _rows(rows: Any, *fields: str) -> Iterator[Row]:
    found: Iterator[Row] = rows.order_by("pk").values(*fields).iterator(BATCH)
    return found

"""Uploading pictures, attaching them to tweets, and deleting those that are never attached."""

import secrets
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.doorbell import ring
from twitter.actions.people import delete_avatar
from twitter.media import pictures
from twitter.media.storage import store
from twitter.models import Media, Tweet, User
from twitter.models.media import MAX_MEDIA, MediaQuerySet
from twitter.permissions import require_author

SWEEP_BATCH_SIZE = 1000
MAX_UNCLAIMED_UPLOADS = 100
"""Pictures that a person may have uploaded without having posted them."""
NO_SUCH_MEDIA = gettext_lazy(
    "The picture does not exist, belongs to someone else or is already posted. Upload it again."
)


def upload_media(owner: User, file: "File[bytes]", alt: str = "") -> Media:
    """Store a picture that `owner` may then post.

    Metadata is removed; HEIC and AVIF files are converted. A worker creates the thumbnail after the
    commit. If a surrounding transaction is rolled back, the file stays in the storage: call
    `discard_media` first.

    Raises ValidationError if the file is not a supported picture, or exceeds a limit (bytes,
    pixels, uploads that are not posted yet), StorageError if it cannot be stored, and
    PermissionDenied for a reader.
    """
    require_author(owner)
    if Media.objects.unclaimed_by(owner).count() >= MAX_UNCLAIMED_UPLOADS:
        raise ValidationError(
            _("You have too many uploads that are not posted yet. Post some of them first."),
            code="too_many",
        )
    picture, token = pictures.clean(file), _new_token()
    media = Media(owner=owner, token=token, kind=picture.kind, alt=alt.strip())
    media.size, media.width, media.height = len(picture.content), picture.width, picture.height
    media.clean_fields(exclude=["owner", "tweet", "file", "thumbnail"])
    with store(media.file, f"p-{token}.{picture.extension}", picture.content):
        media.save()
    transaction.on_commit(lambda: ring("twitter.make_thumbnail", media.pk))
    return media


def upload_avatar(person: User, file: "File[bytes]") -> User:
    """Set a person's avatar, cropped to a square; the file of the previous one is deleted.

    Raises ValidationError if the file is not a supported picture, and StorageError.
    """
    picture = pictures.crop_avatar(pictures.clean(file))
    with transaction.atomic():
        delete_avatar(person)
        name = f"a-{_new_token()}.{picture.extension}"
        with store(person.avatar, name, picture.content):
            person.save(update_fields=["avatar"])
    return person


def find_uploads(owner: User, ids: Sequence[int]) -> list[Media]:
    """Return uploads of `owner` that are not posted yet, in the order of `ids`.

    Raises ValidationError unless all of them exist.
    """
    found = Media.objects.unclaimed_by(owner).in_bulk(ids) if ids else {}
    if len(found) < len(ids):
        raise ValidationError(NO_SUCH_MEDIA, code="no_media")
    return [found[pk] for pk in ids]


def claim(media: Sequence[Media], tweet: Tweet) -> None:
    """Attach uploads to a tweet; ValidationError unless all are its author's and unattached.

    A single UPDATE claims all of them, so of two tweets that claim the same upload, one fails.
    """
    if not media:
        return
    if len(media) > MAX_MEDIA:
        raise ValidationError(_("A tweet has at most 10 pictures."), code="too_many")
    order = {each.pk: place for place, each in enumerate(media)}
    places = Case(*(When(pk=pk, then=Value(place)) for pk, place in order.items()))
    mine = Media.objects.unclaimed_by(tweet.author).filter(pk__in=order)
    if mine.update(tweet=tweet, position=places) != len(media):
        raise ValidationError(NO_SUCH_MEDIA, code="no_media")


def make_thumbnail(media: Media) -> None:
    """Create and store the thumbnail. A picture for which this fails is not tried again."""
    with media.file.open("rb") as file:
        content = file.read()
    try:
        picture = pictures.make_thumbnail(content)
    except (OSError, ValueError):
        Media.objects.filter(pk=media.pk).update(is_broken=True)
        raise
    with store(media.thumbnail, f"t-{media.token}.webp", picture.content):
        Media.objects.filter(pk=media.pk).update(thumbnail=media.thumbnail.name)


def sweep_uploads() -> int:
    """Delete the uploads that no tweet claimed within UPLOADS_KEPT_HOURS; return how many.

    The row is deleted before the files, so a tweet cannot claim an upload whose file is gone.
    """
    expired = Media.objects.expired()
    return sum(_delete_from(expired, media) for media in expired[:SWEEP_BATCH_SIZE])


def discard_media(media: Iterable[Media]) -> None:
    """Delete uploads and their files, except those that a tweet has claimed."""
    for each in media:
        _delete_from(Media.objects.filter(tweet=None), each)


def _delete_from(unclaimed: MediaQuerySet, media: Media) -> bool:
    """Delete an upload with its files if `unclaimed` still contains it."""
    deleted, _rows = unclaimed.filter(pk=media.pk).delete()
    for name in (media.file.name, media.thumbnail.name):
        if deleted and name:
            default_storage.delete(name)
    return bool(deleted)


def _new_token() -> str:
    """Return 24 unguessable characters: anyone who has the URL of a picture can open it."""
    return secrets.token_urlsafe(18)

"""Pictures: taken in, claimed by a tweet, and swept away when none claims them."""

import secrets
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from jobs.doorbell import ring
from twitter import pictures
from twitter.actions.people import drop_avatar
from twitter.models import Media, Tweet, User
from twitter.models.media import MOST_MEDIA

MOST_UNCLAIMED = 100
"""Pictures that one person may have uploaded and not yet posted."""


def upload_media(owner: User, file: "File[bytes]", alt: str = "") -> Media:
    """Take in a picture that its owner may then post; ValidationError if it is none.

    Its thumbnail is made by a worker, a moment later.
    """
    if Media.objects.unclaimed_by(owner).count() >= MOST_UNCLAIMED:
        raise ValidationError(_("Post what you have uploaded first."), code="too_many")
    picture, token = pictures.cleaned(file), _new_token()
    media = Media(owner=owner, token=token, kind=picture.kind, alt=alt.strip())
    media.size, media.width, media.height = len(picture.content), picture.width, picture.height
    media.clean_fields(exclude=["owner", "tweet", "file", "thumbnail"])
    media.file.save(f"p-{token}.{picture.extension}", ContentFile(picture.content), save=False)
    media.save()
    transaction.on_commit(lambda: ring("twitter.make_thumbnail", media.pk))
    return media


def upload_avatar(person: User, file: "File[bytes]") -> User:
    """Take in the picture of a person, in place of the one before."""
    picture = pictures.square(pictures.cleaned(file))
    with transaction.atomic():
        drop_avatar(person)
        name = f"a-{_new_token()}.{picture.extension}"
        person.avatar.save(name, ContentFile(picture.content), save=False)
        person.save(update_fields=["avatar"])
    return person


def chosen_media(owner: User, ids: Sequence[int]) -> list[Media]:
    """Return uploads to post, in this order; ValidationError unless all are there for `owner`."""
    found = Media.objects.unclaimed_by(owner).in_bulk(ids) if ids else {}
    if len(found) < len(ids):
        raise ValidationError(_("There is no such media."), code="no_media")
    return [found[pk] for pk in ids]


def claim(media: Sequence[Media], tweet: Tweet) -> None:
    """Let a tweet show pictures; ValidationError unless all are its author's and shown nowhere.

    One UPDATE takes them all: of two tweets that claim the same picture at once, one fails.
    """
    if not media:
        return
    if len(media) > MOST_MEDIA:
        raise ValidationError(_("A tweet has at most 10 pictures."), code="too_many")
    order = {each.pk: place for place, each in enumerate(media)}
    places = Case(*(When(pk=pk, then=Value(place)) for pk, place in order.items()))
    mine = Media.objects.unclaimed_by(tweet.author).filter(pk__in=order)
    if mine.update(tweet=tweet, position=places) != len(media):
        raise ValidationError(_("There is no such media."), code="no_media")


def make_thumbnail(media: Media) -> None:
    """Make the smaller picture for feeds. One that cannot be made is not tried again."""
    with media.file.open("rb") as file:
        content = file.read()
    try:
        picture = pictures.thumbnail(content)
    except (OSError, ValueError):
        Media.objects.filter(pk=media.pk).update(is_broken=True)
        raise
    media.thumbnail.save(f"t-{media.token}.webp", ContentFile(picture.content), save=False)
    Media.objects.filter(pk=media.pk).update(thumbnail=media.thumbnail.name)


def sweep_uploads() -> int:
    """Delete the uploads that no tweet claimed in time; return how many.

    The row goes first: a tweet that claims it at this moment finds it or not, never half of it.
    """
    swept = 0
    for media in Media.objects.expired()[:1000]:
        deleted, _rows = Media.objects.expired().filter(pk=media.pk).delete()
        for name in (media.file.name, media.thumbnail.name):
            if deleted and name:
                default_storage.delete(name)
        swept += bool(deleted)
    return swept


def _new_token() -> str:
    """Who has the address of a picture may see it, so nobody can guess one."""
    return secrets.token_urlsafe(18)

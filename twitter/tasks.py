"""What is done later, by the workers."""

from celery import shared_task

from twitter.actions.media import make_thumbnail, sweep_uploads
from twitter.actions.moderation import purge
from twitter.models import Media

SWEPT_AT_ONCE = 100


@shared_task(name="twitter.make_thumbnail")
def thumbnail(media_id: int) -> None:
    """Make the thumbnail of a picture, unless that is done or the picture gone."""
    media = Media.objects.without_thumbnail().filter(pk=media_id).first()
    if media is not None:
        make_thumbnail(media)


@shared_task(name="twitter.sweep")
def sweep() -> None:
    """Make the thumbnails that nobody made, and delete what has been kept long enough."""
    for media in Media.objects.without_thumbnail()[:SWEPT_AT_ONCE]:
        thumbnail.delay(media.pk)
    sweep_uploads()
    purge()

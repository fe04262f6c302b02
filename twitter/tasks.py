"""Celery tasks of the microblog."""

import time

from celery import shared_task

from jobs.pacing import paced
from twitter.actions.indexing import index_batch
from twitter.actions.media import make_thumbnail, sweep_uploads
from twitter.actions.moderation import purge
from twitter.actions.people import fill_folded_names
from twitter.models import Media, Tweet

SWEEP_BATCH_SIZE = 100
# Seconds. The next sweep continues what is left.
INDEXING_TIMEOUT = 50.0
INDEXING_PAUSE = 0.05


@shared_task(name="twitter.make_thumbnail")
def thumbnail(media_id: int) -> None:
    """Create the thumbnail of a picture, unless it has one or was deleted."""
    media = Media.objects.without_thumbnail().filter(pk=media_id).first()
    if media is not None:
        make_thumbnail(media)


@shared_task(name="twitter.index_tweets")
def index_tweets() -> None:
    """Index tweets for search, pausing between batches so that other tasks of the process run."""
    end = time.monotonic() + INDEXING_TIMEOUT
    while index_batch() and time.monotonic() < end:
        time.sleep(INDEXING_PAUSE)


@shared_task(name="twitter.sweep")
@paced("TWITTER_SWEEP_EVERY")
def sweep() -> None:
    """Create missing thumbnails, delete expired uploads and tweets, and resume unfinished work."""
    for media in Media.objects.without_thumbnail()[:SWEEP_BATCH_SIZE]:
        thumbnail.delay(media.pk)
    sweep_uploads()
    purge()
    fill_folded_names()
    if Tweet.objects.unindexed().exists():
        index_tweets.delay()

"""Updating the search index in the background."""

from django.db import transaction

from twitter.models import Tweet
from twitter.models.search import index_terms, search_terms

BATCH_SIZE = 200


@transaction.atomic
def index_batch() -> int:
    """Index the newest tweets that are not indexed yet; return how many, 0 if none are left.

    The rows are locked, so terms of an outdated text never overwrite those of a concurrent edit.
    Rows that another process has locked are skipped. An interrupted batch is repeated.
    """
    unindexed = Tweet.objects.unindexed().select_for_update(skip_locked=True, no_key=True)
    tweets = list(unindexed[:BATCH_SIZE])
    for tweet in tweets:
        tweet.terms = search_terms(tweet.text)
    Tweet.objects.bulk_update(tweets, ["terms"])
    index_terms((tweet.pk, tweet.terms) for tweet in tweets)
    return len(tweets)

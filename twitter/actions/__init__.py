"""The operations of the microblog: rows change, signals are sent, real-time events are published.

Each action checks permissions and input. It raises `PermissionDenied` if the person may not do
this, `ValidationError` for invalid input, and the model's `DoesNotExist` if the row was deleted or
hidden. Actions are idempotent. Events are published after the surrounding transaction commits.
"""

from twitter.actions.erasure import erase_person
from twitter.actions.follows import follow, unfollow
from twitter.actions.media import discard_media, find_uploads, upload_avatar, upload_media
from twitter.actions.moderation import hide_tweet, purge, restore_tweet
from twitter.actions.notifications import read_notifications
from twitter.actions.people import (
    add_person,
    block,
    change_profile,
    delete_avatar,
    end_account,
    free_username,
    hide_tweets_of,
    leave,
    make_person,
)
from twitter.actions.reactions import bookmark, like, repost, unbookmark, undo_repost, unlike
from twitter.actions.rooms import TWEETS_ROOM, room_of
from twitter.actions.speech import listen
from twitter.actions.tweets import delete_tweet, edit_tweet, post_tweet

__all__ = [
    "TWEETS_ROOM",
    "add_person",
    "block",
    "bookmark",
    "change_profile",
    "delete_avatar",
    "delete_tweet",
    "discard_media",
    "edit_tweet",
    "end_account",
    "erase_person",
    "find_uploads",
    "follow",
    "free_username",
    "hide_tweet",
    "hide_tweets_of",
    "leave",
    "like",
    "listen",
    "make_person",
    "post_tweet",
    "purge",
    "read_notifications",
    "repost",
    "restore_tweet",
    "room_of",
    "unbookmark",
    "undo_repost",
    "unfollow",
    "unlike",
    "upload_avatar",
    "upload_media",
]

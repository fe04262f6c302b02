"""What people do here, told to the world once it is committed.

Each action checks who may do it, and raises `PermissionDenied` (not yours), `ValidationError` (bad
input) or the model's `DoesNotExist` (gone, or hidden). Doing a thing twice is doing it once.
"""

from twitter.actions.following import follow, unfollow
from twitter.actions.listening import listen
from twitter.actions.media import chosen_media, upload_avatar, upload_media
from twitter.actions.moderation import hide_tweet, purge, restore_tweet
from twitter.actions.notifying import read_notifications
from twitter.actions.people import change_profile, drop_avatar, leave, make_person
from twitter.actions.reactions import bookmark, like, repost, unbookmark, undo_repost, unlike
from twitter.actions.rooms import EVERYBODY, room_of
from twitter.actions.tweeting import delete_tweet, edit_tweet, post_tweet

__all__ = [
    "EVERYBODY",
    "bookmark",
    "change_profile",
    "chosen_media",
    "delete_tweet",
    "drop_avatar",
    "edit_tweet",
    "follow",
    "hide_tweet",
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

"""The table of all API calls, which `dispatch.py` serves and `schema.py` documents."""

from django.utils.translation import gettext_lazy as _

from twitter import actions
from twitter.api import media, people, tweets
from twitter.api import responses as r
from twitter.api import serializers as s
from twitter.api.authentication import allow_anonymous
from twitter.api.body import FORM
from twitter.api.call import Call
from twitter.api.people import find_person
from twitter.api.tweets import find_tweet

TWEET_EXAMPLE = {"tweet_data": "Привет, #команда!", "tweet_media_ids": []}

# fmt: off
CALLS = (
    # --- tweets
    Call("GET", "tweets", tweets.list_feed, _("List the tweets of a feed"),
         query=s.FeedQuery, returns=r.TweetPage, errors=(400, 404)),
    Call("POST", "tweets", tweets.post_tweet, _("Post a tweet"),
         body=s.NewTweet, returns=r.TweetMade, example=TWEET_EXAMPLE),
    Call("GET", "tweets/<int:tweet_id>", tweets.read_tweet, _("Get a tweet"),
         returns=r.OneTweet, errors=(404,)),
    Call("POST", "tweets/<int:tweet_id>", tweets.reply, _("Reply to a tweet"),
         find=find_tweet, body=s.NewTweet, returns=r.TweetMade, errors=(404,),
         example=TWEET_EXAMPLE),
    Call("PATCH", "tweets/<int:tweet_id>", tweets.edit_tweet,
         _("Edit your tweet, shortly after posting it"),
         body=s.EditedTweet, returns=r.OneTweet, errors=(403, 404)),
    Call("DELETE", "tweets/<int:tweet_id>", actions.delete_tweet,
         _("Delete your tweet, or any tweet as a moderator"),
         find=find_tweet, returns=r.Done, errors=(403, 404)),
    Call("GET", "tweets/<int:tweet_id>/thread", tweets.list_thread,
         _("List the conversation of a tweet, oldest first"),
         find=find_tweet, query=s.PageQuery, returns=r.TweetPage, errors=(400, 404)),
    Call("POST", "tweets/<int:tweet_id>/likes", actions.like, _("Like a tweet"),
         find=find_tweet, returns=r.Done, errors=(404,)),
    Call("DELETE", "tweets/<int:tweet_id>/likes", actions.unlike, _("Remove a like"),
         find=find_tweet, returns=r.Done, errors=(404,)),
    Call("POST", "tweets/<int:tweet_id>/reposts", tweets.repost,
         _("Repost a tweet"),
         find=find_tweet, returns=r.TweetMade, errors=(404,)),
    Call("DELETE", "tweets/<int:tweet_id>/reposts", actions.undo_repost, _("Remove a repost"),
         find=find_tweet, returns=r.Done, errors=(404,)),
    Call("POST", "tweets/<int:tweet_id>/bookmark", actions.bookmark, _("Bookmark a tweet"),
         find=find_tweet, returns=r.Done, errors=(404,)),
    Call("DELETE", "tweets/<int:tweet_id>/bookmark", actions.unbookmark, _("Remove a bookmark"),
         find=find_tweet, returns=r.Done, errors=(404,)),
    Call("GET", "bookmarks", tweets.list_bookmarks,
         _("List your bookmarks, newest first"),
         query=s.PageQuery, returns=r.TweetPage, errors=(400,)),
    Call("GET", "search", tweets.search, _("Search tweets"),
         query=s.SearchQuery, returns=r.TweetPage, errors=(400,)),
    Call("GET", "trends", tweets.list_trends,
         _("List trending hashtags"),
         returns=r.Trends),

    # --- media
    Call("POST", "medias", media.upload, _("Upload a picture"),
         body=s.NewMedia, media_type=FORM, returns=r.MediaMade, errors=(503, 507)),
    Call("GET", "medias/<str:filename>", media.read_file, _("Get the file of a picture"),
         permission=allow_anonymous, description=media.FILE_DESCRIPTION,
         returns={(200, "image/*"): bytes, 304: None}, errors=(404, 503)),

    # --- people
    Call("GET", "users", people.list_people, _("List people, ordered by name"),
         query=s.PeopleQuery, returns=r.People, errors=(400,)),
    Call("POST", "users", people.make_person, _("Add a person (staff)"),
         body=s.NewPerson, returns=r.PersonMade, errors=(403,)),
    Call("GET", "users/me", people.read_own_profile, _("Get your profile"),
         returns=r.OnePerson),
    Call("PATCH", "users/me", people.change_profile, _("Change your profile"),
         body=s.Profile, returns=r.OnePerson),
    Call("POST", "users/me/avatar", people.upload_avatar, _("Set your avatar"),
         body=s.NewAvatar, media_type=FORM, returns=r.AvatarMade, errors=(503, 507)),
    Call("DELETE", "users/me/avatar", actions.delete_avatar, _("Delete your avatar"),
         returns=r.Done),
    Call("GET", "users/<int:user_id>", people.read_profile, _("Get a profile"),
         find=find_person, returns=r.OnePerson, errors=(404,)),
    Call("DELETE", "users/<int:user_id>", people.end_account, _("Remove a user (staff only)"),
         query=s.LeaveQuery, returns=r.Done, errors=(400, 403, 404)),
    Call("POST", "users/<int:user_id>/follow", actions.follow, _("Follow a person"),
         find=find_person, returns=r.Done, errors=(400, 404)),
    Call("DELETE", "users/<int:user_id>/follow", actions.unfollow, _("Unfollow a person"),
         find=find_person, returns=r.Done, errors=(404,)),
    Call("GET", "notifications", people.list_notifications,
         _("List your notifications, newest first"),
         query=s.NotificationsQuery, returns=r.Notifications, errors=(400,)),
    Call("POST", "notifications/read", actions.read_notifications,
         _("Mark all notifications as read"),
         returns=r.Done),
)
# fmt: on

# Names of paths, used in operation ids of the schema and in responses to OPTIONS.
NAMES = {
    "tweets": "Tweets",
    "tweets/<int:tweet_id>": "One Tweet",
    "tweets/<int:tweet_id>/thread": "Thread",
    "tweets/<int:tweet_id>/likes": "Likes",
    "tweets/<int:tweet_id>/reposts": "Reposts",
    "tweets/<int:tweet_id>/bookmark": "Bookmark",
    "bookmarks": "Bookmarks",
    "search": "Search",
    "trends": "Trends",
    "medias": "Medias",
    "medias/<str:filename>": "Media File",
    "users": "People",
    "users/me": "Me",
    "users/me/avatar": "Avatar",
    "users/<int:user_id>": "One Person",
    "users/<int:user_id>/follow": "Following",
    "notifications": "Notifications",
    "notifications/read": "Notifications Read",
    "schema": "Schema",
    "": "Root",
}

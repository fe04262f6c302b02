"""Adding people, changing profiles and ending accounts."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from realtime.actions import publish, revalidate
from twitter.actions.notifications import publish_unread
from twitter.actions.rooms import TWEETS_ROOM, subject_of
from twitter.models import ApiKey, Follow, Notification, Tweet, User, usernames
from twitter.models.tweets import TweetQuerySet
from twitter.signals import person_left, tweet_deleted
from twitter.text.normal import fold_username, normalize, normalize_name

MIN_NAME_LENGTH = 2
MAX_USERNAME_LENGTH = 30
USERNAME_ATTEMPTS = 10


@transaction.atomic
def make_person(staff: User, name: str, key: str) -> User:
    """Create a person with a given API key and without a password, so they cannot sign in.

    The username is derived from the name. Raises PermissionDenied without the permission
    `twitter.add_user`, and ValidationError for an invalid name or a key that is invalid or taken.
    """
    if not staff.has_perm("twitter.add_user"):
        raise PermissionDenied(_("You do not have permission to add people."))
    name = normalize_name(name)
    if len(name) < MIN_NAME_LENGTH:
        raise ValidationError(_("A name must have 2 to 100 characters."), code="name_length")
    person = add_person(name)
    _give_key(person, key)
    return person


@transaction.atomic
def add_person(name: str, wanted: str = "") -> User:
    """Create a person without a password, with a username like `wanted` or else like the name.

    Raises ValidationError for an invalid name. Permissions are the caller's business.
    """
    person = User(name=name)
    person.set_unusable_password()
    _save_underfree_username(person, wanted or name)
    return person


@transaction.atomic
def change_profile(person: User, *, name: str | None = None, about: str | None = None) -> User:
    """Change the public profile; None leaves a field unchanged. Raises ValidationError."""
    person.name = person.name if name is None else normalize_name(name)
    person.about = person.about if about is None else normalize(about)
    if len(person.name) < MIN_NAME_LENGTH:
        raise ValidationError({"name": _("A name must have 2 to 100 characters.")})
    person.clean_fields(exclude=["password", "username", "email"])
    person.save(update_fields=["name", "about"])
    return person


def fill_folded_names() -> None:
    """Fill in folded names of rows that a process of the previous version wrote."""
    usernames.fill_folded_names(User.objects.all())


@transaction.atomic
def leave(staff: User, person: User, *, keeps_tweets: bool) -> None:
    """End a person's account: sign-in, API keys and follows.

    Tweets stay visible, or are hidden and can be restored within TWEETS_KEPT_DAYS. Raises
    PermissionDenied without the permission `twitter.delete_user`, for one's own account, and for a
    superuser's account unless `staff` is a superuser.
    """
    if not staff.has_perm("twitter.delete_user") or person.is_superuser > staff.is_superuser:
        raise PermissionDenied(_("You do not have permission to end this account."))
    if staff.pk == person.pk:
        raise PermissionDenied(_("You cannot end your own account."))
    block(person)
    unfollow_all(person)
    if not keeps_tweets:
        hide_all(Tweet.objects.filter(author=person), staff, _("The author has left"))
    _announce_leaving(person, keeps_tweets=keeps_tweets)


@transaction.atomic
def end_account(person: User) -> None:
    """End a person's account and keep the tweets. Permissions are the caller's business."""
    block(person)
    unfollow_all(person)
    _announce_leaving(person, keeps_tweets=True)


@transaction.atomic
def block(person: User) -> None:
    """Prevent further sign-ins, revoke all API keys and close the connections.

    Tweets and follows stay. Permissions are the caller's business.
    """
    person.is_active = False
    person.save(update_fields=["is_active"])
    for key in person.api_keys.filter(revoked_at=None):
        key.revoke()
    revalidate(person.pk)


@transaction.atomic
def hide_tweets_of(person: User) -> None:
    """Hide all tweets of a person who has left; they can be restored within TWEETS_KEPT_DAYS."""
    hide_all(Tweet.objects.filter(author=person), person, _("The author has left"))
    left = {"id": person.pk, "tweets": "hidden"}
    publish("person.left", left, TWEETS_ROOM, retracts=subject_of(person))


def _announce_leaving(person: User, *, keeps_tweets: bool) -> None:
    person_left.send(sender=User, person=person)
    retracts = "" if keeps_tweets else subject_of(person)
    left = {"id": person.pk, "tweets": "kept" if keeps_tweets else "hidden"}
    publish("person.left", left, TWEETS_ROOM, retracts=retracts)


def _save_underfree_username(person: User, wanted: str) -> None:
    """Save a new person, retrying with the next username if a concurrent call took it."""
    for _attempt in range(USERNAME_ATTEMPTS):
        person.username = free_username(wanted)
        person.clean_fields()
        try:
            with transaction.atomic():
                person.save()
        except IntegrityError:
            continue
        return
    raise ValidationError(
        _("Other people with this name are being added at the moment. Try again."),
        code="name_taken",
    )


def free_username(name: str) -> str:
    """Return a username derived from a name, with a numeric suffix if it is taken."""
    base = slugify(name, allow_unicode=True)[:MAX_USERNAME_LENGTH] or "person"
    alike = User.objects.filter(username_folded__startswith=fold_username(base))
    taken = set(alike.values_list("username_folded", flat=True))
    number = 1
    while fold_username(username := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return username


def _give_key(person: User, key: str) -> None:
    try:
        with transaction.atomic():
            ApiKey.objects.adopt(person, _("First key"), key)
    except IntegrityError as error:
        raise ValidationError(
            _("This key cannot be used. Choose another one."), code="key_taken"
        ) from error


def unfollow_all(person: User) -> None:
    """Delete a person's follows in both directions, and correct the counts of the others."""
    followers = list(person.followings.values_list("follower", flat=True))
    followed = list(person.follows.values_list("followed", flat=True))
    Follow.objects.filter(follower=person).delete()
    Follow.objects.filter(followed=person).delete()
    User.objects.filter(pk__in=followers).update(following_count=F("following_count") - 1)
    User.objects.filter(pk__in=followed).update(followers_count=F("followers_count") - 1)
    User.objects.filter(pk=person.pk).update(following_count=0, followers_count=0)


def hide_all(tweets: TweetQuerySet, staff: User, reason: str) -> None:
    """Hide the tweets that are visible; the caller publishes the event that retracts them."""
    shown = tweets.filter(hidden_at=None)
    around = set(shown.values_list("reply_to", "repost_of").distinct())
    hidden = list(shown)
    notified = Notification.objects.filter(tweet__in=shown).unread_people()
    shown.update(hidden_at=timezone.now(), hidden_by=staff, hidden_reason=reason)
    for tweet in hidden:
        tweet_deleted.send(sender=Tweet, tweet=tweet, person=staff)
    publish_unread(notified)
    Tweet.objects.filter(pk__in={key for pair in around for key in pair if key}).recount()


def delete_avatar(person: User) -> None:
    """Remove a person's avatar. The file is deleted after the commit."""
    name = person.avatar.name
    person.avatar = ""
    person.save(update_fields=["avatar"])
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))

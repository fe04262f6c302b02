"""Telling people what happened to their tweets and names."""

from django.utils import timezone

from realtime.actions import publish
from twitter.actions.rooms import room_of
from twitter.models import Notification, Tweet, User
from twitter.shapes import notification_shape
from twitter.signals import notification_made

Kind = Notification.Kind


def notify(person: User, kind: Kind, actor: User, tweet: Tweet | None = None) -> None:
    """Tell a person once, however often it happens; nobody is told of what they did themselves."""
    if person.pk == actor.pk or not person.is_active:
        return
    notification, is_new = Notification.objects.get_or_create(
        person=person, kind=kind, actor=actor, tweet=tweet
    )
    if is_new:
        notification_made.send(sender=Notification, notification=notification)
        publish("notification.made", notification_shape(notification), room_of(person))


def unnotify(person: User, kind: Kind, actor: User, tweet: Tweet | None = None) -> None:
    """Take back what was told, since it was undone."""
    Notification.objects.filter(person=person, kind=kind, actor=actor, tweet=tweet).delete()


def read_notifications(person: User) -> None:
    """Mark all notifications of a person as read, and tell their other open pages."""
    if person.notifications.unread().update(read_at=timezone.now()):
        publish("notifications.read", {}, room_of(person))

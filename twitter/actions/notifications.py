"""Creating, withdrawing and reading notifications."""

from collections.abc import Iterable

from django.utils import timezone

from realtime.actions import publish
from twitter.actions.rooms import room_of
from twitter.models import Notification, Tweet, User
from twitter.models.notifications import NotificationQuerySet
from twitter.serialization import serialize_notification
from twitter.signals import notification_made

Kind = Notification.Kind


def notify(person: User, kind: Kind, actor: User, tweet: Tweet | None = None) -> None:
    """Notify an active person of what `actor` did, once per kind, actor and tweet.

    People are not notified of their own actions.
    """
    if person.pk == actor.pk or not person.is_active:
        return
    notification, is_new = Notification.objects.get_or_create(
        person=person, kind=kind, actor=actor, tweet=tweet
    )
    if is_new:
        notification_made.send(sender=Notification, notification=notification)
        publish("notification.made", serialize_notification(notification), room_of(person))


def withdraw_notification(
    person: User, kind: Kind, actor: User, tweet: Tweet | None = None
) -> None:
    """Delete the notification of an action that was undone."""
    withdraw_notifications(
        Notification.objects.filter(person=person, kind=kind, actor=actor, tweet=tweet)
    )


def withdraw_notifications(notifications: NotificationQuerySet) -> None:
    """Delete notifications and update the badges on open pages."""
    people = notifications.unread_people()
    notifications.delete()
    publish_unread(people)


def publish_unread(people: Iterable[User]) -> None:
    """Publish each person's number of unread notifications to their open pages."""
    for person in people:
        unread = Notification.objects.of(person).unread().count()
        publish("notifications.changed", {"unread": unread}, room_of(person))


def read_notifications(person: User) -> None:
    """Mark all notifications of a person as read, also on their other open pages."""
    if person.notifications.unread().update(read_at=timezone.now()):
        publish("notifications.read", {}, room_of(person))

"""Calls about people and notifications."""

from twitter import actions
from twitter.models import Notification, User
from twitter.serialization import Json, serialize_notification, serialize_person, serialize_profile

MAX_PEOPLE = 10_000


def find_person(user_id: int) -> User:
    """Return an active person. Raises DoesNotExist."""
    return User.objects.present().get(pk=user_id)


def list_people(_caller: User, query: Json) -> Json:
    people = User.objects.named(query["q"]) if "q" in query else User.objects.present()
    return {"users": list(people.values("id", "name", "username")[:MAX_PEOPLE])}


def read_profile(_caller: User, person: User) -> Json:
    return {"user": serialize_profile(person)}


def read_own_profile(caller: User) -> Json:
    return {"user": serialize_profile(User.objects.get(pk=caller.pk))}


def change_profile(caller: User, body: Json) -> Json:
    actions.change_profile(caller, **body)
    return read_own_profile(caller)


def upload_avatar(caller: User, body: Json) -> Json:
    return {"avatar": actions.upload_avatar(caller, body["file"]).avatar_url}


def make_person(caller: User, body: Json) -> Json:
    person = actions.make_person(caller, body["name"], body["key"])
    return {"user": {**serialize_person(person), "key": body["key"]}}


def end_account(caller: User, user_id: int, query: Json) -> None:
    actions.leave(caller, find_person(user_id), keeps_tweets=query["tweets"] == "keep")


def list_notifications(caller: User, query: Json) -> Json:
    notifications = Notification.objects.of(caller)
    older = notifications.filter(pk__lt=query["before"]) if "before" in query else notifications
    return {
        "notifications": [serialize_notification(row) for row in older[: query["limit"]]],
        "unread": notifications.unread().count(),
    }

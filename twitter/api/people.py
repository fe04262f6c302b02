"""The calls about people and what they are told."""

from functools import partial

from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from twitter import actions
from twitter.api import answers
from twitter.api.schema import call
from twitter.api.serializers import (
    Leaving,
    NewAvatar,
    NewPerson,
    NotificationsAsked,
    PeopleAsked,
    Profile,
)
from twitter.api.views import ContractView
from twitter.models import Notification, User
from twitter.shapes import notification_shape, person_shape, profile_shape

MOST_PEOPLE = 10_000

describe = partial(call, tag="people")


class People(ContractView):
    @describe(_("List the people, by name"), answers.People, 400, query=PeopleAsked)
    def get(self, request: Request) -> Response:
        asked = self.asked(PeopleAsked)
        people = User.objects.named(asked["q"]) if "q" in asked else User.objects.present()
        return self.done(users=list(people.values("id", "name")[:MOST_PEOPLE]))

    @describe(_("Make a person (staff)"), answers.PersonMade, 403, sends=NewPerson)
    def post(self, request: Request) -> Response:
        sent = self.sent(NewPerson)
        person = actions.make_person(self.person, sent["name"], sent["key"])
        return self.done(user={**person_shape(person), "key": sent["key"]})


class OnePerson(ContractView):
    @describe(_("Read a profile"), answers.OnePerson, 404)
    def get(self, request: Request, user_id: int) -> Response:
        return self.done(user=profile_shape(_person(user_id)))

    @describe(_("End a person's account (staff)"), answers.Done, 400, 403, 404, query=Leaving)
    def delete(self, request: Request, user_id: int) -> Response:
        keeps = self.asked(Leaving)["tweets"] == "keep"
        actions.leave(self.person, _person(user_id), keeps_tweets=keeps)
        return self.done()


class Me(ContractView):
    @describe(_("Read one's own profile"), answers.OnePerson)
    def get(self, request: Request) -> Response:
        return self.done(user=profile_shape(User.objects.get(pk=self.person.pk)))

    @describe(_("Change one's profile"), answers.OnePerson, sends=Profile)
    def patch(self, request: Request) -> Response:
        actions.change_profile(self.person, **self.sent(Profile))
        return self.get(request)


class Avatar(ContractView):
    parser_classes = [MultiPartParser]

    @describe(_("Set one's picture"), answers.AvatarMade, sends=NewAvatar)
    def post(self, request: Request) -> Response:
        file = self.sent(NewAvatar)["file"]
        return self.done(avatar=actions.upload_avatar(self.person, file).avatar_url)

    @describe(_("Take one's picture away"), answers.Done)
    def delete(self, request: Request) -> Response:
        actions.drop_avatar(self.person)
        return self.done()


class Following(ContractView):
    @describe(_("Follow somebody"), answers.Done, 400, 404)
    def post(self, request: Request, user_id: int) -> Response:
        actions.follow(self.person, _person(user_id))
        return self.done()

    @describe(_("Follow somebody no longer"), answers.Done, 404)
    def delete(self, request: Request, user_id: int) -> Response:
        actions.unfollow(self.person, _person(user_id))
        return self.done()


class Notifications(ContractView):
    @describe(
        _("Read what one was told, the newest first"),
        answers.Notifications,
        400,
        query=NotificationsAsked,
    )
    def get(self, request: Request) -> Response:
        asked = self.asked(NotificationsAsked)
        told = Notification.objects.of(self.person)
        rows = told.filter(pk__lt=asked["before"]) if "before" in asked else told
        return self.done(
            notifications=[notification_shape(row) for row in rows[: asked["limit"]]],
            unread=told.unread().count(),
        )


class NotificationsRead(ContractView):
    @describe(_("Mark all notifications as read"), answers.Done)
    def post(self, request: Request) -> Response:
        actions.read_notifications(self.person)
        return self.done()


def _person(user_id: int) -> User:
    """Return somebody who has not left; DoesNotExist."""
    return User.objects.present().get(pk=user_id)

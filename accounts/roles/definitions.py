"""The roles, what each is for, and the permissions that its group has."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

POST = "twitter.post_tweet"


def _all(
    app: str, *models: str, may: Iterable[str] = ("view", "add", "change", "delete")
) -> set[str]:
    return {f"{app}.{each}_{model}" for model in models for each in may}


def _view(app: str, *models: str) -> set[str]:
    return _all(app, *models, may=["view"])


@dataclass(frozen=True)
class Role:
    key: str
    """What settings and other systems call it."""
    group_name: str
    label: Promise
    description: Promise
    permissions: frozenset[str]
    is_staff: bool = True
    """Whether it opens the admin."""

    @property
    def group(self) -> Group:
        return Group.objects.get(name=self.group_name)


READER = Role(
    "reader",
    "Читатели",
    _("Reader"),
    _("Reads, likes, follows and bookmarks. Posts, replies, reposts and uploads nothing."),
    frozenset(),
    is_staff=False,
)
AUTHOR = Role(
    "author",
    "Авторы",
    _("Author"),
    _("Also posts. People without any role are authors."),
    frozenset({POST}),
    is_staff=False,
)
MODERATOR = Role(
    "moderator",
    "Модераторы",
    _("Moderator"),
    _("Also hides and restores the tweets of others. Sees tweets, pictures, hashtags and people."),
    frozenset({POST, "twitter.moderate", *_view("twitter", "tweet", "media", "hashtag", "user")}),
)
AUTOMATION_EDITOR = Role(
    "automation-editor",
    "Редакторы автоматизации",
    _("Automation editor"),
    _("Also edits commands and broadcasts of bots, and switches background services."),
    frozenset(
        {
            POST,
            *_view("bots", "bot"),
            *_all("bots", "command", "broadcast"),
            *_all("bots", "service", may=["view", "change"]),
        }
    ),
)
OPERATOR = Role(
    "operator",
    "Операторы",
    _("Operator"),
    _(
        "Also watches bots, speech, connections and the audit log, and repeats what has failed."
        " Sees the messages that bots receive and send."
    ),
    frozenset(
        {
            POST,
            *_view("bots", "bot", "command", "broadcast", "conversation", "apicall"),
            *_view("bots", "blockingfunction"),
            *_all("bots", "update", "delivery", "service", may=["view", "change"]),
            *_all("realtime", "connection", may=["view", "change"]),
            *_all("tts", "speech", "audio", may=["view", "change"]),
            *_view("audit", "auditevent"),
        }
    ),
)
ADMINISTRATOR = Role(
    "administrator",
    "Администраторы",
    _("Administrator"),
    _(
        "Invites and manages people, keys, bots and everything else in the admin, and sees the"
        " audit log."
        " Only superusers give roles and permissions."
    ),
    frozenset(
        {
            POST,
            "twitter.moderate",
            "auth.view_group",
            *_view("audit", "auditevent"),
            *_all("accounts", "invitation"),
            *_all("realtime", "connection", may=["view", "change"]),
            *_all("tts", "speech", "audio"),
            *_all("twitter", "user", "apikey", "tweet", "media", "hashtag"),
            *_all("twitter", "follow", "like", "bookmark", "mention", "notification", "tagging"),
            *_all("bots", "bot", "command", "broadcast", "recipient", "service", "pachcaaccount"),
            *_all("bots", "update", "delivery", "conversation", "apicall", "blockingfunction"),
            *_all("bots", "linkcode", "minute"),
        }
    ),
)

ROLES = {
    role.key: role
    for role in (READER, AUTHOR, MODERATOR, AUTOMATION_EDITOR, OPERATOR, ADMINISTRATOR)
}
BY_GROUP = {role.group_name: role for role in ROLES.values()}

"""The microblog from Pachca: what a linked person does here is on every open page at once."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bots.commands import command_action
from bots.filters import Command, CommandCall
from bots.handlers.commands import clean_text
from bots.linking import link_page
from bots.router import Router
from twitter import actions
from twitter.models import Tweet, User

router = Router("microblog")

FEED_LENGTH = 5
SHOWN_OF_A_TWEET = 300


@router.message(Command("tweet", gettext_lazy("Post to the microblog: /tweet text")))
def tweet(command: CommandCall, user: User | None) -> str:
    if user is not None and not command.args:
        return _("Write the text after the command: `/tweet Hello!`")
    return post(user, command.args)


@command_action("tweet", gettext_lazy("Post a tweet"), gettext_lazy("Text"), clean_text)
def post(user: User | None, parameter: str) -> str:
    """Post the text in the name of who wrote; for somebody who is not known nothing is posted."""
    if user is None:
        return _who_are_you()
    try:
        posted = actions.post_tweet(user, parameter)
    except ValidationError as error:
        return " ".join(error.messages)
    return _("Posted: %(link)s") % {"link": _address(posted)}


@router.message(Command("feed", gettext_lazy("Show what is new in the microblog")))
def feed(user: User | None) -> str:
    if user is None:
        return _who_are_you()
    tweets = list(Tweet.objects.feed()[:FEED_LENGTH])
    if not tweets:
        return _("Nobody has written anything yet. Be the first: `/tweet Hello!`")
    return "\n\n".join(_shown(each) for each in tweets)


@router.message(Command("like", gettext_lazy("Like a tweet: /like number")))
def like(command: CommandCall, user: User | None) -> str:
    if user is None:
        return _who_are_you()
    liked = _tweet_of(command.args)
    if liked is None:
        return _("There is no such tweet. Their numbers are in `/feed`.")
    actions.like(user, liked)
    return _("You like what %(name)s wrote.") % {"name": liked.author.name}


@router.message(Command("follow", gettext_lazy("Follow somebody: /follow name")))
def follow(command: CommandCall, user: User | None) -> str:
    if user is None:
        return _who_are_you()
    name = command.args.removeprefix("@")
    people = _named(name)
    if not people:
        return _("There is nobody of this name.")
    if len(people) > 1:
        names = ", ".join(f"@{person.username}" for person in people)
        return _("There are several: %(names)s. Which one?") % {"names": names}
    try:
        actions.follow(user, people[0])
    except ValidationError as error:
        return " ".join(error.messages)
    return _("Now you follow %(name)s.") % {"name": people[0].name}


def _who_are_you() -> str:
    return _("I do not know yet who you are here. Connect your account: %(page)s") % {
        "page": link_page()
    }


def _shown(tweet: Tweet) -> str:
    text = Truncator(tweet.text).chars(SHOWN_OF_A_TWEET)
    likes = ngettext("%(count)d like", "%(count)d likes", tweet.likes_count)
    counted = likes % {"count": tweet.likes_count}
    numbered = _("No. %(number)d") % {"number": tweet.pk}
    return f"**{tweet.author.name}** · {numbered} · {counted}\n{text}"


def _tweet_of(number: str) -> Tweet | None:
    digits = number.removeprefix("#").removeprefix("№").strip()
    if not digits.isdecimal() or len(digits) > 18:
        return None
    return Tweet.objects.shown().filter(pk=digits).first()


def _named(name: str) -> list[User]:
    """Return who is meant: the one with this sign-in name, or all with this name."""
    if not name:
        return []
    meant = Q(username__iexact=name) | Q(name__iexact=name)
    people = list(User.objects.present().filter(meant)[:FEED_LENGTH])
    exact = [person for person in people if person.username.lower() == name.lower()]
    return exact or people or list(User.objects.named(name)[:FEED_LENGTH])


def _address(tweet: Tweet) -> str:
    return f"{settings.SITE_URL}{reverse('tweet', args=[tweet.pk])}"

"""Commands of the microblog for linked users."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bots import Command, CommandCall, Markup, Router, command_action
from bots.accounts.linking import link_page
from bots.framework.api.markdown import bold, code, escape, link
from bots.handlers.commands import clean_text
from twitter import actions
from twitter.models import Tweet, User
from twitter.text.normal import fold, normalize_name
from twitter.text.spans import Kind, Span, parse, shorten

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
    """Post a tweet by the linked user; reply with a hint if there is none."""
    if user is None:
        return _ask_to_link()
    try:
        posted = actions.post_tweet(user, parameter)
    except ValidationError as error:
        return " ".join(error.messages)
    except PermissionDenied as error:
        return str(error)
    return _("Posted: %(link)s") % {"link": _address(posted)}


@router.message(Command("feed", gettext_lazy("Show what is new in the microblog")))
def feed(user: User | None) -> str:
    if user is None:
        return _ask_to_link()
    tweets = list(Tweet.objects.feed()[:FEED_LENGTH])
    if not tweets:
        return _("There are no tweets yet. Write the first one: `/tweet Hello!`")
    return Markup("\n\n".join(_render(each) for each in tweets))


@router.message(Command("like", gettext_lazy("Like a tweet: /like number")))
def like(command: CommandCall, user: User | None) -> str:
    if user is None:
        return _ask_to_link()
    liked = _tweet_of(command.args)
    if liked is None:
        return _("There is no such tweet. `/feed` shows the numbers.")
    actions.like(user, liked)
    return Markup(_("You like the tweet by %(name)s.")) % {"name": _name(liked.author)}


@router.message(Command("follow", gettext_lazy("Follow a user: /follow name")))
def follow(command: CommandCall, user: User | None) -> str:
    if user is None:
        return _ask_to_link()
    name = command.args.removeprefix("@")
    people = _find_people(name)
    if not people:
        return _("There is no user with this name.")
    if len(people) > 1:
        names = Markup(", ").join(map(_name, people))
        return Markup(_("Several users match: %(names)s. Write the full name.")) % {
            "names": Markup(names)
        }
    try:
        actions.follow(user, people[0])
    except ValidationError as error:
        return " ".join(error.messages)
    return Markup(_("You now follow %(name)s.")) % {"name": _name(people[0])}


def _ask_to_link() -> str:
    return _("Your Pachca account is not linked yet. Link it here: %(page)s") % {
        "page": link_page()
    }


def _render(tweet: Tweet) -> Markup:
    text = Markup("".join(map(_render_span, shorten(parse(tweet.text), SHOWN_OF_A_TWEET))))
    likes = ngettext("%(count)d like", "%(count)d likes", tweet.likes_count)
    counted = likes % {"count": tweet.likes_count}
    numbered = _("No. %(number)d") % {"number": tweet.pk}
    return Markup(f"{_name(tweet.author)} · {numbered} · {counted}\n{text}")


def _name(person: User) -> Markup:
    """Return name and username. The username is code, so that it does not mention anyone."""
    return Markup(f"{bold(person.name)} {code(f'@{person.username}')}")


def _render_span(span: Span) -> Markup:
    """Return a part of a tweet as markdown, with links for mentions and tags."""
    match span.kind:
        case Kind.LINK:
            return link(span.text, span.target)
        case Kind.MENTION:
            return link(span.text, _page("person", span.text.removeprefix("@")))
        case Kind.HASHTAG:
            return link(span.text, _page("tag", span.target))
    return escape(span.text)


def _tweet_of(number: str) -> Tweet | None:
    digits = number.removeprefix("#").removeprefix("№").strip()
    if not digits.isdecimal() or len(digits) > 18:
        return None
    return Tweet.objects.shown().filter(pk=digits).first()


def _find_people(name: str) -> list[User]:
    """Return the user with this username, or all users with this name."""
    if not name:
        return []
    present = User.objects.present()
    exact = list(present.with_username(name))
    people = present.filter(name_folded=fold(normalize_name(name)))
    return exact or list(people[:FEED_LENGTH]) or list(User.objects.named(name)[:FEED_LENGTH])


def _address(tweet: Tweet) -> str:
    return _page("tweet", tweet.pk)


def _page(name: str, of: object) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=[of])}"

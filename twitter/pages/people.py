"""People: their profiles, who follows whom, and their names for whoever types an @."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twitter import actions
from twitter.models import Tweet, User
from twitter.models.people import PersonQuerySet
from twitter.pages.showing import (
    for_readers,
    is_htmx,
    person_of,
    person_or_404,
    show,
    show_tweets,
)

PEOPLE_ON_PAGE = 50
MOST_NAMES = 8
LONGEST_BEGINNING = 40


@require_safe
@for_readers
def profile(request: HttpRequest, username: str) -> HttpResponse:
    person = _seen_one(request, person_or_404(username))
    nothing = _("%(name)s has written nothing yet.") % {"name": person.name}
    return show_tweets(
        request,
        "twitter/profile.html",
        Tweet.objects.by(person),
        person=person,
        nothing=nothing,
        takes="authors",
        authors=[person.pk],
    )


@require_safe
@for_readers
def followers(request: HttpRequest, username: str) -> HttpResponse:
    whose = person_or_404(username)
    return _show_people(request, whose, User.objects.followers_of(whose), _("Followers"))


@require_safe
@for_readers
def following(request: HttpRequest, username: str) -> HttpResponse:
    whose = person_or_404(username)
    return _show_people(request, whose, User.objects.followed_by(whose), _("Following"))


@require_POST
@login_required
def follow(request: HttpRequest, username: str, name: str) -> HttpResponse:
    other = person_or_404(username)
    try:
        {"follow": actions.follow, "unfollow": actions.unfollow}[name](person_of(request), other)
    except (KeyError, ValidationError) as error:
        raise Http404 from error
    if not is_htmx(request):
        return redirect("person", other.username)
    return show(request, "twitter/_follow.html", {"person": _seen_one(request, other)})


@require_safe
@login_required
def names(request: HttpRequest) -> JsonResponse:
    """Tell whose names begin with `?begins=`, to complete a mention."""
    begins = request.GET.get("begins", "").replace("\0", "")[:LONGEST_BEGINNING]
    found = User.objects.named(begins).values("username", "name")[:MOST_NAMES] if begins else []
    return JsonResponse({"people": list(found)})


def _show_people(
    request: HttpRequest, whose: User, people: PersonQuerySet, title: str
) -> HttpResponse:
    page = Paginator(_seen(request, people), PEOPLE_ON_PAGE).get_page(request.GET.get("page"))
    return show(request, "twitter/people.html", {"whose": whose, "people": page, "title": title})


def _seen_one(request: HttpRequest, person: User) -> User:
    return _seen(request, User.objects.filter(pk=person.pk)).get()


def _seen(request: HttpRequest, people: PersonQuerySet) -> PersonQuerySet:
    """Tell of each person whether whoever looks follows them."""
    return people.seen_by(person_of(request)) if request.user.is_authenticated else people

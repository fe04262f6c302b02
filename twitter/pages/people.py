"""Profiles, followers, and completion of mentions."""

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
from twitter.pages.rendering import (
    current_user,
    get_person_or_404,
    is_htmx,
    readers_only,
    render_page,
    render_tweets,
)

PEOPLE_ON_PAGE = 50
MAX_NAMES = 8
MAX_QUERY_LENGTH = 40


@require_safe
@readers_only
def profile(request: HttpRequest, username: str) -> HttpResponse:
    person = _get_with_viewer(request, get_person_or_404(username))
    nothing = _("%(name)s has no tweets yet.") % {"name": person.name}
    if not person.is_active:
        nothing = _("No tweets of this person are shown.")
    return render_tweets(
        request,
        "twitter/profile.html",
        Tweet.objects.by(person),
        person=person,
        nothing=nothing,
        takes="authors",
        authors=[person.pk],
    )


@require_safe
@readers_only
def followers(request: HttpRequest, username: str) -> HttpResponse:
    whose = get_person_or_404(username)
    return _render_people(request, whose, User.objects.followers_of(whose), _("Followers"))


@require_safe
@readers_only
def following(request: HttpRequest, username: str) -> HttpResponse:
    whose = get_person_or_404(username)
    return _render_people(request, whose, User.objects.followed_by(whose), _("Following"))


@require_POST
@login_required
def follow(request: HttpRequest, username: str, name: str) -> HttpResponse:
    other = get_person_or_404(username)
    try:
        {"follow": actions.follow, "unfollow": actions.unfollow}[name](current_user(request), other)
    except (KeyError, ValidationError, User.DoesNotExist) as error:
        raise Http404 from error
    if not is_htmx(request):
        return redirect("person", other.username)
    return render_page(
        request, "twitter/parts/follow.html", {"person": _get_with_viewer(request, other)}
    )


@require_safe
@login_required
def names(request: HttpRequest) -> JsonResponse:
    """Return people whose name or username starts with `?begins=`, to complete a mention."""
    begins = request.GET.get("begins", "").replace("\0", "")[:MAX_QUERY_LENGTH]
    found = User.objects.named(begins).values("username", "name")[:MAX_NAMES] if begins else []
    return JsonResponse({"people": list(found)})


def _render_people(
    request: HttpRequest, whose: User, people: PersonQuerySet, title: str
) -> HttpResponse:
    page = Paginator(_with_viewer(request, people), PEOPLE_ON_PAGE).get_page(
        request.GET.get("page")
    )
    return render_page(
        request, "twitter/people.html", {"whose": whose, "people": page, "title": title}
    )


def _get_with_viewer(request: HttpRequest, person: User) -> User:
    return _with_viewer(request, User.objects.filter(pk=person.pk)).get()


def _with_viewer(request: HttpRequest, people: PersonQuerySet) -> PersonQuerySet:
    """Annotate whether the signed-in person follows them."""
    return people.with_viewer(current_user(request)) if request.user.is_authenticated else people

"""All accounts with their tokens and secrets, for programs that use the sandbox. DEBUG only."""

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from sandbox.models import Account, Chat
from sandbox.models.chats import Kind
from sandbox.serializers import Json


@require_safe
def credentials(request: HttpRequest) -> JsonResponse:
    if not settings.DEBUG:
        raise Http404
    chats = Chat.objects.exclude(kind=Kind.THREAD).order_by("id")
    return JsonResponse(
        {
            "people": [_person(person) for person in Account.objects.people().order_by("id")],
            "bots": [_bot(bot) for bot in Account.objects.bots().order_by("id")],
            "chats": [{"id": chat.pk, "name": chat.name} for chat in chats],
        }
    )


def _person(account: Account) -> Json:
    return {"id": account.pk, "name": account.name, "token": account.token}


def _bot(account: Account) -> Json:
    return {
        **_person(account),
        "slug": account.slug,
        "signing_secret": account.signing_secret,
        "webhook_url": account.resolved_webhook_url,
    }

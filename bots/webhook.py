"""The address that Pachca posts to: check, store, and only then say 200."""

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bots import inbox
from bots.models import Bot


@csrf_exempt  # the signature proves more than a cookie's token could
@require_POST
async def webhook(request: HttpRequest, slug: str) -> JsonResponse:
    """Take one update. 200 means that it is stored, now or before."""
    try:
        body = request.body
    except RequestDataTooBig:
        return _refusal(413, "The body is too large.")
    if len(body) > settings.BOTS_WEBHOOK_MAX_BYTES:
        return _refusal(413, "The body is too large.")
    return await sync_to_async(_take)(slug, body, request.headers.get("Pachca-Signature", ""))


def _take(slug: str, body: bytes, signature: str) -> JsonResponse:
    bot = Bot.objects.on().filter(slug=slug).first()
    if bot is None:
        return _refusal(404, "There is no such bot, or it is off.")
    try:
        inbox.check_signature(bot, body, signature)
        is_new = inbox.store(inbox.read(bot, body))
    except inbox.Refused as refusal:
        return _refusal(refusal.status, type(refusal).__doc__ or "")
    return JsonResponse({"result": "stored" if is_new else "duplicate"})


def _refusal(status: int, error: str) -> JsonResponse:
    return JsonResponse({"error": error}, status=status)

"""Acting in Pachca on behalf of people who have signed in with it."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.pachca.models import PachcaGrant
from accounts.pachca.oauth import revoke_token
from accounts.pachca.people import Profile
from bots.framework.api import Api, ApiResponse, Call, NoAnswer, Signal, Transformer
from bots.framework.transformers import auto_retry, throttle
from bots.models import PachcaAccount
from bots.models.fields import SecretUnreadable

logger = logging.getLogger(__name__)

UNAUTHORIZED = 401
CHECK_AFTER = timedelta(hours=12)
CHECK_BATCH = 50


def remember(profile: Profile, token: str, scopes: Iterable[str]) -> None:
    """Store the token of a linked Pachca account; it replaces an earlier one."""
    account = PachcaAccount.objects.get(in_sandbox=profile.in_sandbox, pachca_user_id=profile.id)
    now = timezone.now()
    values = {"token": token, "scopes": list(scopes), "granted_at": now, "checked_at": now}
    PachcaGrant.objects.defer("token").update_or_create(account=account, defaults=values)


def grants_of(person: Any) -> QuerySet[PachcaGrant]:
    """Return what the person has granted, the latest first; the tokens are not decrypted."""
    grants = PachcaGrant.objects.filter(
        account__person_id=person.pk, account__in_sandbox=settings.PACHCA_SIGN_IN_SANDBOX
    )
    return grants.select_related("account").defer("token").order_by("-granted_at")


def revoke_grants(person: Any) -> None:
    """End what the person has granted, in Pachca and here.

    A token that cannot be decrypted is only deleted. Raises RequestException if Pachca could not
    be told; then the token stays.
    """
    for grant in grants_of(person):
        if token := _token_of(grant):
            revoke_token(token)
            grant.delete()


def forget_when_moved(instance: PachcaAccount, **_signal: Any) -> None:
    """Delete the token before its link gets another user or another Pachca account."""
    PachcaGrant.objects.filter(account_id=instance.pk).exclude(
        account__person_id=instance.person_id,
        account__pachca_user_id=instance.pachca_user_id,
        account__in_sandbox=instance.in_sandbox,
    ).delete()


def pachca_api_of(person: Any) -> Api | None:
    """Return a client of Pachca's API that acts on behalf of the person, None without a token.

    Pachca limits it to the scopes of the bot's OAuth settings and to the rights of the person. When
    the person has revoked the token, the first call returns 401, and the token is deleted.
    """
    grant = grants_of(person).first() if person.is_active else None
    token = _token_of(grant) if grant else None
    if grant is None or token is None:
        return None
    api = _api(grant, token)
    api.use(throttle(token), auto_retry())
    return api


def check_grants() -> None:
    """Delete the tokens that were revoked, of those that were not checked for twelve hours."""
    due = PachcaGrant.objects.filter(checked_at__lt=timezone.now() - CHECK_AFTER)
    due = due.select_related("account").defer("token").order_by("checked_at")
    for grant in due[:CHECK_BATCH]:
        token = _token_of(grant)
        if token is None:
            continue
        try:
            answer = async_to_sync(_api(grant, token).call)("get_token_info")
        except NoAnswer as error:
            logger.warning("Tokens of people are not checked: Pachca does not answer (%s).", error)
            return
        if answer.status != UNAUTHORIZED:
            # Errors count as well: tokens that get one must not keep the others waiting.
            PachcaGrant.objects.filter(pk=grant.pk).update(checked_at=timezone.now())


def _token_of(grant: PachcaGrant) -> str | None:
    """Return the token, None if it is gone. One that cannot be decrypted any more is deleted."""
    try:
        return str(grant.token)
    except PachcaGrant.DoesNotExist:
        return None
    except SecretUnreadable:
        PachcaGrant.objects.filter(pk=grant.pk, granted_at=grant.granted_at).delete()
        number = grant.account.pachca_user_id
        logger.warning("The token of Pachca account %s could not be decrypted, deleted.", number)
        return None


def _api(grant: PachcaGrant, token: str) -> Api:
    in_sandbox = grant.account.in_sandbox
    api = Api(token, settings.SANDBOX_API_URL if in_sandbox else settings.PACHCA_API_URL)
    api.use(forget_when_revoked(grant))
    return api


def forget_when_revoked(grant: PachcaGrant) -> Transformer:
    """Delete the token when Pachca no longer accepts it, unless it was replaced meanwhile."""

    async def call(
        prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        answer = await prev(method, payload, signal)
        if answer.status == UNAUTHORIZED:
            await sync_to_async(_forget)(grant)
        return answer

    return call


def _forget(grant: PachcaGrant) -> None:
    if PachcaGrant.objects.filter(pk=grant.pk, granted_at=grant.granted_at).delete()[0]:
        logger.info("Pachca account %s has revoked its token.", grant.account.pachca_user_id)

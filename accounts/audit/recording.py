"""Adding events to the audit log, and purging old ones."""

from datetime import timedelta
from ipaddress import ip_address
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from structlog.contextvars import get_contextvars

from accounts.audit.context import current_request
from accounts.audit.models import MAX_ID, MAX_NAME, MAX_OBJECT, MAX_USER_AGENT, AuditEvent
from core.storable import storable
from twitter.models import User

PURGE_BATCH = 5_000

Action = AuditEvent.Action


class Subject(NamedTuple):
    """What something was done to."""

    type: str = ""
    id: str = ""
    name: str = ""

    @classmethod
    def of(cls, row: models.Model) -> Self:
        return cls(row._meta.label_lower, str(row.pk), str(row))


def record(
    action: AuditEvent.Action,
    target: models.Model | Subject | None = None,
    *,
    actor: Any = None,
    actor_name: str = "",
    **details: Any,
) -> AuditEvent:
    """Add an event, at the cost of one INSERT.

    It belongs to the surrounding transaction: both are committed, or neither. `actor` is by
    default who is signed in, or the program that the request names in `actor_name`; `details` must
    hold neither secrets nor what JSON cannot.
    """
    request = current_request()
    subject = Subject.of(target) if isinstance(target, models.Model) else target or Subject()
    if actor is None and not actor_name and request is not None:
        actor = getattr(request, "user", None)
        actor_name = getattr(request, "actor_name", "")
    person = actor if isinstance(actor, User) else None
    return AuditEvent.objects.create(
        action=action,
        actor_id=person.pk if person else None,
        actor_name=storable(person.username if person else actor_name)[:MAX_NAME],
        object_type=subject.type,
        object_id=subject.id[:MAX_ID],
        object_name=storable(subject.name)[:MAX_OBJECT],
        details=storable(details),
        **_origin(),
    )


def _origin() -> dict[str, Any]:
    """Return where the current request comes from."""
    request = current_request()
    origin: dict[str, Any] = {"request_id": get_contextvars().get("request_id", "")[:MAX_ID]}
    if request is not None:
        agent = storable(request.META.get("HTTP_USER_AGENT", ""))
        origin |= {"user_agent": agent[:MAX_USER_AGENT], "address": _address_of(request)}
    return origin


def _address_of(request: Any) -> str | None:
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:  # a unix socket has none
        return None


def purge() -> int:
    """Delete what is older than AUDIT_KEEP_DAYS; return how many events."""
    before = timezone.now() - timedelta(days=settings.AUDIT_KEEP_DAYS)
    purged = 0
    while batch := AuditEvent.objects.all().purge(before, PURGE_BATCH):
        purged += batch
    return purged

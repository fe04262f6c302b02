"""What is written into the audit log, by the signals of Django and of the apps below."""

import json
from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import (
    email_changed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.signals import m2m_changed, post_save
from django.dispatch import Signal

from accounts.audit.recording import Action, Subject, record
from twitter import signals
from twitter.models import ApiKey, Tweet, User

ADMIN_ACTIONS = {
    ADDITION: Action.ADDED,
    CHANGE: Action.CHANGED,
    DELETION: Action.DELETED,
}
M2M_CHANGES = {"post_add": "added", "post_remove": "removed", "pre_clear": "cleared"}


def connect() -> None:
    """Connect all receivers; called once, when the apps are ready."""
    receivers: dict[Signal, Callable[..., None]] = {
        user_logged_in: _signed_in,
        user_login_failed: _sign_in_failed,
        user_logged_out: _signed_out,
        password_set: _password_changed,
        password_changed: _password_changed,
        password_reset: _password_changed,
        email_changed: _email_changed,
        authenticator_added: _factor_added,
        authenticator_removed: _factor_removed,
        signals.api_key_made: _key_made,
        signals.api_key_revoked: _key_revoked,
        signals.tweet_deleted: _tweet_deleted,
        signals.tweet_restored: _tweet_restored,
        signals.person_left: _person_left,
    }
    for signal, receiver in receivers.items():
        signal.connect(receiver, dispatch_uid="accounts.audit")
    for through in (
        User.groups.through,
        User.user_permissions.through,
        Group.permissions.through,
    ):
        m2m_changed.connect(_permissions_changed, sender=through, dispatch_uid="accounts.audit")
    # Django's admin sends no signal of its own.
    post_save.connect(_admin_logged, sender=LogEntry, dispatch_uid="accounts.audit")


def _signed_in(user: User, **_signal: Any) -> None:
    record(Action.SIGNED_IN, actor=user)


def _sign_in_failed(credentials: dict[str, Any], **_signal: Any) -> None:
    names = (credentials.get(field) for field in ("username", "email", "login"))
    record(Action.SIGN_IN_FAILED, actor_name=next((str(name) for name in names if name), "?"))


def _signed_out(user: User | None, **_signal: Any) -> None:
    if user is not None:
        record(Action.SIGNED_OUT, actor=user)


def _password_changed(user: User, **_signal: Any) -> None:
    record(Action.PASSWORD_CHANGED, user, actor=user)


def _email_changed(user: User, to_email_address: EmailAddress, **_signal: Any) -> None:
    record(Action.EMAIL_CHANGED, user, actor=user, email=to_email_address.email)


def _factor_added(user: User, authenticator: Authenticator, **_signal: Any) -> None:
    record(Action.FACTOR_ADDED, user, actor=user, type=authenticator.type)


def _factor_removed(user: User, authenticator: Authenticator, **_signal: Any) -> None:
    record(Action.FACTOR_REMOVED, user, type=authenticator.type)


def _key_made(key: ApiKey, **_signal: Any) -> None:
    record(Action.KEY_MADE, key, owner=key.owner.username)


def _key_revoked(key: ApiKey, **_signal: Any) -> None:
    record(Action.KEY_REVOKED, key, owner=key.owner.username)


def _tweet_deleted(tweet: Tweet, person: User, **_signal: Any) -> None:
    # Of somebody who left, all tweets are hidden by one statement: ACCOUNT_ENDED covers them.
    is_one_of_many = tweet.hidden_at is None
    if person.pk != tweet.author_id and not is_one_of_many:
        author = tweet.author.username
        record(Action.TWEET_HIDDEN, tweet, actor=person, author=author, reason=tweet.hidden_reason)


def _tweet_restored(tweet: Tweet, person: User, **_signal: Any) -> None:
    record(Action.TWEET_RESTORED, tweet, actor=person, author=tweet.author.username)


def _person_left(person: User, **_signal: Any) -> None:
    record(Action.ACCOUNT_ENDED, person)


def _permissions_changed(
    instance: models.Model, action: str, model: Any, pk_set: set[Any] | None, **_signal: Any
) -> None:
    change = M2M_CHANGES.get(action)
    if change is None or pk_set == set():
        return
    names = [str(row) for row in model.objects.filter(pk__in=pk_set)] if pk_set else []
    kind = model._meta.model_name
    record(Action.PERMISSIONS_CHANGED, instance, change=change, kind=kind, names=names)


def _admin_logged(instance: LogEntry, created: bool, **_signal: Any) -> None:
    if not created:
        return
    kind = (
        ContentType.objects.get_for_id(instance.content_type_id)
        if instance.content_type_id
        else None
    )
    label = f"{kind.app_label}.{kind.model}" if kind else ""
    subject = Subject(label, str(instance.object_id or ""), instance.object_repr)
    changes = _changes_in(instance)
    is_export = any(change.get("changed", {}).get("object") == "export" for change in changes)
    action = Action.EXPORTED if is_export else ADMIN_ACTIONS[instance.action_flag]
    record(action, subject, actor=instance.user, changes=changes)


def _changes_in(entry: LogEntry) -> list[dict[str, Any]]:
    """Return what the admin logged: names of fields and objects, or a sentence."""
    try:
        changes = json.loads(entry.change_message or "[]")
    except ValueError:
        changes = None
    is_list = isinstance(changes, list) and all(isinstance(it, dict) for it in changes)
    return changes if is_list else [{"message": entry.change_message}]

"""Filling in folded names of rows that an earlier version wrote without them."""

import logging
from itertools import count
from typing import Any

from django.db import models

from twitter.text.normal import fold, fold_username, normalize, normalize_name

logger = logging.getLogger(__name__)

MAX_LENGTH = 150


def fill_folded_names(people: "models.QuerySet[Any]") -> None:
    """Fill in missing folded names. Safe to repeat and to run concurrently.

    If usernames differ in case alone, the one of an active person, then the oldest one, is
    unchanged. The others get a numeric suffix, and a warning in the log asks to inform the owners.
    """
    missing = people.filter(username_folded=None)
    reserved = {fold_username(each) for each in missing.values_list("username", flat=True)}
    for person in list(missing.order_by("-is_active", "pk")):
        username = _free_username(people, person.username, reserved)
        name = normalize_name(person.name)
        updated = people.filter(pk=person.pk, username_folded=None).update(
            username=username,
            username_folded=fold_username(username),
            name=name,
            name_folded=fold(name),
            about=normalize(person.about),
        )
        if updated and username != person.username:
            logger.warning(
                "The username %r differed from another one in case alone and was changed to %r. "
                "Inform the person with id %s, or choose another username in the admin.",
                *(person.username, username, person.pk),
            )


def _free_username(people: "models.QuerySet[Any]", username: str, reserved: set[str]) -> str:
    """Return the username, with a numeric suffix if it is taken in another case."""
    if not people.filter(username_folded=fold_username(username)).exists():
        return username
    for number in count(2):
        candidate = f"{username[: MAX_LENGTH - 10]}-{number}"
        folded = fold_username(candidate)
        if folded not in reserved and not people.filter(username_folded=folded).exists():
            break
    return candidate

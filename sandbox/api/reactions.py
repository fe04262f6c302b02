"""Reactions to messages."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from sandbox import actions, serializers
from sandbox.api.call import Call
from sandbox.api.errors import not_found, unprocessable
from sandbox.api.pagination import Page, take_page
from sandbox.api.router import handles
from sandbox.models import Message, Reaction

MAX_LENGTH = 255
MAX_KINDS_PER_PERSON = 20
MAX_KINDS = 30
MAX_REACTIONS = 1000


@handles("ReactionOperations_addReaction")
def add_reaction(call: Call) -> dict[str, Any]:
    message, code, name = call.message(), call.body["code"], call.body.get("name", "")
    if not code.strip() or any(letter.isascii() and letter.isalpha() for letter in code):
        raise unprocessable("code", _("This is not an emoji."), code, "wrong_emoji")
    if len(code) > MAX_LENGTH or len(name) > MAX_LENGTH:
        raise unprocessable("code", _("The value is too long."), code, "too_long")
    _check_limits(call, message, code)
    return serializers.reaction(actions.react(call.account, message, code, name))


@handles("ReactionOperations_removeReaction")
def remove_reaction(call: Call) -> None:
    rows = call.message().reactions.filter(account=call.account, code=call.query["code"])
    if name := call.query.get("name"):
        rows = rows.filter(name=name)
    reaction = rows.select_related("account", "message__chat__thread__message").first()
    if reaction is None:
        raise not_found("code", call.query["code"])
    actions.remove_reaction(reaction)


@handles("ReactionOperations_listReactions")
def list_reactions(call: Call) -> Page:
    rows = Reaction.objects.filter(message=call.message())
    shown, cursor, more = take_page(rows, call.query, descending=False)
    return Page([serializers.reaction(row) for row in shown], cursor, more)


def _check_limits(call: Call, message: Message, code: str) -> None:
    there = list(message.reactions.values_list("account_id", "code"))
    mine = {each for account_id, each in there if account_id == call.account.pk}
    if code in mine:
        return
    kinds = {each for _account_id, each in there} | {code}
    if len(mine) >= MAX_KINDS_PER_PERSON or len(kinds) > MAX_KINDS or len(there) >= MAX_REACTIONS:
        raise unprocessable("base", _("There are too many reactions."), None, "general_limit")

"""Users, and the caller's profile and token."""

from typing import Any

from sandbox import serializers
from sandbox.api.call import Call
from sandbox.api.errors import not_found
from sandbox.api.pagination import Page, take_page
from sandbox.api.router import handles
from sandbox.models import Account


@handles("ProfileOperations_getProfile")
def get_profile(call: Call) -> dict[str, Any]:
    return serializers.user(call.account)


@handles("OAuthOperations_getTokenInfo")
def get_token_info(call: Call) -> dict[str, Any]:
    return serializers.token_info(call.account, call.granted)


@handles("UserOperations_listUsers")
def list_users(call: Call) -> Page:
    rows = Account.objects.matching(call.query.get("query", "")).prefetch_related("tags")
    shown, cursor, more = take_page(rows, call.query, descending=False)
    return Page([serializers.user(row) for row in shown], cursor, more)


@handles("UserOperations_getUser")
def get_user(call: Call) -> dict[str, Any]:
    account = Account.objects.filter(pk=call.path["id"]).first()
    if account is None:
        raise not_found("id", call.path["id"])
    call.user_id = account.pk
    return serializers.user(account)

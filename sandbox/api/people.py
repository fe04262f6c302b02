"""Who is there: the caller, its token, everybody."""

from typing import Any

from sandbox import shapes
from sandbox.api.call import Call
from sandbox.api.router import answers
from sandbox.errors import not_found
from sandbox.models import Account
from sandbox.pagination import Page, take_page


@answers("ProfileOperations_getProfile")
def get_profile(call: Call) -> dict[str, Any]:
    return shapes.user(call.account)


@answers("OAuthOperations_getTokenInfo")
def get_token_info(call: Call) -> dict[str, Any]:
    return shapes.token_info(call.account)


@answers("UserOperations_listUsers")
def list_users(call: Call) -> Page:
    rows = Account.objects.matching(call.query.get("query", "")).prefetch_related("tags")
    shown, cursor, more = take_page(rows, call.query, descending=False)
    return Page([shapes.user(row) for row in shown], cursor, more)


@answers("UserOperations_getUser")
def get_user(call: Call) -> dict[str, Any]:
    account = Account.objects.filter(pk=call.path["id"]).first()
    if account is None:
        raise not_found("id", call.path["id"])
    call.user_id = account.pk
    return shapes.user(account)

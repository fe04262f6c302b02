"""Search for substrings, newest first."""

from typing import Any

from sandbox import serializers
from sandbox.api.call import Call
from sandbox.api.pagination import take_page
from sandbox.api.router import handles
from sandbox.models import Account, Chat, Message
from sandbox.models.chats import Kind


@handles("SearchOperations_searchMessages")
def search_messages(call: Call) -> dict[str, Any]:
    query = call.query
    rows = Message.objects.alive().visible_to(call.account).whole()
    rows = rows.filter(content__icontains=query.get("query", ""), **_created_between(query))
    if chat_ids := query.get("chat_ids"):
        rows = rows.filter(chat__in=chat_ids)
    if user_ids := query.get("user_ids"):
        rows = rows.filter(author__in=user_ids)
    return _search(call, rows, serializers.message, limit=200)


@handles("SearchOperations_searchChats")
def search_chats(call: Call) -> dict[str, Any]:
    query = call.query
    rows = Chat.objects.visible_to(call.account).prefetch_related("memberships")
    rows = rows.filter(name__icontains=query.get("query", ""), **_created_between(query))
    if "personal" in query:
        is_personal = rows.filter(kind=Kind.PERSONAL)
        rows = is_personal if query["personal"] else rows.exclude(kind=Kind.PERSONAL)
    return _search(call, rows, serializers.chat, limit=100)


@handles("SearchOperations_searchUsers")
def search_users(call: Call) -> dict[str, Any]:
    rows = Account.objects.matching(call.query.get("query", "")).filter(
        **_created_between(call.query)
    )
    return _search(call, rows, serializers.user, limit=200)


def _created_between(query: dict[str, Any]) -> dict[str, Any]:
    bounds = {"created_at__gte": "created_from", "created_at__lte": "created_to"}
    return {
        lookup: serializers.parse_datetime(query[name])
        for lookup, name in bounds.items()
        if name in query
    }


def _search(call: Call, rows: Any, shape: Any, limit: int) -> dict[str, Any]:
    total = rows.count()
    descending = call.query.get("order", "desc") == "desc"
    shown, cursor, _more = take_page(rows, call.query, descending=descending, limit=limit)
    meta = {"total": total, "paginate": {"next_page": cursor}}
    return {"data": [shape(row) for row in shown], "meta": meta}

"""Searching: plain substrings, newest first."""

from typing import Any

from sandbox import shapes
from sandbox.api.call import Call
from sandbox.api.router import answers
from sandbox.models import Account, Chat, Message
from sandbox.models.chats import Kind
from sandbox.pagination import take_page


@answers("SearchOperations_searchMessages")
def search_messages(call: Call) -> dict[str, Any]:
    query = call.query
    rows = Message.objects.alive().seen_by(call.account).whole()
    rows = rows.filter(content__icontains=query.get("query", ""), **_made(query))
    if chat_ids := query.get("chat_ids"):
        rows = rows.filter(chat__in=chat_ids)
    if user_ids := query.get("user_ids"):
        rows = rows.filter(author__in=user_ids)
    return _found(call, rows, shapes.message, limit=200)


@answers("SearchOperations_searchChats")
def search_chats(call: Call) -> dict[str, Any]:
    query = call.query
    rows = Chat.objects.seen_by(call.account).prefetch_related("memberships")
    rows = rows.filter(name__icontains=query.get("query", ""), **_made(query))
    if "personal" in query:
        is_personal = rows.filter(kind=Kind.PERSONAL)
        rows = is_personal if query["personal"] else rows.exclude(kind=Kind.PERSONAL)
    return _found(call, rows, shapes.chat, limit=100)


@answers("SearchOperations_searchUsers")
def search_users(call: Call) -> dict[str, Any]:
    rows = Account.objects.matching(call.query.get("query", "")).filter(**_made(call.query))
    return _found(call, rows, shapes.user, limit=200)


def _made(query: dict[str, Any]) -> dict[str, Any]:
    bounds = {"created_at__gte": "created_from", "created_at__lte": "created_to"}
    return {lookup: shapes.parsed(query[name]) for lookup, name in bounds.items() if name in query}


def _found(call: Call, rows: Any, shape: Any, limit: int) -> dict[str, Any]:
    total = rows.count()
    descending = call.query.get("order", "desc") == "desc"
    shown, cursor, _more = take_page(rows, call.query, descending=descending, limit=limit)
    meta = {"total": total, "paginate": {"next_page": cursor}}
    return {"data": [shape(row) for row in shown], "meta": meta}

"""The sandbox's addresses."""

from django.urls import URLPattern, path

from sandbox import helper_calls, page, world
from sandbox.api.router import api

urlpatterns: list[URLPattern] = [
    path("", page.page, name="sandbox"),
    path("api/shared/v1/<path:path>", api),
    path("world", world.world),
    path("state", helper_calls.state),
    path("chats/<int:chat_id>/messages", helper_calls.chat_messages),
    path("chats/<int:chat_id>/read", helper_calls.read_chat),
    path("direct/<int:user_id>", helper_calls.direct),
    path("messages/<int:message_id>/trace", helper_calls.message_trace),
]

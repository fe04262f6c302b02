"""The sandbox's addresses."""

from django.urls import URLPattern, path

from sandbox import files, helper_calls, page, presses, switches, world
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
    path("messages/<int:message_id>/click", presses.click),
    path("views/<str:view_id>/submit", presses.submit),
    path("views/<str:view_id>/close", helper_calls.close_view),
    path("faults", switches.switches),
    path("files/<path:key>", files.stored_file),
]

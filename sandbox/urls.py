"""URL patterns of the sandbox."""

from django.urls import URLPattern, path

from sandbox.api import files, oauth
from sandbox.api.router import api
from sandbox.page import consent, credentials, endpoints, faults, interactions, views

urlpatterns: list[URLPattern] = [
    path("", views.page, name="sandbox"),
    path("api/shared/v1/<path:path>", api),
    path("apps/authorize", consent.authorize, name="sandbox-authorize"),
    path(".well-known/oauth-authorization-server", oauth.metadata),
    path("world", credentials.credentials),
    path("state", endpoints.state),
    path("chats/<int:chat_id>/messages", endpoints.chat_messages),
    path("chats/<int:chat_id>/read", endpoints.read_chat),
    path("direct/<int:user_id>", endpoints.direct),
    path("messages/<int:message_id>/trace", endpoints.message_trace),
    path("messages/<int:message_id>/click", interactions.click),
    path("views/<str:view_id>/submit", interactions.submit),
    path("views/<str:view_id>/close", endpoints.close_view),
    path("faults", faults.fault_settings),
    path("files/<path:key>", files.serve_file),
]

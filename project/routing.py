"""WebSocket routes: /ws serves the default register, other paths are rejected."""

from django.urls import URLPattern, path, re_path

from realtime.endpoints import EventConsumer, refuse

websocket_urlpatterns: list[URLPattern] = [
    path("ws", EventConsumer.as_asgi()),  # type: ignore[arg-type]  # Channels routes ASGI
    re_path(r"", refuse),  # type: ignore[arg-type]  # the same
]

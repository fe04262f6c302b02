"""Websocket addresses: /ws serves the default register, any other is refused."""

from django.urls import URLPattern, path, re_path

from realtime.consumer import EventConsumer, refuse

websocket_urlpatterns: list[URLPattern] = [
    path("ws", EventConsumer.as_asgi()),  # type: ignore[arg-type]  # Channels routes ASGI
    re_path(r"", refuse),  # type: ignore[arg-type]  # the same
]

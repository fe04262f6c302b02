"""ASGI endpoints, WebSockets and server-sent events, and the dispatch of events to handlers."""

from realtime.endpoints.connectors import FastApiConnector
from realtime.endpoints.sse import EventStream
from realtime.endpoints.websocket import EventConsumer, refuse

__all__ = ["EventConsumer", "EventStream", "FastApiConnector", "refuse"]

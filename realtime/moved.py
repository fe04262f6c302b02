"""Former paths of modules. They are importable until version 0.3, with a DeprecationWarning."""

from core.moved import MovedModules

MOVED = {
    "realtime.bus": "realtime.rooms.bus",
    "realtime.connectors": "realtime.endpoints.connectors",
    "realtime.consumer": "realtime.endpoints.websocket",
    "realtime.identity": "realtime.connections.identity",
    "realtime.limits": "realtime.connections.limits",
    "realtime.names": "realtime.wire.room_names",
    "realtime.router": "realtime.connections.router",
    "realtime.sse": "realtime.endpoints.sse",
}
FINDER = MovedModules(MOVED, "See docs/realtime.md.")

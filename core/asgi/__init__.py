"""ASGI middleware and responses."""

"""Routing: finding the handler of an event and calling it with the values it requests."""

"""The handler framework: API client, events, routing, filters, states, forms.

It imports `core`, but no models, no other app, and no settings at import time. Handlers import its
names from `bots`.
"""

"""Registers the admin page of connections, in projects with django-unfold."""

from importlib import import_module

from django.apps import apps

if apps.is_installed("unfold"):
    import_module("realtime.operations.admin")

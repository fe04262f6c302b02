"""The app. It imports every installed app's `events.py`, so that its handlers are registered."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RealtimeConfig(AppConfig):
    """The configuration of the app."""

    name = "realtime"
    verbose_name = _("Real-time events")

    def ready(self) -> None:
        """Import the handlers of events and signals."""
        autodiscover_modules("events")
        import_module("realtime.operations.signal_handlers")

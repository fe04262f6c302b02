"""The app; every installed app's `events.py` is imported so that its handlers are registered."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RealtimeConfig(AppConfig):
    name = "realtime"
    verbose_name = _("Realtime: the event register over websockets")

    def ready(self) -> None:
        autodiscover_modules("events")
        import_module("realtime.receivers")

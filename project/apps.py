"""The project as an app: its commands, and the metrics of all apps."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules


class ProjectConfig(AppConfig):
    name = "project"
    verbose_name = "Связь"

    def ready(self) -> None:
        autodiscover_modules("metrics")
        if settings.SANDBOX:
            from project import handler_traces  # noqa: PLC0415  the apps come first

            handler_traces.connect()

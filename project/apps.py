"""The project as an app: its commands, and what its workers need."""

from celery.signals import beat_init, celeryd_init
from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from project import broker


class ProjectConfig(AppConfig):
    name = "project"
    verbose_name = "Связь"

    def ready(self) -> None:
        celeryd_init.connect(broker.require)
        beat_init.connect(broker.require)
        autodiscover_modules("metrics")

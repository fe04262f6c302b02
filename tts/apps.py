from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TtsConfig(AppConfig):
    name = "tts"
    verbose_name = _("Speech")

    def ready(self) -> None:
        from tts.engines import checks  # noqa: F401, PLC0415  registers the checks, once apps are loaded

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BotsConfig(AppConfig):
    name = "bots"
    verbose_name = _("Bots")

    def ready(self) -> None:
        from bots import background, receivers, router  # noqa: F401, PLC0415  the apps come first
        from bots.commands.gate import gate  # noqa: PLC0415

        router.autodiscover()
        router.root.message.outer_middleware(gate)
        background.autodiscover()

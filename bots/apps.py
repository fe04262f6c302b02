import sys
from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# They register context values, services, checks and receivers of signals when imported.
REGISTERING = (
    "bots.accounts.context",
    "bots.framework.fsm.scenes",
    "bots.framework.routing.i18n",
    "bots.runtime.outgoing",
    "bots.services.builtin",
    "bots.setup.secrets",
    "bots.handlers.receivers",
)


class BotsConfig(AppConfig):
    name = "bots"
    verbose_name = _("Bots")

    def ready(self) -> None:
        # Models can only be imported now.
        from bots.commands.middleware import apply_command_rows  # noqa: PLC0415
        from bots.framework.routing import checks, router  # noqa: PLC0415
        from bots.services import background  # noqa: PLC0415

        for module in REGISTERING:
            import_module(module)
        router.autodiscover()
        router.root.message.outer_middleware(apply_command_rows)
        background.autodiscover()
        if sys.argv[1:2] != ["check"]:  # which lists all errors itself
            checks.refuse_mistakes()

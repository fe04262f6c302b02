from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

API = (
    "bots",
    "chats",
    "messages",
    "oauth",
    "people",
    "reactions",
    "search",
    "tags",
    "threads",
    "uploads",
    "views",
)


class SandboxConfig(AppConfig):
    name = "sandbox"
    verbose_name = _("Sandbox")

    def ready(self) -> None:
        import_module("sandbox.checks")
        for module in API:
            import_module(f"sandbox.api.{module}")

"""The language of a conversation: the argument `i18n`, and a middleware that speaks it."""

from typing import Any

from django.utils import translation

from bots.calling import Context
from bots.observer import Next


class I18n:
    """Translations into the language of the person, or that of the installation.

    `i18n("Hello")` looks in Django's catalogues, as `gettext` does.
    """

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, text: str) -> str:
        with translation.override(self.language):
            return translation.gettext(text)

    gettext = __call__

    def ngettext(self, one: str, many: str, count: int) -> str:
        with translation.override(self.language):
            return translation.ngettext(one, many, count)


async def speaks_their_language(handler: Next, event: Any, context: Context) -> Any:
    """Let everything that the handler translates be in the language of the person.

    An outer middleware: `root.update.outer_middleware(speaks_their_language)`.
    """
    i18n: I18n = await context.need("i18n")
    with translation.override(i18n.language):
        return await handler(event, context)

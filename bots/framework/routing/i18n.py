"""The context value `i18n`, and a middleware that activates the language of the person."""

from typing import Any

from django.conf import settings
from django.utils import translation

from bots.framework.routing.injection import Context, context_value
from bots.framework.routing.observer import Next


class I18n:
    """Translates into the language of the linked person, or else into LANGUAGE_CODE.

    `i18n("Hello")` uses Django's catalogues, as `gettext` does.
    """

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, text: str) -> str:
        """Return the translation of the text."""
        with translation.override(self.language):
            return translation.gettext(text)

    gettext = __call__

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the translation of the singular or plural form for `count`."""
        with translation.override(self.language):
            return translation.ngettext(one, many, count)


@context_value("i18n")
async def _i18n(context: Context) -> I18n:
    user = await context.need("user") if context.provides("user") else None
    return I18n(getattr(user, "language", "") or settings.LANGUAGE_CODE)


async def speaks_their_language(handler: Next, event: Any, context: Context) -> Any:
    """Activate the language of the person for the handler.

    An outer middleware: `root.update.outer_middleware(speaks_their_language)`.
    """
    i18n: I18n = await context.need("i18n")
    with translation.override(i18n.language):
        return await handler(event, context)

"""The built-in handlers of all bots, in the order of calls."""

from django.conf import settings

from bots import Router
from bots.handlers import accounts, basics, commands, microblog, speech

if settings.BOTS_EXAMPLES:
    from bots.handlers import examples

router = Router("bots")
router.include_router(accounts.router)
router.include_router(commands.router)
router.include_router(microblog.router)
router.include_router(speech.router)
if settings.BOTS_EXAMPLES:
    router.include_router(examples.router)
router.include_router(basics.router)

"""What every bot can do, in the order in which it is asked; what nobody takes comes last."""

from bots import examples
from bots.handlers import accounts, basics, commands, microblog, speech
from bots.router import Router

router = Router("bots")
router.include_router(accounts.router)
router.include_router(commands.router)
router.include_router(microblog.router)
router.include_router(speech.router)
router.include_router(examples.router)
router.include_router(basics.router)

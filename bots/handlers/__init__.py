"""What every bot can do, in the order in which it is asked; what nobody takes comes last."""

from bots.handlers import accounts, basics, commands, speech
from bots.router import Router

router = Router("bots")
router.include_routers(accounts.router, commands.router, speech.router, basics.router)

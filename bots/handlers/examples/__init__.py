"""Example handlers for bots in the sandbox."""

from bots import Bot, Router
from bots.handlers.examples import (
    leave,
    services,  # noqa: F401  registers background services
    standup,
    unfurl,
    vote,
    welcome,
)


def is_in_sandbox(bot: Bot) -> bool:
    return bot.in_sandbox


router = Router("examples", bots=is_in_sandbox)
router.include_routers(vote.router, leave.router, standup.router, welcome.router, unfurl.router)

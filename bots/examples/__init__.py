"""Small bots to learn from and to try in the sandbox: they answer only for bots that live there."""

from bots.examples import leave, standup, unfurl, vote, welcome
from bots.models import Bot
from bots.router import Router


def lives_in_sandbox(bot: Bot) -> bool:
    return bot.in_sandbox


router = Router("examples", bots=lives_in_sandbox)
router.include_routers(vote.router, leave.router, standup.router, welcome.router, unfurl.router)

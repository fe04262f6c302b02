"""A bot's settings as Pachca has them."""

from dataclasses import dataclass
from typing import Any

from bots.api import Api, ApiResponse, NoAnswer, describe
from bots.models import Bot
from bots.outgoing import checking_api_of

WRITE_SETTINGS = "bots:write"
WRITE_WEBHOOK = "bot_self:webhook:write"


@dataclass(frozen=True)
class There:
    """What the token tells: who it is, what it may, and the bot's settings where it may see them.

    `response` is the answer to the first question, None when there was none; `told` says why.
    """

    response: ApiResponse | None = None
    told: str = ""
    profile: dict[str, Any] | None = None
    token: dict[str, Any] | None = None
    pachca_id: int | None = None
    webhook: dict[str, Any] | None = None

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset((self.token or {}).get("scopes") or ())

    @property
    def by_history_alone(self) -> bool:
        """Whether the bot is told nothing by a webhook, and has a history to read instead."""
        webhook = self.webhook or {}
        return bool(webhook.get("events_history_enabled")) and not webhook.get("outgoing_url")


async def look(bot: Bot) -> There:
    """Ask Pachca about the bot. Whatever it does not answer is None."""
    api = checking_api_of(bot)
    try:
        response = await api.call("get_profile")
        if not response.ok or not isinstance(response.data, dict):
            return There(response, describe(response))
        token = await api.call("get_token_info")
        pachca_id, webhook = await _settings(api, response.data)
    except NoAnswer as error:
        return There(None, str(error))
    return There(
        response,
        profile=response.data,
        token=token.data if token.ok and isinstance(token.data, dict) else None,
        pachca_id=pachca_id,
        webhook=webhook,
    )


async def _settings(api: Api, profile: dict[str, Any]) -> tuple[int | None, dict[str, Any] | None]:
    """Find the bot among those that the token may see, by its nickname."""
    nickname = profile.get("nickname")
    response = await api.call("list_bots", {"query": nickname} if nickname else {})
    for found in response.data if response.ok and isinstance(response.data, list) else ():
        webhook = found.get("webhook") or {}
        if nickname and webhook.get("nickname") == nickname:
            return found.get("id"), webhook
    return None, None

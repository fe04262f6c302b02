"""A bot's settings in Pachca."""

from dataclasses import dataclass
from typing import Any

from bots.framework.api import Api, ApiResponse, NoAnswer, describe
from bots.models import Bot
from bots.runtime.outgoing import checking_api_of

WRITE_SETTINGS = "bots:write"
WRITE_WEBHOOK = "bot_self:webhook:write"


@dataclass(frozen=True)
class RemoteSettings:
    """The bot's profile, the scopes of its token, and its settings if the token may read them.

    `response` is the response to the first call. It is None if there was none; `error` says why.
    """

    response: ApiResponse | None = None
    error: str = ""
    profile: dict[str, Any] | None = None
    token: dict[str, Any] | None = None
    pachca_id: int | None = None
    webhook: dict[str, Any] | None = None

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset((self.token or {}).get("scopes") or ())

    @property
    def by_history_alone(self) -> bool:
        """Whether Pachca has no webhook address for the bot, but a history of events."""
        webhook = self.webhook or {}
        return bool(webhook.get("events_history_enabled")) and not webhook.get("outgoing_url")


async def fetch_settings(bot: Bot) -> RemoteSettings:
    """Ask Pachca for the bot's settings. What the token may not read is None."""
    api = checking_api_of(bot)
    try:
        response = await api.call("get_profile")
        if not response.ok or not isinstance(response.data, dict):
            return RemoteSettings(response, describe(response))
        token = await api.call("get_token_info")
        pachca_id, webhook = await _settings(api, response.data)
    except NoAnswer as error:
        return RemoteSettings(None, str(error))
    return RemoteSettings(
        response,
        profile=response.data,
        token=token.data if token.ok and isinstance(token.data, dict) else None,
        pachca_id=pachca_id,
        webhook=webhook,
    )


async def _settings(api: Api, profile: dict[str, Any]) -> tuple[int | None, dict[str, Any] | None]:
    """Return the id and webhook of the bot with this nickname, if the token may read them."""
    nickname = profile.get("nickname")
    response = await api.call("list_bots", {"query": nickname} if nickname else {})
    for found in response.data if response.ok and isinstance(response.data, list) else ():
        webhook = found.get("webhook") or {}
        if nickname and webhook.get("nickname") == nickname:
            return found.get("id"), webhook
    return None, None

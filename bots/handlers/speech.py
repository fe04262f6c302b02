"""Saying things aloud: `/say` is answered by a voice message."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.answers import private
from bots.commands import command_action
from bots.handlers.commands import clean_text
from bots.models import Bot, Update
from bots.router import Command, CommandCall, Router
from bots.types import Message
from tts.actions import TooManySpeeches, request_speech
from tts.errors import BadWish
from tts.sentences import sentence_on
from tts.synthesis import Wish

router = Router("speech")


@router.message(Command("say", gettext_lazy("Say a text aloud, as a voice message")))
def say(message: Message, command: CommandCall, bot: Bot, update: Update, user: Any) -> str | None:
    if not command.args:
        return _("Write what to say after the command: `/say Hello!`")
    return say_aloud(message, command.args, bot, update, user)


@command_action("speech", gettext_lazy("Say a text aloud"), gettext_lazy("Text"), clean_text)
def say_aloud(message: Message, parameter: str, bot: Bot, update: Update, user: Any) -> str | None:
    """Ask for the speech; the voice message follows when it is made (see `bots.receivers`).

    The update is its route, so that a handler that runs again does not speak twice.
    """
    place = (message.here if message.outbox.here else None) or private(message.user_id)
    answer_to = {
        "bot": bot.pk,
        "update": update.pk,
        "entity_type": place.entity_type,
        "entity_id": place.entity_id,
    }
    route = f"update {update.pk}"
    try:
        request_speech(user, Wish(parameter), route=route, context={"voice message": answer_to})
    except (BadWish, TooManySpeeches) as error:
        return sentence_on(error)
    return None

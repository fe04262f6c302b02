"""The command `/say`, which replies with a voice message."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots import Bot, Command, CommandCall, Message, Router, Update, command_action
from bots.framework.events.places import private
from bots.handlers.commands import clean_text
from tts.actions import request_speech
from tts.errors import InvalidSpeech, TooManySpeeches, message_for
from tts.synthesis import SpeechSpec

router = Router("speech")


@router.message(Command("say", gettext_lazy("Convert a text to a voice message")))
def say(message: Message, command: CommandCall, bot: Bot, update: Update, user: Any) -> str | None:
    if not command.args:
        return _("Write the text after the command: `/say Hello!`")
    return say_aloud(message, command.args, bot, update, user)


@command_action(
    "speech", gettext_lazy("Convert a text to speech"), gettext_lazy("Text"), clean_text
)
def say_aloud(message: Message, parameter: str, bot: Bot, update: Update, user: Any) -> str | None:
    """Request the speech. `bots.handlers.receivers` sends the voice message when it is ready.

    The update is its route, so that a repeated handler does not create a second one.
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
        request_speech(
            user, SpeechSpec(parameter), route=route, context={"voice message": answer_to}
        )
    except (InvalidSpeech, TooManySpeeches) as error:
        return message_for(error)
    return None

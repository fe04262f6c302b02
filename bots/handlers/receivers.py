"""Receivers of signals of lower apps."""

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils.translation import gettext as _

from bots.framework.api import attachments
from bots.framework.events.places import Place
from bots.models import Delivery
from jobs.doorbell import ring
from tts.models import Speech
from tts.models.speech import SpeechState
from tts.signals import speech_finished
from tts.storage import storage_name


@receiver(speech_finished)
def send_voice_message(speech: Speech, **_kwargs: Any) -> None:
    """Send a voice message requested by `/say`, in the transaction that completes the speech."""
    answer_to = speech.context.get("voice message")
    if answer_to is None or speech.state == SpeechState.CANCELLED:
        return
    place = Place(answer_to["entity_type"], answer_to["entity_id"])
    address = {"entity_type": place.entity_type, "entity_id": place.entity_id}
    delivery = Delivery.objects.create(
        bot_id=answer_to["bot"],
        update_id=answer_to["update"],
        chat=place.chat,
        method="create_message",
        payload={"message": address | _content_of(speech)},
    )
    transaction.on_commit(partial(ring, "bots.deliver", delivery.bot_id, delivery.chat))


def _content_of(speech: Speech) -> dict[str, Any]:
    if not speech.is_ready:
        return {
            "content": _("The text could not be spoken: %(reason)s") % {"reason": speech.reason}
        }
    audio = speech.audio
    voice = attachments.refer(
        storage_name(audio.hash),
        "voice.mp3",
        "voice",
        duration_ms=max(1, round(audio.duration * 1000)),
        waveform=audio.waveform,
    )
    return {"content": "", "files": [voice]}

"""Actions for the admin and other apps."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from bots.framework.api import ApiError, run
from bots.framework.events.types import Event
from bots.framework.routing.router import root
from bots.models import Bot, Command, Delivery, Service, Update
from bots.models.jobs import State
from bots.runtime.outgoing import checking_api_of
from bots.services import background
from jobs.database_clock import FromNow
from jobs.doorbell import ring


@transaction.atomic
def handle_again(update: Update) -> bool:
    """Queue an update to be handled again. Return False if it is queued or in progress."""
    if update.state in (State.WAITING, State.WORKING):
        return False
    update.again()
    transaction.on_commit(lambda: ring("bots.handle_update", update.pk))
    return True


@transaction.atomic
def send_again(delivery: Delivery) -> bool:
    """Queue a delivery again, even a successful one. False if it is queued or in progress."""
    if delivery.state in (State.WAITING, State.WORKING):
        return False
    delivery.again()
    transaction.on_commit(lambda: ring("bots.deliver", delivery.bot_id, delivery.chat))
    return True


def list_commands(bots: Iterable[Bot]) -> None:
    """Create a row for each command in the code of each bot that has none.

    A command works without a row; the row describes it and can switch it off. The description is in
    LANGUAGE_CODE.
    """
    with override(settings.LANGUAGE_CODE):
        rows = [
            Command(bot_id=bot.pk, name=command.name, description=str(command.description))
            for bot in bots
            for command in root.commands(bot)
        ]
    Command.objects.bulk_create(rows, ignore_conflicts=True)


def learn_identity(bot: Bot) -> str:
    """Fetch the bot's profile, store its user id, and return its name in Pachca.

    Raises ApiError if the token is rejected, NoAnswer if there is no response.
    """
    profile = run(checking_api_of(bot).result("get_profile"))
    bot.pachca_user_id = profile["id"]
    bot.save(update_fields=["pachca_user_id"])
    return " ".join(filter(None, (profile.get("first_name"), profile.get("last_name"))))


@transaction.atomic
def say(bot: Bot, user_id: int, text: str) -> Delivery:
    """Send a private message to a person, by Pachca id, without an event.

    It is sent after the commit, in order with other messages to that chat. Raises BadAnswer for a
    text that Pachca would reject.
    """
    call = Event().tell(user_id, text)
    delivery = Delivery.objects.create(
        bot=bot, chat=call.chat, method=call.method, payload=call.payload
    )
    transaction.on_commit(lambda: ring("bots.deliver", bot.pk, delivery.chat))
    return delivery


def run_now(service: Service) -> bool:
    """Run a service now. Return False if it is off, running, or not in the code."""
    waiting = Service.objects.filter(pk=service.pk, is_on=True, state=State.WAITING)
    if service.name not in background.registry or not waiting.update(due_at=FromNow()):
        return False
    transaction.on_commit(lambda: ring("bots.run_service", service.name))
    return True


def reschedule(service: Service) -> None:
    """Compute `due_at` from a changed schedule. The caller saves the service."""
    if schedule := background.schedule_of(service):
        service.due_at = schedule.after(timezone.now())


__all__ = [
    "ApiError",
    "handle_again",
    "learn_identity",
    "list_commands",
    "reschedule",
    "run_now",
    "say",
    "send_again",
]

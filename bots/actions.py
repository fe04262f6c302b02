"""What administrators and other apps may ask of bots."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from bots import background
from bots.api import ApiError, run
from bots.jobs import State
from bots.models import Bot, Command, Delivery, Service, Update
from bots.outgoing import checking_api_of
from bots.router import root
from bots.types import Event
from jobs.doorbell import ring


@transaction.atomic
def handle_again(update: Update) -> bool:
    """Handle an update once more, as if it had just come; False while it is being handled."""
    if update.state in (State.WAITING, State.WORKING):
        return False
    update.again()
    transaction.on_commit(lambda: ring("bots.handle_update", update.pk))
    return True


@transaction.atomic
def send_again(delivery: Delivery) -> bool:
    """Make a call once more, also one that has been made; False while it is on its way."""
    if delivery.state in (State.WAITING, State.WORKING):
        return False
    delivery.may_have_arrived, delivery.message_id = False, None
    delivery.save(update_fields=["may_have_arrived", "message_id"])
    delivery.again()
    transaction.on_commit(lambda: ring("bots.deliver", delivery.bot_id, delivery.chat))
    return True


def list_commands(bots: Iterable[Bot]) -> None:
    """Give each bot a row for every command that its code knows, where it has none yet.

    A command without a row works; the row is there to describe it and to switch it off. It is
    described in the language of the installation, whoever looks at it first.
    """
    with override(settings.LANGUAGE_CODE):
        rows = [
            Command(bot_id=bot.pk, name=command.name, description=str(command.description))
            for bot in bots
            for command in root.commands(bot)
        ]
    Command.objects.bulk_create(rows, ignore_conflicts=True)


def learn_identity(bot: Bot) -> str:
    """Ask Pachca who the bot is, keep its user id, and return its name there.

    Raises ApiError when the token is refused, NoAnswer when nobody answers.
    """
    profile = run(checking_api_of(bot).result("get_profile"))
    bot.pachca_user_id = profile["id"]
    bot.save(update_fields=["pachca_user_id"])
    return " ".join(filter(None, (profile.get("first_name"), profile.get("last_name"))))


@transaction.atomic
def say(bot: Bot, user_id: int, text: str) -> Delivery:
    """Say something to a person of the bot's own accord, in their private chat.

    It leaves after the commit, in order with what else goes to that chat.
    """
    call = Event().tell(user_id, text)
    delivery = Delivery.objects.create(
        bot=bot, chat=call.chat, method=call.method, payload=call.payload
    )
    transaction.on_commit(lambda: ring("bots.deliver", bot.pk, delivery.chat))
    return delivery


def run_now(service: Service) -> bool:
    """Have a service run at once; False if it is off, is running, or the code lacks it."""
    waiting = Service.objects.filter(pk=service.pk, is_on=True, state=State.WAITING)
    if service.name not in background.registry or not waiting.update(due_at=timezone.now()):
        return False
    transaction.on_commit(lambda: ring("bots.run_service", service.name))
    return True


def reschedule(service: Service) -> None:
    """Reckon anew when the service is due, as its schedule is another one; to be saved after it."""
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

"""A vote with buttons: `/vote Lunch? | Pizza | Soup`."""

from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots import (
    Button,
    CallbackData,
    Command,
    CommandCall,
    FSMContext,
    Keyboard,
    Message,
    Router,
)
from bots import (
    markdown as md,
)

MOST_OPTIONS, LONGEST_OPTION = 20, 60

router = Router("vote")


class Choice(CallbackData, prefix="vote"):
    poll: str
    option: int


@router.message(Command("vote", gettext_lazy("Start a vote: question | option | option")))
async def ask(message: Message, command: CommandCall, state: FSMContext) -> str | None:
    question, *options = [part.strip()[:LONGEST_OPTION] for part in command.args.split("|")]
    options = list(dict.fromkeys(filter(None, options)))
    if not question or not 2 <= len(options) <= MOST_OPTIONS:
        return _("Example: `/vote Lunch? | Pizza | Soup`, with up to %(most)d options.") % {
            "most": MOST_OPTIONS
        }
    poll = {"id": get_random_string(8), "question": question, "options": options, "votes": {}}
    await state.at(f"vote:{poll['id']}").set_data(poll)
    await message.answer_here(shown(poll), buttons=keyboard(poll))
    return None


@router.button(Choice)
async def choose(button: Button, callback_data: Choice, state: FSMContext) -> str | None:
    shared = state.at(f"vote:{callback_data.poll}")
    poll = await shared.get_data()
    if not poll:
        return _("This vote has ended.")
    poll["votes"][str(button.user_id)] = callback_data.option
    await shared.set_data(poll)
    await button.edit(shown(poll), buttons=keyboard(poll))
    return None


def keyboard(poll: dict) -> Keyboard:  # type: ignore[type-arg]  # as JSON keeps it
    buttons = Keyboard()
    for number, option in enumerate(poll["options"]):
        buttons.button(option, data=Choice(poll=poll["id"], option=number))
    return buttons.adjust(2)


def shown(poll: dict) -> str:  # type: ignore[type-arg]  # as JSON keeps it
    votes = list(poll["votes"].values())
    counted = [
        md.Markup("{}: {}").format(option, votes.count(number))
        for number, option in enumerate(poll["options"])
    ]
    return md.lines(md.bold(poll["question"]), md.bullets(counted))

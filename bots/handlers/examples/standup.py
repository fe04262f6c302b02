"""A scene: three questions for the daily stand-up, with “back” and “stop”."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots import Again, Command, Message, Router, Scene, Text, Wizard, on, step
from bots import markdown as md

SHORTEST = 3


class Standup(Scene):
    def enter(self) -> str:
        return _("Three questions. Write `back` or `stop` at any time.")

    @on.message(Text("stop", "стоп"))
    async def stop(self, wizard: Wizard) -> str:
        await wizard.leave()
        return _("Another time, then.")

    @on.message(Text("back", "назад"))
    async def back(self, wizard: Wizard) -> None:
        await wizard.back()

    @step(gettext_lazy("What did you do yesterday?"))
    async def done(self, message: Message) -> str:
        return said(message)

    @step(gettext_lazy("What will you do today?"))
    async def plans(self, message: Message) -> str:
        return said(message)

    @step(gettext_lazy("Is anything blocking you?"))
    async def troubles(self, message: Message) -> str:
        return said(message)

    def finish(self, data: dict[str, str]) -> str:
        titles = {"done": _("Yesterday"), "plans": _("Today"), "troubles": _("Blockers")}
        parts = [md.lines(md.bold(title), md.quote(data[name])) for name, title in titles.items()]
        return md.lines(*parts)


def said(message: Message) -> str:
    if len(message.text.strip()) < SHORTEST:
        raise Again(_("Please write a little more."))
    return message.text


router = Router("standup")
router.message(Command("standup", gettext_lazy("Three questions for the stand-up")))(
    Standup.as_handler()
)
router.include_router(Standup.as_router())

"""A welcome to new members of a chat and of the company."""

from django.utils.translation import gettext as _

from bots import Bot, ChatMember, CompanyMember, F, Router
from bots import markdown as md

router = Router("welcome")


@router.chat_member(F.event == "add", ~F.thread_id)
async def greet(chat_member: ChatMember, bot: Bot) -> None:
    if bot.pachca_user_id in chat_member.user_ids:
        chat_member.answer_here(_("Hello! Send `/start` to see what I can do."))
        return
    names = ", ".join(map(md.mention, chat_member.user_ids[:10]))
    chat_member.answer_here(md.Markup(_("Welcome, %(names)s!")) % {"names": md.Markup(names)})


@router.company_member(F.event == "confirm")
async def welcome(company_member: CompanyMember) -> None:
    for user_id in company_member.user_ids:
        company_member.tell(user_id, _("Welcome! I am a bot; write `/start` to me."))

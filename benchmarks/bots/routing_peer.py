"""The same tree of handlers in aiogram; prints seconds for each message."""

import asyncio
import sys
import time
from datetime import UTC, datetime

from aiogram import Bot, Dispatcher, F, Router
from aiogram.filters import Command
from aiogram.types import Chat, Message, Update, User

ROUTERS, HANDLERS = 6, 5


def tree() -> Dispatcher:
    dispatcher = Dispatcher()
    for number in range(ROUTERS):
        router = Router()
        for each in range(HANDLERS):
            router.message(Command(f"command{number}_{each}"))(nothing)
        router.message(F.text.startswith(f"word{number}"))(nothing)
        dispatcher.include_router(router)
    return dispatcher


async def nothing(message: Message, bot: Bot) -> None:
    pass


async def main(times: int) -> None:
    dispatcher, bot = tree(), Bot("1234567890:AAFakeTokenOfTheBenchmarkxxxxxxxxxxx")
    text = f"word{ROUTERS - 1} is taken by the last handler"
    chat, user = Chat(id=1, type="private"), User(id=1, is_bot=False, first_name="Ann")
    message = Message(message_id=1, date=datetime.now(UTC), chat=chat, from_user=user, text=text)
    update = Update(update_id=1, message=message)
    started = time.perf_counter()
    for _ in range(times):
        await dispatcher.feed_update(bot, update)
    print((time.perf_counter() - started) / times)


asyncio.run(main(int(sys.argv[1])))

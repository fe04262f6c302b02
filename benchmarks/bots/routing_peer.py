"""The same tree of handlers in aiogram; prints seconds for each message."""

import asyncio
import sys
import time
from datetime import UTC, datetime

import routing_tree
from aiogram import Bot, Dispatcher, F, Router
from aiogram.filters import Command
from aiogram.types import Chat, Message, Update, User


async def nothing(message: Message, bot: Bot) -> None:
    pass


async def main(times: int) -> None:
    dispatcher = routing_tree.grow(Dispatcher(), Router, Command, F, nothing)
    bot = Bot("1234567890:AAFakeTokenOfTheBenchmarkxxxxxxxxxxx")
    chat, user = Chat(id=1, type="private"), User(id=1, is_bot=False, first_name="Ann")
    message = Message(
        message_id=1, date=datetime.now(UTC), chat=chat, from_user=user, text=routing_tree.TEXT
    )
    update = Update(update_id=1, message=message)
    started = time.perf_counter()
    for _ in range(times):
        await dispatcher.feed_update(bot, update)
    print((time.perf_counter() - started) / times)


asyncio.run(main(int(sys.argv[1])))

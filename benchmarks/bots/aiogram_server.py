"""A bot of aiogram behind its own aiohttp webhook handler; it stores nothing."""

import asyncio
import sys

import uvloop
from aiogram import Bot, Dispatcher
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

dispatcher = Dispatcher()


@dispatcher.message()
async def take(message: Message) -> None:
    pass


def main(port: int) -> None:
    bot = Bot("1234567890:AAFakeTokenOfTheBenchmarkxxxxxxxxxxx")
    application = web.Application()
    handler = SimpleRequestHandler(dispatcher, bot, secret_token="secret")
    handler.register(application, path="/webhook")
    web.run_app(application, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    main(int(sys.argv[1]))

"""The tree of handlers that ours and aiogram's router are both given."""

ROUTERS, HANDLERS = 6, 5
# Taken by the last handler of all.
TEXT = f"word{ROUTERS - 1} is taken by the last handler"


def grow(dispatcher, new_router, command, magic, handler):
    """Include the routers; the names are alike in both, so are the calls."""
    for number in range(ROUTERS):
        router = new_router()
        for each in range(HANDLERS):
            router.message(command(f"command{number}_{each}"))(handler)
        router.message(magic.text.startswith(f"word{number}"))(handler)
        dispatcher.include_router(router)
    return dispatcher

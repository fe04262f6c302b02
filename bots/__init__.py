"""What authors of handlers import:

    from bots import Command, Message, Router

The names are listed in `__init__.pyi`. Each is loaded on first use, so importing `bots` requires
neither settings nor models. `Bot` and `Update` are models: import them only after Django has loaded
the apps, as in a module of handlers.
"""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

from bots.moved import FINDER

_STUB = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_SOURCES = {
    alias.name: str(node.module)
    for node in _STUB.body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
}
__all__ = [*_SOURCES]


def __getattr__(name: str) -> Any:
    if name not in _SOURCES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_SOURCES[name])
    return (
        getattr(module, name)
        if hasattr(module, name)
        else import_module(f"{module.__name__}.{name}")
    )


def __dir__() -> list[str]:
    return [*globals(), *__all__]


FINDER.install()

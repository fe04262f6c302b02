"""Modules that are large and rarely needed, loaded when they are first used."""

from importlib import import_module
from typing import Any


class LazyModule:
    """Stands for a module: `av = LazyModule("av")` behaves as `import av`, and loads it later.

    Not importlib's LazyLoader, whose modules threads may see half loaded (CPython issue 114763).
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)

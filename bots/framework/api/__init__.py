"""Calling Pachca: official method names, a chain of transformers, one envelope for every answer."""

from bots.api.chain import Call, Transformer
from bots.api.client import Api
from bots.api.connection import close, run
from bots.api.downloads import Downloaded, NotFetched
from bots.api.envelope import (
    ApiError,
    ApiResponse,
    BadParameters,
    NoAnswer,
    NotSent,
    UnknownMethod,
    describe,
)
from bots.api.files import FileTooLarge, InputFile
from bots.api.signals import CallCancelled, Signal, pause

__all__ = [
    "Api",
    "ApiError",
    "ApiResponse",
    "BadParameters",
    "Call",
    "CallCancelled",
    "Downloaded",
    "FileTooLarge",
    "InputFile",
    "NoAnswer",
    "NotFetched",
    "NotSent",
    "Signal",
    "Transformer",
    "UnknownMethod",
    "close",
    "describe",
    "pause",
    "run",
]

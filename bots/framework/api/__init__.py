"""The client of Pachca's API: its methods, transformers around calls, and the response type."""

from bots.framework.api.chain import BadTransformer, Call, Transformer
from bots.framework.api.client import Api
from bots.framework.api.connection import close, run
from bots.framework.api.downloads import Downloaded, NotFetched
from bots.framework.api.envelope import (
    ApiError,
    ApiResponse,
    BadParameters,
    NoAnswer,
    NotSent,
    UnknownMethod,
    describe,
)
from bots.framework.api.files import FileTooLarge, InputFile
from bots.framework.api.signals import CallCancelled, Signal, pause

__all__ = [
    "Api",
    "ApiError",
    "ApiResponse",
    "BadParameters",
    "BadTransformer",
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

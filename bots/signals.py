"""Signals for higher apps."""

from django.dispatch import Signal

handler_failed = Signal()
"""The handler of `update` has raised an exception. The `error` of the row is the traceback; its
`state` shows whether the update is retried. Sent after the commit; exceptions of receivers are
ignored.
"""

pre_unlink = Signal()
"""A person is about to unlink `account`, a PachcaAccount. A receiver that raises PermissionDenied
refuses; the person reads its message.
"""

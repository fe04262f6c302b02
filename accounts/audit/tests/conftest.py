"""Fixtures of the tests of the audit log: people and keys as the microblog makes them."""

from twitter.tests.conftest import (  # noqa: F401
    _apart,
    ann,
    api,
    bob,
    broker,
    moderator,
    root,
    signed_in,
    sockets,
)

"""Fixtures of the tests of permissions: people as the microblog makes them."""

from twitter.tests.conftest import (  # noqa: F401
    _apart,
    ann,
    bob,
    broker,
    moderator,
    root,
    signed_in,
    sockets,
)

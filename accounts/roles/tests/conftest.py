"""Fixtures of the tests of roles: people as the microblog makes them."""

from twitter.tests.conftest import (  # noqa: F401
    _apart,
    ann,
    api,
    bob,
    broker,
    root,
    signed_in,
    sockets,
)

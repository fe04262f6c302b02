"""Fixtures of the tests of privacy: people as the microblog makes them."""

from twitter.tests.conftest import _apart, ann, bob, broker, root, signed_in, sockets  # noqa: F401

"""Engines for the tests of speech."""

import os

import pytest
from django.conf import settings

from tts.native import fetch


@pytest.fixture(scope="session")
def rhvoice() -> None:
    """RHVoice, fetched once. Where it cannot be had, the test is skipped, but never in CI."""
    try:
        fetch.main(settings.RHVOICE_DIR)
    except fetch.NotFetched as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"in CI RHVoice must be tested: {error}")
        pytest.skip(f"there is no RHVoice here: {error}")

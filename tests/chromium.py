"""The browser that tests open: a Chromium of the system, the one without windows where it has both."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts.figure_pack import BROWSERS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", *BROWSERS))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]

MISSING = "no Chromium on this machine"

# For a test that starts something else before the browser
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)


@contextmanager
def chromium() -> Iterator:
    """Start the browser, and close it in the end; without one the test is skipped."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()

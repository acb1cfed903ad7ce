"""The browser that tests open: a Chromium of the system, the one without windows where it has both."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts.figure_pack import BROWSERS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", *BROWSERS))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@contextmanager
def chromium() -> Iterator:
    """Start the browser, and close it in the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()

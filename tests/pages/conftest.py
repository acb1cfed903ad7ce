"""The built site in a browser: `make book` first, then `make pages`. One browser for all tests."""

import functools
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import served
from built_site import OPENED, PAGES, REST, SITE, Opened
from chromium import chromium

HERE = Path(__file__).parent
VARIANTS = [(1280, "light"), (768, "light"), (390, "dark")]  # the theme changes colours, not places


def pytest_collection_modifyitems(items) -> None:
    """Without a site nothing here can be tested; a page that is opened once is one group."""
    for item in (item for item in items if HERE in item.path.parents):  # pytest hands over all
        if not PAGES:
            item.add_marker(pytest.mark.skip(reason="the site is not built: run make book"))
        if {"opened", "figure"} & set(item.fixturenames):  # one process opens it once, for all its tests
            item.add_marker(pytest.mark.xdist_group(item.callspec.id))


class Handler(served.Handler):
    def do_GET(self) -> None:
        """Give a tab that waits an empty page, with an icon: for a page without one, a browser asks later."""
        if self.path != REST:
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b'<!DOCTYPE html><link rel="icon" href="data:,">')


@pytest.fixture(scope="session")
def origin():
    with served.served(SITE, Handler) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    with chromium() as browser:
        yield browser


@contextmanager
def in_browser(browser, width: int, theme: str, motion: str = "reduce", scripts: bool = True,
               touch: bool = False):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme,
                                  reduced_motion=motion, java_script_enabled=scripts, has_touch=touch)
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture(scope="session")
def windows(browser):
    """Browser windows by what they are for, width and theme: each is opened once, and kept to the end."""
    with ExitStack() as opened:
        yield functools.cache(lambda purpose, *variant: opened.enter_context(in_browser(browser, *variant)))


@pytest.fixture(scope="session", params=VARIANTS, ids=lambda variant: f"{variant[0]}-{variant[1]}")
def context(request, windows):
    """A browser window of one width, which follows its machine's light or dark theme."""
    return windows("to look", *request.param)


@pytest.fixture(scope="session", params=OPENED)
def opened(request, context, origin):
    """A page in one variant, opened once for all tests that only look at it."""
    opened = Opened(context, f"{origin}/{request.param}")
    yield opened
    opened.leave()


@pytest.fixture(scope="session", params=(390, 1280))
def window(request, windows):
    """A browser window for tests that press buttons."""
    return windows("to press", request.param, "light")

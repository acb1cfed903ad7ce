"""Where the built site lies, which pages it has, and how they are opened."""

from pathlib import Path
from urllib.parse import urljoin

from axe_playwright_python.sync_playwright import Axe

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
# These are no pages of the book: index.html only leads to the first one, lecture.html are slides
NO_CONTENT = ("search.html", "genindex.html", "index.html", "lecture.html")
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")
               if "_static" not in path.parts and path.name not in NO_CONTENT)
# The rooms of the reference are made alike: two stand for all where a page is opened in a browser
ALIKE = "chapters/reference/api/"
OPENED = [page for page in PAGES
          if not page.startswith(ALIKE) or page.endswith(("/training.html", "/ground_floor.html"))]
CHAPTERS = [page for page in PAGES if (ROOT / page).with_suffix(".ipynb").exists()]
# A page is ready when its formulas stand in their own type
READY = "Promise.all([window.MathJax?.startup?.promise, document.fonts.ready]).then(() => true)"


def text(name: str) -> str:
    """The HTML of a page."""
    return (SITE / name).read_text(encoding="utf-8")


# Where a tab waits for its next page: a new tab would take several times as much of the processor
REST = "/at-rest"
UNCOVER = "for (const result of document.querySelectorAll('.result[hidden]')) result.open()"


# Styles are not asked for a second time, and what passes is not listed: neither changes what is found
AXE = {"preload": False, "resultTypes": ["violations"]}


def barriers(page, place: str) -> list[tuple[str, str]]:
    """What bars a screen reader in a part of a page: the rule, and the first element that breaks it."""
    found = Axe().run(page, context=place, options=AXE).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found
            if rule["impact"] in ("serious", "critical")]


class Opened:
    """A page in the browser, with what it asked for and complained of so far.

    Results that wait for a prediction are uncovered, unless a test presses the buttons itself.
    """

    def __init__(self, context, address: str, covered: bool = False) -> None:
        at_rest = (page for page in context.pages if page.url.endswith(REST))
        self.page = next(at_rest, None) or context.new_page()
        self.width = self.page.viewport_size["width"]
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.listeners = {
            "request": lambda request: self.requests.append(request.url),
            "console": self.hear,
            "pageerror": lambda error: self.complaints.append(str(error)),
        }
        for event, listener in self.listeners.items():
            self.page.on(event, listener)
        self.page.goto(address, wait_until="load")
        self.page.evaluate(READY)
        if not covered:
            self.page.evaluate(UNCOVER)
        self.theme: str = self.page.evaluate("document.documentElement.dataset.theme")

    def hear(self, message) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.location['url']}: {message.text}")

    def leave(self) -> None:
        """Give the tab to the next page, as new. Who has changed its size or its medium closes it instead."""
        for event, listener in self.listeners.items():
            self.page.remove_listener(event, listener)
        self.page.mouse.move(0, 0)
        self.page.goto(urljoin(self.page.url, REST))
        self.page.evaluate("sessionStorage.clear()")

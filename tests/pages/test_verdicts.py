"""The argument above each page, the badges in the menu, and the figures as files."""

import re
import zipfile

import pytest
from built_site import PAGES, SITE, Opened, text

STRIP = re.compile(r'<nav class="verdicts.*?</nav>', re.DOTALL)


@pytest.mark.parametrize("name", PAGES)
def test_the_argument_stands_above_each_page(name):
    (strip,) = STRIP.findall(text(name))
    assert strip.count("<li>") == 10 and strip.count('role="img"') == 9
    of_argument = re.match(r"chapters/0\d", name) is not None
    assert strip.count('aria-current="page"') == of_argument
    menu = text(name).split('class="bd-links', 1)[1].split("</nav>")[0]
    assert menu.count('class="verdict ') == 9


@pytest.mark.parametrize("name", ["chapters/01_puzzle.html", "chapters/09_conclusion.html"])
def test_the_strip_scrolls_within_itself_to_the_page_s_own_link(window, origin, name):
    opened = Opened(window, f"{origin}/{name}")
    box = opened.page.locator(".verdicts [aria-current]").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= opened.width
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth && scrollX === 0")
    opened.leave()


def test_the_figures_are_files():
    with zipfile.ZipFile(SITE / "figures.zip") as pack:
        drawings = [name for name in pack.namelist() if name.endswith(".svg")]
        assert len(drawings) >= 10 and {"README.txt", "LICENSE", "CITATION.cff"} <= set(pack.namelist())
        pages = [name for name in pack.namelist() if name.endswith(".pdf")]
        assert not pages or len(pages) == len(drawings)

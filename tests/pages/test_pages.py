"""Every page in a browser, at three widths, in the light and the dark theme: whole, and open to everybody."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from built_site import SITE, Opened


def test_page_is_whole_by_itself(opened, origin):
    foreign = [url for url in opened.requests if not url.startswith((origin, "data:", "blob:"))]
    assert not foreign
    assert not opened.complaints
    page = opened.page
    assert page.evaluate("[...document.querySelectorAll('article img')].every(i => i.naturalWidth > 0)")
    assert page.locator("mjx-merror").count() == 0


def test_formulas_are_set_and_only_pages_with_formulas_load_what_sets_them(opened):
    formulas = opened.page.locator(".math").count() > 0
    assert (opened.page.locator("mjx-container").count() > 0) == formulas
    assert any("mathjax" in url for url in opened.requests) == formulas


@pytest.mark.parametrize("name", ["intro.html", "chapters/07_theoretical_setting.html"])
def test_a_page_works_from_a_folder(window, name):
    opened = Opened(window, (SITE / name).as_uri())
    assert not opened.complaints
    assert not [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))]
    assert (opened.page.locator("mjx-container").count() > 0) == name.startswith("chapters/")
    opened.page.close()


def test_pictures_are_described(opened):
    for text in opened.page.locator("article img").evaluate_all("images => images.map(i => i.alt)"):
        assert len(text.split()) >= 8, text


def test_nothing_bars_the_way_of_a_screen_reader(opened):
    if opened.width == 768:
        return  # what a tablet shows, a desk and a phone show too
    found = Axe().run(opened.page, context="article").response["violations"]
    # Sphinx writes the bibliography as a list whose entries are no list items: not ours to change
    assert not [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found
                if rule["impact"] in ("serious", "critical") and rule["id"] != "aria-required-children"]

"""Every page in a browser, at three widths, in the light and the dark theme: whole, and open to everybody."""

import io
import re

import pytest
from built_site import SITE, Opened, barriers
from PIL import Image


def test_page_is_whole_by_itself(opened, origin):
    foreign = [url for url in opened.requests if not url.startswith((origin, "data:", "blob:"))]
    assert not foreign
    assert not opened.complaints
    page = opened.page
    assert page.evaluate("[...document.querySelectorAll('article img')].every(i => i.naturalWidth > 0)")
    assert page.locator("mjx-merror").count() == 0


def test_what_pages_share_weighs_at_most_1500_kB(opened, origin):
    """Scripts, styles and fonts, before a host compresses them; also with what sets formulas."""
    shared = {url.removeprefix(origin).partition("?")[0].partition("#")[0].lstrip("/")
              for url in opened.requests if "/_static/" in url and url.startswith(origin)}
    assert sum((SITE / path).stat().st_size for path in shared) <= 1_500_000


def test_formulas_are_set_and_only_pages_with_formulas_load_what_sets_them(opened):
    formulas = opened.page.locator(".math").count() > 0
    assert (opened.page.locator("mjx-container").count() > 0) == formulas
    assert any("mathjax" in url for url in opened.requests) == formulas


@pytest.mark.parametrize("name", ["chapters/intro.html", "chapters/07_theoretical_setting.html"])
def test_a_page_works_from_a_folder(window, name):
    opened = Opened(window, (SITE / name).as_uri())
    assert not opened.complaints
    assert not [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))]
    assert (opened.page.locator("mjx-container").count() > 0) == ("intro" not in name)
    opened.page.close()


def test_pictures_are_described(opened):
    for text in opened.page.locator("article img").evaluate_all("images => images.map(i => i.alt)"):
        assert len(text.split()) >= 8, text


def test_nothing_bars_the_way_of_a_screen_reader(opened):
    if (opened.width, opened.theme) not in {(1280, "light"), (390, "dark")}:
        return  # each width once, each theme once
    # Sphinx writes the bibliography as a list whose entries are no list items: not ours to change
    assert not [found for found in barriers(opened.page, "article") if found[0] != "aria-required-children"]


def test_figures_and_tables_are_no_slabs_in_the_dark_theme(opened):
    """What lies behind a table, or a figure's corner, is the page's own ground."""
    page = opened.page
    if (opened.width, opened.theme) == (390, "dark"):
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        wanted = [int(part) for part in re.findall(r"\d+", ground)[:3]]
        tables = page.locator(".text_html:has(table.results)")
        grounds = tables.evaluate_all("boxes => boxes.map(box => getComputedStyle(box).backgroundColor)")
        assert set(grounds) <= {"rgba(0, 0, 0, 0)"}
        for picture in page.locator("article img:visible").all():
            for _ in range(100):  # a busy machine may not have painted the page where it was scrolled to
                shown = Image.open(io.BytesIO(picture.screenshot())).convert("RGB").getpixel((3, 3))
                if max(abs(one - other) for one, other in zip(shown, wanted, strict=True)) <= 12:
                    break
                page.wait_for_timeout(300)
            else:
                pytest.fail(f"{picture.get_attribute('src')}: {shown} on a ground of {wanted}")

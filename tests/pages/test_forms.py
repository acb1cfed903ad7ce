"""The components of a chapter in the browser: predictions, tabs, folds, and all of it on paper."""

import re

import pytest
from built_site import CHAPTERS, PAGES, ROOT, Opened, text


def having(mark: str) -> list[str]:
    """The first page that has a component; no page, no test."""
    return [name for name in CHAPTERS if mark in text(name)][:1]


@pytest.mark.parametrize("name", having('<div class="prediction"'))
def test_a_result_is_covered_until_the_reader_has_answered(window, origin, name):
    opened = Opened(window, f"{origin}/{name}", covered=True)
    prediction = opened.page.locator(".prediction").first
    result, show = prediction.locator(".result"), prediction.get_by_role("button", name="Show the result")
    right = prediction.get_attribute("data-answer")
    assert result.get_attribute("inert") is not None and show.is_disabled()
    prediction.get_by_role("radio").first.focus()
    opened.page.keyboard.press("Space")
    said = prediction.get_by_role("radio").first.input_value()
    opened.page.keyboard.press("Enter")
    assert result.get_attribute("inert") is None
    wanted = f"You said {said}, and it was." if said == right else f"You said {said}, it was {right}."
    status = prediction.get_by_role("status")
    assert status.text_content() == wanted
    pressed = prediction.get_by_role("radio").last.bounding_box()
    assert 0 < status.bounding_box()["y"] - pressed["y"] < 100  # where the reader is
    opened.page.reload()
    assert status.text_content() == wanted  # the browser remembers
    prediction.get_by_role("button", name="Ask me again").click()
    assert result.get_attribute("inert") is not None
    prediction.get_by_role("button", name="Skip").click()
    assert result.get_attribute("inert") is None and not status.is_visible()
    opened.page.evaluate("localStorage.clear()")
    assert not opened.complaints
    opened.page.close()


@pytest.mark.parametrize("name", having('<div class="prediction"'))
def test_a_link_into_a_covered_result_uncovers_it(window, origin, name):
    inside = re.findall(r'<div class="result">.*?<figure[^>]* id="([^"]+)"', text(name), re.DOTALL)
    if not inside:
        pytest.skip("no figure in a result")
    opened = Opened(window, f"{origin}/{name}#{inside[0]}", covered=True)
    assert opened.page.locator(f".result:has(#{inside[0]})").get_attribute("inert") is None
    opened.page.close()


@pytest.mark.parametrize("name", having('<div class="tabs"'))
def test_tabs_are_walked_by_the_keyboard_and_follow_each_other(window, origin, name):
    opened = Opened(window, f"{origin}/{name}")
    page = opened.page
    tabs = page.get_by_role("tablist").first.get_by_role("tab")
    assert tabs.first.get_attribute("aria-selected") == "true"
    tabs.first.focus()
    page.keyboard.press("ArrowRight")
    chosen = page.locator("[role=tab]:focus")
    assert chosen.text_content() == tabs.nth(1).text_content()
    for tab in page.get_by_role("tab", name=chosen.text_content(), exact=True).all():
        assert tab.get_attribute("aria-selected") == "true"
        assert page.locator(f"#{tab.get_attribute('aria-controls')}").is_visible()
    page.reload()
    assert tabs.nth(1).get_attribute("aria-selected") == "true"
    page.evaluate("localStorage.clear()")
    page.close()


def test_nothing_is_covered_or_hidden_before_a_script_runs():
    hidden = re.compile(r'<[a-z]+(?: [\w-]+(?:="[^"]*")?)* (?:inert|hidden|aria-hidden)[ =>]')
    for name in CHAPTERS:
        article = text(name).partition("<article")[2].partition("</article")[0]
        assert not hidden.search(re.sub(r"<svg.*?</svg>", "", article, flags=re.DOTALL)), name


def test_every_icon_is_drawn():
    drawn = set(re.findall(r"\.(fa-[a-z-]+) \{ --icon", (ROOT / "assets" / "icons.css").read_text()))
    used = {name for page in PAGES for words in re.findall(r'class="([^"]*\bfa-[^"]*)"', text(page))
            for name in words.split() if name.startswith("fa-")}
    assert used - {"fa-solid", "fa-brands", "fa-lg"} <= drawn


# A fold of which paper shows the first line alone
SHUT = "one => one.checkVisibility() && one.offsetHeight < 1.5 * one.querySelector('summary').offsetHeight"


@pytest.mark.parametrize("name", [name for name in CHAPTERS if "/0" in name])
def test_a_chapter_takes_at_most_eight_sheets_of_paper(browser, origin, name):
    context = browser.new_context()
    page = Opened(context, f"{origin}/{name}").page
    printed = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="print")
    folds = "[...document.querySelectorAll('article details:not(.rows)')]"
    dead = page.evaluate(f"{folds}.filter({SHUT}).map(fold => fold.innerText)")
    context.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 8
    assert not dead

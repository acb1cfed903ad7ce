"""The components of a chapter in the browser: predictions, tabs, folds, and all of it on paper."""

import re

import pytest
from built_site import CHAPTERS, PAGES, ROOT, Opened, text


def having(mark: str) -> list[str]:
    """The first page that has a component; no page, no test."""
    return [name for name in CHAPTERS if mark in text(name)][:1]


ASKING = [name for name in CHAPTERS if '<div class="prediction"' in text(name)]
# What a reader can see of the sections in which something is asked, from each question to the next heading
SEEN = """() => [...document.querySelectorAll(".prediction")].map(asked => {
    const below = [asked];
    const ends = one => !one || one.matches("section, .prediction");
    for (let next = asked.nextElementSibling; !ends(next); next = next.nextElementSibling) below.push(next);
    return below.flatMap(one => [one, ...one.querySelectorAll("*")])
        .filter(part => part !== asked && part.checkVisibility() && !part.closest(".ask, .veil"))
        .map(part => part.outerHTML.slice(0, 80));
}).flat()"""


@pytest.mark.parametrize("name", ASKING)
def test_nothing_between_a_question_and_the_next_heading_is_seen(window, origin, name):
    opened = Opened(window, f"{origin}/{name}", covered=True)
    assert opened.page.evaluate(SEEN) == []
    for veil in opened.page.locator(".veil").all():
        assert veil.bounding_box()["height"] < 200  # the page goes on soon
    for _ in range(20):  # the keyboard does not reach what is covered
        opened.page.keyboard.press("Tab")
        assert opened.page.evaluate("!document.activeElement.closest('.result')")
    opened.leave()


@pytest.mark.parametrize("name", ASKING[:1])
def test_a_result_is_covered_until_the_reader_has_answered(window, origin, name):
    opened = Opened(window, f"{origin}/{name}", covered=True)
    prediction = opened.page.locator(".prediction").first
    answer, show = prediction.locator(".answer"), prediction.get_by_role("button", name="Show the result")
    right = prediction.get_attribute("data-answer")
    assert not answer.is_visible() and show.is_disabled()
    prediction.get_by_role("radio").first.focus()
    opened.page.keyboard.press("Space")
    said = prediction.get_by_role("radio").first.input_value()
    pressed = prediction.get_by_role("radio").last
    before = pressed.bounding_box()["y"]
    opened.page.keyboard.press("Enter")
    assert answer.is_visible()
    wanted = f"You said “{said}”" + (": right." if said == right else f"; it is “{right}”.")
    status = prediction.get_by_role("status")
    assert status.text_content() == wanted
    assert abs(pressed.bounding_box()["y"] - before) < 2  # the reader keeps the place
    assert 0 < status.bounding_box()["y"] - before < 100
    opened.page.reload()
    assert status.text_content() == wanted  # the browser remembers
    prediction.get_by_role("button", name="Ask me again").click()
    assert not answer.is_visible()
    prediction.get_by_role("button", name="Skip").click()
    assert answer.is_visible() and not status.is_visible()
    opened.page.evaluate("localStorage.clear()")
    assert not opened.complaints
    opened.page.close()


@pytest.mark.parametrize("name", ASKING[:1])
def test_a_link_or_a_search_into_a_covered_result_uncovers_it(window, origin, name):
    result = text(name).partition('<div class="result">')[2]
    inside = re.search(r'<figure[^>]* id="([^"]+)"', result)[1]
    opened = Opened(window, f"{origin}/{name}#{inside}", covered=True)
    answer = opened.page.locator(".result .answer").first
    assert answer.is_visible()
    opened.page.goto(f"{origin}/{name}")
    assert opened.page.locator(".result[hidden=until-found] .answer").count() and not answer.is_visible()
    answer.evaluate("one => one.dispatchEvent(new Event('beforematch', {bubbles: true}))")  # so does a search
    assert answer.is_visible() and not opened.page.locator(".veil").first.is_visible()
    opened.page.close()


@pytest.mark.parametrize("name", ASKING[:1])
def test_paper_covers_nothing(window, origin, name):
    opened = Opened(window, f"{origin}/{name}", covered=True)
    opened.page.emulate_media(media="print")
    assert all(one.is_visible() for one in opened.page.locator(".result .answer").all())
    assert not opened.page.locator(".veil").first.is_visible()
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

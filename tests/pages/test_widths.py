"""Nothing is wider than its column, on a screen and on paper: each element of each page is measured."""

import pytest

UNFOLD = "for (const fold of document.querySelectorAll('article details')) fold.open = true"
# Each element of the page that sticks out of the column, or that hides a part of itself.
# What may: a formula that says that it scrolls, and text for screen readers only. Folds are opened before.
FAULTS = """() => {
    const article = document.querySelector("article").getBoundingClientRect();
    const page = {left: 0, right: innerWidth};
    const hidden = element => element.closest("svg, mjx-assistive-mml, .visually-hidden, .headerlink")
        || !element.checkVisibility({visibilityProperty: true})
        || !element.getClientRects().length;
    const scrolls = element => element.closest(".scrolls[tabindex='0']");
    const name = element => element.outerHTML.replace(/\\s+/g, " ").slice(0, 150);
    const faults = [];
    for (const element of document.querySelectorAll("article *, .bd-footer-content *")) {
        if (hidden(element) || scrolls(element)) continue;
        const box = element.getBoundingClientRect();
        const column = element.closest("article") && !element.closest("aside.margin") ? article : page;
        if (box.right > column.right + 1.5 || box.left < column.left - 1.5)
            faults.push(`${Math.round(box.left)} to ${Math.round(box.right)} px: ${name(element)}`);
        const style = getComputedStyle(element);
        if (style.overflowX !== "visible" && style.display !== "inline"
                && element.scrollWidth > element.clientWidth + 1)
            faults.push(`${element.scrollWidth} px in ${element.clientWidth}: ${name(element)}`);
    }
    return [Math.round(document.documentElement.scrollWidth - innerWidth), faults];
}"""
HINTS = "document.querySelectorAll('.scrolls + .scroll-hint').length"


def measured(page) -> list[str]:
    page.evaluate(UNFOLD)
    beside, faults = page.evaluate(FAULTS)
    return ([f"the page scrolls sideways by {beside} px"] if beside > 1 else []) + faults


def test_nothing_is_wider_than_its_column(opened):
    assert not measured(opened.page)


def test_a_formula_that_scrolls_says_so_and_can_be_scrolled_by_the_keyboard(opened):
    page = opened.page
    wide = page.locator(".scrolls")
    assert page.evaluate(HINTS) == wide.count()
    if wide.count():
        page.evaluate(UNFOLD)
        wide.first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('.scrolls').scrollLeft > 0")
        assert page.locator(".scroll-hint").first.is_visible()


def test_nothing_is_lost_on_paper(opened):
    """A4 between its margins is 720 px wide."""
    if opened.width != 768:
        pytest.skip("one width of screen is enough for paper")
    size = opened.page.viewport_size
    opened.page.emulate_media(media="print")
    opened.page.set_viewport_size({"width": 720, "height": 1000})
    faults = measured(opened.page)
    opened.page.emulate_media(media="screen")
    opened.page.set_viewport_size(size)
    assert not faults

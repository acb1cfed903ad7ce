"""Figures that answer while the reader drags: every control by its keys, and what the address keeps."""

import re

import pytest
from built_site import PAGES, Opened, text
from conftest import in_browser

# Figure, what its sentence says once it is done, and an address with what it must then say
FIGURES = {
    "ripple": (r"After [\d,]+ steps", "rate=0.005&k=25", r"After 1,200 steps.*0\.050 by the formula"),
    "explorer": (r"mean of \d+ seeds", "network=hidden&hidden-anneal=2", r"One hidden layer.*at epoch 2,"),
}
HELD = [(name, page) for name in FIGURES for page in PAGES if f'id="figure-{name}"' in text(page)]
SMALLEST = 11  # pixels
SIZES = """figure => [...figure.querySelectorAll('*')].filter(one => [...one.childNodes].some(
    node => node.nodeType === 3 && node.textContent.trim()) && one.tagName !== 'STYLE')
    .map(one => parseFloat(getComputedStyle(one).fontSize))"""

CHANGED = "([root, told]) => root.querySelector('[role=status]').textContent !== told"
COUNT = """root => {
    window.drawings = 0;
    const picture = root.querySelector('.picture');
    new MutationObserver(() => window.drawings++).observe(picture, { childList: true });
}"""


class Figure:
    """A figure on an open page."""

    def __init__(self, context, address: str, name: str) -> None:
        self.opened = Opened(context, address)
        self.page, self.done = self.opened.page, re.compile(FIGURES[name][0])
        self.root = self.page.locator(f".lrreg-{name}")
        self.root.scroll_into_view_if_needed()

    def told(self) -> str:
        """The sentence, once the figure has come to rest."""
        status = self.root.get_by_role("status")
        status.filter(has_text=self.done).wait_for(timeout=120_000)
        return status.text_content()

    def drawn(self) -> str:
        return self.root.locator(".picture").inner_html()

    def controls(self):
        return self.root.locator(".choices input:visible")

    def slider(self):
        return self.root.locator(".choices input[type=range]:visible").first


def press(figure: Figure, control) -> None:
    """One step of a control: an arrow key; a slider at its end goes back."""
    control.focus()
    is_slider = control.get_attribute("type") == "range"
    at_end = is_slider and control.input_value() == control.get_attribute("max")
    figure.page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")


@pytest.mark.parametrize(("name", "page"), HELD)
def test_every_control_changes_the_picture_and_the_sentence(window, origin, name, page):
    figure = Figure(window, f"{origin}/{page}", name)
    count = figure.controls().count()
    assert count >= 4
    for place in range(count):
        control = figure.controls().nth(place)
        if control.get_attribute("type") == "radio" and not control.is_checked():
            continue  # the arrow moves from the chosen one of its group
        told, drawn = figure.told(), figure.drawn()
        press(figure, control)
        figure.page.wait_for_function(CHANGED, arg=[figure.root.element_handle(), told])
        assert figure.told() != told and figure.drawn() != drawn, control.get_attribute("name")
        figure.root.get_by_role("button", name="Reset").click()
        figure.page.wait_for_timeout(50)
    assert figure.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    assert min(figure.root.evaluate(SIZES)) >= SMALLEST
    assert not figure.opened.complaints
    assert not [url for url in figure.opened.requests if not url.startswith((origin, "data:", "blob:"))]
    figure.page.close()


@pytest.mark.parametrize(("name", "page"), HELD)
def test_the_address_keeps_the_choice(window, origin, name, page):
    _, choice, words = FIGURES[name]
    figure = Figure(window, f"{origin}/{page}#figure-{name}&{choice}", name)
    assert re.search(words, figure.told())
    press(figure, figure.slider())
    figure.page.wait_for_function(f"!location.hash.endsWith({choice!r})")
    moved, hash_ = figure.slider().get_attribute("aria-valuetext"), figure.page.evaluate("location.hash")
    again = Figure(window, f"{origin}/{page}{hash_}", name)
    again.told()
    assert again.slider().get_attribute("aria-valuetext") == moved
    again.root.get_by_role("button", name="Reset").click()
    again.page.wait_for_function("location.hash === ''")
    for one in (figure, again):
        assert not one.opened.complaints
        one.page.close()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
@pytest.mark.parametrize(("name", "page"), HELD)
def test_copies_move_until_they_have_settled_unless_no_motion_is_wanted(browser, origin, name, page, motion):
    if name != "ripple":
        pytest.skip("it does not move by itself")
    with in_browser(browser, 1280, "light", motion) as context:
        figure = Figure(context, f"{origin}/{page}", name)
        told = figure.told()
        figure.root.evaluate(COUNT)
        press(figure, figure.slider())
        figure.page.wait_for_function(CHANGED, arg=[figure.root.element_handle(), told])
        figure.told()
        drawings = figure.page.evaluate("window.drawings")
        assert drawings <= 2 if motion == "reduce" else drawings > 5
        figure.page.wait_for_timeout(300)
        assert figure.page.evaluate("window.drawings") == drawings


@pytest.mark.parametrize(("name", "page"), HELD)
def test_a_press_on_the_map_chooses_a_setting(window, origin, name, page):
    if name != "explorer":
        pytest.skip("it has no map")
    figure = Figure(window, f"{origin}/{page}", name)
    figure.root.locator('.cell[data-rate="0.4"][data-anneal="2"]').click()
    figure.root.get_by_role("status").filter(has_text="at epoch 2,").wait_for()
    assert figure.root.locator("[name=digits-anneal]").input_value() == "1"  # the second place of the slider
    figure.page.close()

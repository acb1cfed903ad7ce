"""Every interactive figure answers to keys, mouse and finger, and keeps its choice in the address."""

import re

import pytest
from built_site import PAGES, Opened, text
from conftest import in_browser
from figures_in_use import Figure

# A choice to link to, and what the sentence then says
LINKS = {
    "hero": ("anneal=30&seed=2&inert=true", r"Lowered at epoch 30"),
    "schedule": ("anneal=300&small=10&with_q=false",
                 r"Training with seed 0, no Q: L-S at rate 70 up to step 300, then 10"),
    "ripple": ("rate=0.005&k=25", r"After 1,200 steps.*0\.050 by the formula"),
    "patch": ("class=3&strength=0.5&group=patch_only&sign=-1&place=center&noise=true&turn=90",
              r"z − .* v₃ in the centre \(strength 0\.5,.*a noisy image of 3\. The line at 90°"),
    "kernel": ("time=85&r=0.2&rays=3", r"rays 0\.20 apart.* of 3 rays"),
    "explorer": ("network=hidden&hidden-anneal=2", r"One hidden layer.*at epoch 2,"),
}
PLACES = [(name, next((page for page in PAGES if f'id="figure-{name}"' in text(page)), None))
          for name in LINKS if PAGES]
SNAPPING = ("ripple", "explorer")
SMALLEST = 11  # pixels
SIZES = """figure => {
    const isRead = node => node.nodeType === 3 && node.textContent.trim();
    return [...figure.querySelectorAll('*')]
        .filter(one => one.tagName !== 'STYLE' && one.checkVisibility() && [...one.childNodes].some(isRead))
        .map(one => parseFloat(getComputedStyle(one).fontSize) * (one.getScreenCTM?.().a ?? 1));
}"""
# Colours of drawings are strokes and fills: another `color` is a class of the site that has the same name
COLOURS = """figure => [...figure.querySelectorAll('svg *')].filter(
    one => getComputedStyle(one).color !== getComputedStyle(figure).color).map(one => one.outerHTML)"""
COUNT = """root => {
    window.drawings = 0;
    const picture = root.querySelector('.picture');
    new MutationObserver(() => window.drawings++).observe(picture, { childList: true });
}"""


class OnPage(Figure):
    """A figure of the site, with what its page asked for and complained of."""

    def __init__(self, context, address: str, name: str) -> None:
        self.opened = Opened(context, address)
        super().__init__(self.opened.page, name)


@pytest.fixture(scope="module", params=((390, "dark"), (1280, "light")), ids=("390-dark", "1280-light"))
def touched(request, browser):
    """A window of a phone or of a laptop, both of which know fingers."""
    with in_browser(browser, *request.param, touch=True) as context:
        yield context


@pytest.fixture(scope="module", params=PLACES, ids=lambda place: place[0])
def figure(request, touched, origin):
    """A figure that a link has opened, for all tests of it."""
    name, page = request.param
    figure = OnPage(touched, f"{origin}/{page}#figure-{name}&{LINKS[name][0]}", name)
    yield figure
    assert not figure.opened.complaints
    assert not [url for url in figure.opened.requests if not url.startswith((origin, "data:", "blob:"))]
    figure.opened.leave()


def test_a_link_opens_the_choice_and_a_choice_makes_a_link(figure):
    link, words = LINKS[figure.name]
    figure.status.filter(has_text=re.compile(words)).wait_for(timeout=120_000)
    for key, value in (part.split("=") for part in link.split("&")):
        if figure.name not in SNAPPING:  # their sliders count places
            for slider in figure.root.locator(f"input[type=range][name={key}]").all():
                assert slider.input_value() == value
    first = figure.reset()
    figure.page.wait_for_function("location.hash === ''")
    figure.press(figure.slider())
    figure.changed(first)
    # What is as at first is left out
    figure.page.wait_for_function(f"/^#figure-{figure.name}&[a-z-]+=[^&=]+$/.test(location.hash)")


def test_every_control_changes_the_drawing_and_the_sentence_from_the_keyboard(figure):
    figure.press_each()


def ends(figure) -> tuple[float, float, float]:
    """Left and right end of a figure's first slider, and its height in the window."""
    figure.slider().scroll_into_view_if_needed()
    box = figure.slider().bounding_box()
    return box["x"], box["x"] + box["width"], box["y"] + box["height"] / 2


SHARES = (0.3, 0.5, 0.7, 0.9)  # of the way from end to end


def test_a_mouse_that_drags_changes_the_drawing_and_the_sentence_before_it_lets_go(figure):
    now = figure.reset()
    left, right, height = ends(figure)
    figure.page.mouse.move(left + 0.1 * (right - left), height)
    figure.page.mouse.down()
    for share in SHARES:
        figure.page.mouse.move(left + share * (right - left), height, steps=3)
        now = figure.changed(now)
    figure.page.mouse.up()


def test_a_finger_that_drags_changes_the_drawing_and_the_sentence_before_it_lifts(figure):
    now = figure.reset()
    left, right, height = ends(figure)
    session = figure.page.context.new_cdp_session(figure.page)

    def touch(kind: str, share: float | None = None) -> None:
        points = [] if share is None else [{"x": left + share * (right - left), "y": height}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.1)
    for share in SHARES:
        touch("touchMove", share)
        now = figure.changed(now)
    touch("touchEnd")
    session.detach()


def test_letters_are_large_enough_and_nothing_is_wider_than_the_window(figure):
    assert min(figure.root.evaluate(SIZES)) >= SMALLEST
    assert figure.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def test_the_drawing_has_a_name_and_the_figure_s_own_colours(figure):
    figure.reset()
    labels = [one.get_attribute("aria-label") for one in figure.root.locator(".picture svg").all()]
    assert all(labels) and any(figure.told() in label for label in labels)
    assert figure.root.evaluate(COLOURS) == []


def one(name: str):
    return pytest.mark.parametrize("page", [page for figure, page in PLACES if figure == name])


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
@one("ripple")
def test_copies_move_until_they_have_settled_unless_no_motion_is_wanted(browser, origin, page, motion):
    with in_browser(browser, 1280, "light", motion) as context:
        figure = OnPage(context, f"{origin}/{page}", "ripple")
        figure.told()
        before = figure.now()
        figure.root.evaluate(COUNT)
        figure.press(figure.slider())
        figure.changed(before)
        figure.told()
        drawings = figure.page.evaluate("window.drawings")
        assert drawings <= 2 if motion == "reduce" else drawings > 5
        figure.page.wait_for_timeout(300)
        assert figure.page.evaluate("window.drawings") == drawings


@one("explorer")
def test_a_press_on_the_map_chooses_a_setting(window, origin, page):
    figure = OnPage(window, f"{origin}/{page}", "explorer")
    figure.root.locator('.cell[data-rate="0.4"][data-anneal="2"]').click()
    figure.status.filter(has_text="at epoch 2,").wait_for()
    assert figure.root.locator("[name=digits-anneal]").input_value() == "1"  # the second place of the slider
    figure.opened.leave()

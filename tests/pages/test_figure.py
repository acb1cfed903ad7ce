"""The interactive figures on their pages."""

import pytest
from built_site import PAGES, Opened, text
from conftest import in_browser

from lrreg_utils.interactive.models.trained import hero_model

HOME = "chapters/intro.html"


@pytest.mark.parametrize("name", [name for name in PAGES if 'id="figure-schedule"' in text(name)])
def test_a_slider_changes_the_result(windows, origin, name):
    """From the keyboard: the number beside the slider follows at once, the words when training has ended."""
    opened = Opened(windows("to look", 768, "light"), f"{origin}/{name}")  # other widths: test_controls
    page = opened.page
    figure = page.locator(".lrreg-schedule")
    figure.scroll_into_view_if_needed()
    result = figure.get_by_role("status")
    result.get_by_text("error on P alone").wait_for(timeout=120_000)
    before = result.text_content()
    anneal = figure.get_by_label("L-S anneals after step")
    anneal.focus()
    page.keyboard.press("Home")
    assert anneal.input_value() == "0" and figure.locator(".number").first.text_content() == "0"
    result.get_by_text("Neither wins").wait_for(timeout=120_000)  # L-S is S now
    assert result.text_content() != before
    assert result.text_content() in figure.locator("svg").get_attribute("aria-label")
    assert not opened.complaints
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    page.close()


def points(page, name: str) -> int:
    """How many epochs of a curve are drawn."""
    return len(page.locator(f".lrreg-hero polyline.of-{name}:not(.ghost)").get_attribute("points").split())


def trained(page, words: str) -> None:
    result = page.locator(".lrreg-hero .result")
    result.filter(has_text="trained here").wait_for(timeout=120_000)
    assert words in result.text_content()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_holds_the_question_and_the_whole_figure(browser, origin, width, height):
    with in_browser(browser, width, "light") as context:
        page = Opened(context, f"{origin}/{HOME}").page
        page.set_viewport_size({"width": width, "height": height})
        figure = page.locator(".lrreg-hero")
        assert points(page, "large") == points(page, "small") == 90  # recorded: nothing is trained yet
        assert "Recorded" in figure.locator(".result").text_content()
        for name, curve in hero_model()["recorded"].items():  # the dots are those of the curves' end
            assert f"image {curve[-1]:.0f} %" in figure.locator(f".head[data-of={name}]").text_content()
        box = figure.bounding_box()
        assert box["y"] + box["height"] <= height
        assert not page.locator("img[src$='hero.svg']").is_visible()


def test_both_rates_are_trained_and_the_anneal_is_moved(window, origin):
    opened = Opened(window, f"{origin}/{HOME}")
    page = opened.page
    figure = page.locator(".lrreg-hero")
    figure.get_by_role("button", name="Train").click()
    trained(page, "Lowered at epoch 10")
    assert points(page, "large") == points(page, "small") == 90
    told = figure.get_by_role("status").text_content()
    figure.get_by_role("button", name="Reset").click()
    figure.get_by_text("Recorded").wait_for()
    figure.get_by_role("button", name="Train").click()
    trained(page, "Lowered at epoch 10")
    assert figure.get_by_role("status").text_content() == told  # nothing of it was lost
    handle = figure.get_by_role("slider")
    box = handle.bounding_box()
    at = page.locator(".lrreg-hero .anneal").evaluate("line => line.getBoundingClientRect().left")
    page.mouse.move(at, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(at + box["width"] / 3, box["y"] + box["height"] / 2, steps=5)
    moved = int(handle.input_value())
    assert 30 < moved < 50
    page.mouse.up()
    assert figure.locator(".ghost").count() == 2  # the curves before stay, faint
    trained(page, f"Lowered at epoch {moved}")
    page.wait_for_function(f"location.hash === '#figure-hero&anneal={moved}'")
    figure.get_by_role("button", name="Patch says nothing").click()
    trained(page, "says nothing about the class")
    page.wait_for_function("location.hash.endsWith('&inert=true')")
    page.reload()
    assert handle.input_value() == str(moved)
    trained(page, "says nothing about the class")  # what the address asks for is trained again
    assert not opened.complaints
    assert not [url for url in opened.requests if not url.startswith((origin, "data:", "blob:"))]
    page.close()


def test_where_workers_are_refused_the_page_itself_trains(browser, origin):
    with in_browser(browser, 1280, "light") as context:
        context.add_init_script("window.Worker = class { constructor() { throw new Error('refused'); } }")
        page = Opened(context, f"{origin}/{HOME}").page
        page.locator(".lrreg-hero .play").click()
        trained(page, "Lowered at epoch 10")


def test_without_javascript_the_picture_stands_there(browser, origin):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{origin}/{HOME}")
    picture = page.locator("img[src$='hero.svg']")
    assert picture.is_visible() and len(picture.get_attribute("alt").split()) > 20
    context.close()


def test_the_home_page_weighs_at_most_400_kB():
    """Its own bytes; its one picture is small."""
    assert len(text(HOME).encode()) <= 400_000

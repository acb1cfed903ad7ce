"""The interactive figure on its page."""

import pytest
from built_site import Opened


@pytest.mark.parametrize("name", ["chapters/intro.html"])
def test_a_slider_changes_the_result(context, origin, name):
    """From the keyboard: the number beside the slider follows at once, the words when training has ended."""
    opened = Opened(context, f"{origin}/{name}")
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


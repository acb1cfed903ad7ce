"""Interactive figures with the frame's controls, on whatever page they stand."""

import pytest
from built_site import PAGES, Opened, text

FIGURES = {  # a choice to link to
    "patch": "class=3&strength=0.5&group=patch_only&sign=-1&place=center&noise=true&turn=90",
    "kernel": "time=85&r=0.2&rays=3",
}
PLACES = [(name, page) for name in FIGURES for page in PAGES if f'id="figure-{name}"' in text(page)]


def seen(figure) -> tuple[str, str]:
    """The picture and the sentence; the picture's label repeats the sentence."""
    picture, said = figure.locator(".picture svg"), figure.get_by_role("status").text_content()
    assert said in picture.get_attribute("aria-label")
    return picture.inner_html(), said


def drawn(page, figure, before) -> tuple[str, str]:
    """What is seen once picture and sentence have changed."""
    page.wait_for_function("([root, said]) => root.querySelector('.result').textContent !== said",
                           arg=[figure.element_handle(), before[1]])
    after = seen(figure)
    assert after[0] != before[0]
    return after


def unchosen(figure):
    """Each control that is not as chosen already, and the key that changes it."""
    for control in figure.locator("input").all():
        kind = control.get_attribute("type")
        if not (kind == "radio" and control.is_checked()):
            yield control, {"range": "ArrowRight", "radio": "Space", "checkbox": "Space"}[kind]


@pytest.mark.parametrize(("name", "page_name"), PLACES)
def test_each_control_changes_picture_and_sentence_from_the_keyboard(window, origin, name, page_name):
    opened = Opened(window, f"{origin}/{page_name}")
    page, figure = opened.page, opened.page.locator(f".lrreg-{name}")
    figure.scroll_into_view_if_needed()
    first = seen(figure)
    for control, key in unchosen(figure):
        control.press(key)
        now = drawn(page, figure, first)
        figure.get_by_role("button", name="Reset").click()
        assert drawn(page, figure, now) == first
    assert not opened.complaints
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    opened.leave()


@pytest.mark.parametrize(("name", "page_name"), PLACES)
def test_a_link_opens_the_choice_and_a_choice_makes_a_link(window, origin, name, page_name):
    link = f"#figure-{name}&{FIGURES[name]}"
    opened = Opened(window, f"{origin}/{page_name}{link}")
    page, figure = opened.page, opened.page.locator(f".lrreg-{name}")
    linked = seen(figure)
    for key, value in (part.split("=") for part in FIGURES[name].split("&")):
        for slider in figure.locator(f"input[type=range][name={key}]").all():
            assert slider.input_value() == value
    figure.get_by_role("button", name="Reset").click()
    first = drawn(page, figure, linked)
    figure.locator("input[type=range]").first.press("End")
    drawn(page, figure, first)
    page.wait_for_function("location.hash.split('=').length === 2")  # what is as at first is left out
    assert f"#figure-{name}&" in page.url
    opened.leave()


@pytest.mark.parametrize(("name", "page_name"), PLACES)
def test_letters_are_large_enough_and_the_picture_has_one_name(window, origin, name, page_name):
    opened = Opened(window, f"{origin}/{page_name}")
    figure = opened.page.locator(f".lrreg-{name}")
    sizes = figure.locator("svg text").evaluate_all(
        "texts => texts.map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)")
    assert min(sizes) >= 11
    assert figure.get_by_role("img").count() == 1
    opened.leave()

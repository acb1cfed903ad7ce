"""A reader finds the way: the menu, the contents, the search and the theme switch, on every page.

Each is pressed where a finger or a mouse would press it.
"""

import pytest
from built_site import OPENED, Opened


def on_screen(page, selector: str, yes: bool = True) -> None:
    """Wait until the first such element is within the window, or out of it."""
    page.wait_for_function(
        """([selector, yes]) => {
            const box = document.querySelector(selector).getBoundingClientRect();
            return (box.width > 0 && box.left >= 0 && box.right <= innerWidth + 1) === yes;
        }""", arg=[selector, yes])


def press(page, selector: str) -> None:
    page.locator(f"{selector}:visible").first.click()


def is_narrow(page) -> bool:
    return page.viewport_size["width"] < 1000


def switch_the_theme(page) -> None:
    seen = set()
    for _ in range(3):  # light, dark, and as the machine has it
        press(page, ".theme-switch-button")
        seen.add(page.evaluate("document.documentElement.dataset.theme"))
    assert seen == {"light", "dark"}


def go_to_a_section(page) -> None:
    if not page.locator(".bd-toc-nav a").count():
        return
    if page.locator("#figure-hero").count() and not is_narrow(page):
        return  # at a desk the home page's figure stands where the contents would
    if is_narrow(page):
        press(page, ".secondary-toggle")
    on_screen(page, ".bd-sidebar-secondary")
    target = page.locator(".bd-toc-nav a:visible").last
    section = target.get_attribute("href")
    target.click()
    assert page.url.endswith(section)
    page.wait_for_function("id => document.getElementById(id).getBoundingClientRect().top < innerHeight",
                           arg=section[1:])
    if is_narrow(page):
        page.mouse.click(10, 600)  # beside the contents
        on_screen(page, ".bd-sidebar-secondary", False)


def open_and_close_the_menu(page) -> None:
    """A drawer on a phone, closed by a touch beside it; at a desk the button hides it and brings it back."""
    on_screen(page, ".bd-sidebar-primary", not is_narrow(page))
    press(page, ".primary-toggle")
    on_screen(page, ".bd-sidebar-primary", is_narrow(page))
    if is_narrow(page):
        page.mouse.click(380, 600)
    else:
        press(page, ".primary-toggle")
    on_screen(page, ".bd-sidebar-primary", not is_narrow(page))


def walk_by_the_menu(page) -> None:
    if is_narrow(page):
        press(page, ".primary-toggle")
        on_screen(page, ".bd-sidebar-primary")
    target = page.locator(".bd-sidebar-primary li:not(.current) > a:visible").first
    address = target.evaluate("link => link.href")
    target.click()
    page.wait_for_url(address)
    assert page.locator("article h1").first.is_visible()


def search(page) -> None:
    """There is one way to the search on the screen, not two."""
    buttons = page.locator(".search-button:visible, .search-button-field:visible")
    assert buttons.count() == 1
    buttons.click()
    field = page.locator("input[type=search]:visible")
    assert field.count() == 1
    field.fill("anneal")
    field.press("Enter")
    page.wait_for_url("**/search.html?q=anneal*")
    page.locator("#search-results li a").first.wait_for()


@pytest.mark.parametrize("name", OPENED)
def test_a_reader_finds_the_way(window, origin, name):
    opened = Opened(window, f"{origin}/{name}")
    for step in (switch_the_theme, go_to_a_section, open_and_close_the_menu, walk_by_the_menu, search):
        step(opened.page)
    assert not opened.complaints
    opened.leave()

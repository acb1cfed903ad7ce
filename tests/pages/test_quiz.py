"""The quizzes on their pages: answered by mouse and by keyboard, and read without JavaScript."""

import pytest
from built_site import CHAPTERS, PAGES, Opened, barriers, text
from conftest import in_browser

QUIZZES = [page for page in CHAPTERS if page.startswith("chapters/0")]
PAGE = "chapters/07_theoretical_setting.html"  # which has formulas: jupyterquiz must not ask for MathJax


def of(page, answer: str):
    """The first question, and in it the answers of a kind that jupyterquiz calls true or false."""
    question = page.locator(".quiz .Quiz").first
    return question, question.locator(f"label[data-correct={answer}]").first


@pytest.mark.parametrize("name", QUIZZES)
def test_a_page_has_its_quiz_and_weighs_at_most_400_kB(name):
    assert text(name).count('<div class="quiz"') == 1
    assert len(text(name).encode()) <= 400_000


@pytest.mark.skipif(PAGE not in PAGES, reason="the site is not built: run make book")
def test_a_wrong_answer_is_explained_and_the_right_one_is_marked(context, origin):
    opened = Opened(context, f"{origin}/{PAGE}")
    page = opened.page
    page.locator(".quiz .Quiz").nth(4).wait_for()
    question, wrong = of(page, "false")
    right = of(page, "true")[1]
    said = question.get_by_role("status")
    wrong.click()
    assert said.text_content().startswith("Wrong. ") and len(said.text_content()) > 30
    assert "incorrectButton" in wrong.get_attribute("class")
    right.click()
    assert said.text_content().startswith("Right. ")
    assert "correctButton" in right.get_attribute("class").split()
    assert "incorrectButton" not in wrong.get_attribute("class")
    assert page.locator(".quiz ol").count() == 0  # the folds have given way
    page.wait_for_timeout(1000)  # jupyterquiz looks for MathJax late
    assert not opened.complaints
    assert not [url for url in opened.requests if not url.startswith((origin, "data:", "blob:"))]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    for answer in (right, wrong):
        answer.click()
        assert not barriers(page, ".quiz")
    page.close()


def test_the_keyboard_answers(window, origin):
    page = Opened(window, f"{origin}/{PAGE}").page
    group = page.get_by_role("radiogroup").first
    name = page.locator(".quiz .MultipleChoiceQn > div").first.text_content()
    assert page.get_by_role("radiogroup", name=name).count() == 1
    group.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    said = page.locator(".quiz .Feedback").first
    first = said.text_content()
    page.keyboard.press("ArrowDown")
    assert first and said.text_content() not in ("", first)
    assert group.locator("label").nth(1).evaluate("label => getComputedStyle(label).outlineStyle") == "solid"
    page.keyboard.press("Tab")  # on to the next question
    second = page.get_by_role("radiogroup").nth(1)
    assert second.evaluate("group => group.contains(document.activeElement)")
    page.close()


@pytest.mark.parametrize("width", (390, 1280))
def test_without_javascript_every_answer_opens_its_explanation(browser, origin, width):
    with in_browser(browser, width, "light", scripts=False) as context:
        page = context.new_page()
        page.goto(f"{origin}/{PAGE}")
        assert page.locator(".quiz ol > li").count() == 5
        answer = page.locator(".quiz details").first
        assert not answer.locator("p").is_visible()
        answer.locator("summary").press("Enter")
        assert answer.locator("p").is_visible()

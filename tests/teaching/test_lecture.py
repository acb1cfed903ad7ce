"""Slides: short, timed as the page for teachers says, with the chapters' numbers, turned by keys."""

import re
from itertools import groupby

import nbformat
import pytest
from chromium import chromium

from lrreg_utils.book.quote import MARK
from scripts import lecture

ROOT = lecture.SOURCE.parents[2]
SOURCE = lecture.SOURCE.read_text(encoding="utf-8")
SLIDES = lecture.read(SOURCE)
SETTINGS = {"0.3", "0.016"}  # learning rates: chosen, not measured


def test_there_are_20_to_25_slides_with_a_claim_and_a_picture_or_few_words():
    assert 20 <= len(SLIDES) <= 25
    for slide in SLIDES:
        assert len(slide.title.split()) <= 14, slide.title
        assert bool(slide.text) != bool(slide.pictures), slide.title
        assert len(slide.text.split()) <= 25 and len(slide.pictures) <= 2, slide.title
        assert slide.notes.strip()


def test_parts_take_as_long_as_the_page_for_teachers_says():
    text = (ROOT / "chapters/reference/teaching.md").read_text(encoding="utf-8")
    lesson = text.split("\n## One lecture")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| (\d+) \|", lesson, re.MULTILINE)
    planned = [(part, int(minutes)) for part, minutes in rows]
    assert planned == [(part, sum(slide.minutes for slide in slides))
                       for part, slides in groupby(SLIDES, lambda slide: slide.part)]
    assert sum(minutes for _, minutes in planned) == 90


def test_no_measured_number_is_typed():
    without = lecture.FIELD.sub("", SOURCE)
    assert set(re.findall(r"\d+\.\d+", without)) <= SETTINGS and "±" not in without


def test_numbers_are_those_of_the_chapter():
    """The text of the chapter has the same one between its marks."""
    cells = nbformat.read(ROOT / "chapters" / "04_cifar_demo.ipynb", as_version=4).cells
    in_text = dict(mark for cell in cells for mark in MARK.findall(cell.source))
    assert lecture.filled("{04_cifar_demo.due_share} of it") == f"{in_text['due_share']} of it"
    with pytest.raises(KeyError, match="no_such_number"):
        lecture.filled("{04_cifar_demo.no_such_number}")


def test_a_slide_without_title_or_minutes_is_refused():
    (slide,) = lecture.read("# Title\n\n![](a-figure-1a) ![](a-figure-1b)\n\nNotes: Part, 1 minute.\nSay it.")
    assert slide == lecture.Slide("Title", "", ["a-figure-1a", "a-figure-1b"], "Part", 1, "Say it.")
    for wrong in ("Title\n\nNotes: Part, 1 minute.\nSay it.", "# Title\n\nNotes: soon.\nSay it.", "# Title"):
        with pytest.raises(ValueError, match="a slide begins"):
            lecture.read(wrong)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("lecture") / "lecture.html"
    assert lecture.write(path) == len(SLIDES)
    return path


def test_the_file_asks_for_nothing_else(file):
    text = file.read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!data:)[^"]*"|url\(|@import', text)
    pictures = re.findall(r'<img src="data:image/(?:svg\+xml|png);base64,[\w+/=]+" alt="([^"]*)">', text)
    assert len(pictures) == sum(len(slide.pictures) for slide in SLIDES)
    assert all(len(alt.split()) >= 8 for alt in pictures)


@pytest.fixture(scope="module")
def opened(file):
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(file.as_uri())
        yield page
        assert not page.complaints


def seen(page) -> str:
    """The number in the corner of the slide that fills the window."""
    return page.evaluate("document.elementFromPoint(640, 300).closest('section').id")


def test_keys_turn_the_slides(opened):
    keys = opened.keyboard
    for key, number in (("ArrowRight", "2"), ("PageDown", "3"), ("ArrowLeft", "2"), ("ArrowLeft", "1"),
                        ("ArrowLeft", "1"), ("End", str(len(SLIDES))), ("ArrowRight", str(len(SLIDES))),
                        ("Home", "1")):
        keys.press(key)
        assert seen(opened) == number and opened.url.endswith(f"#{number}"), key


def test_n_shows_the_notes(opened):
    notes = opened.locator("aside").first
    assert not notes.is_visible()
    opened.keyboard.press("n")
    assert notes.is_visible()
    opened.keyboard.press("n")
    assert not notes.is_visible()


def test_everything_fits_on_its_slide(opened):
    """With the notes, too: text would be cut."""
    opened.keyboard.press("n")
    over = opened.evaluate("[...document.querySelectorAll('section, aside, .text')]"
                           ".filter(e => e.scrollHeight > e.clientHeight + 1).map(e => e.innerText)")
    opened.keyboard.press("n")
    assert not over
    assert opened.evaluate("[...document.images].every(i => i.naturalWidth > 0 && i.clientHeight > 250)")


def test_each_slide_is_printed_on_one_sheet_with_its_notes(opened):
    printed = opened.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == len(SLIDES)

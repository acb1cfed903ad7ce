"""Build the slides of the lecture: ``make assignments``, or ``python scripts/lecture.py FILE.html``.

In ``assignments/slides/lecture.md`` lines ``---`` part the slides, and below ``Notes:`` stands what to say. A
picture is named as in ``figures.zip``; ``{04_cifar_demo.due_share}`` is a number that the chapter quotes.
The file needs no other, and asks nothing of a network.
"""

import base64
import re
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

import nbformat
from figure_pack import CHAPTERS, pictures
from markdown_it import MarkdownIt

from lrreg_utils.book.quote import numbers_of

SOURCE = Path(__file__).parent.parent / "assignments" / "slides" / "lecture.md"
TEMPLATE = Path(__file__).parent / "theme" / "lecture.html"
FIELD = re.compile(r"\{(\w+)\.(\w+)\}")
IMAGE = re.compile(r"!\[\]\(([\w-]+)\)")
ORIGIN = re.compile(r"\(((?:live|recorded|drawn|computed)[^()]*)\)")
HEAD = re.compile(r"(\w+), (\d+) minutes?\.\n")
COLOURED = re.compile(r"<strong>(large|small) rate</strong>")


@dataclass(frozen=True)
class Slide:
    """One slide, its numbers filled in.

    Attributes:
        title: its claim.
        text: Markdown without pictures.
        pictures: their names.
        part: of the lecture.
        minutes: how long it takes.
        notes: what to say, as Markdown.
    """

    title: str
    text: str
    pictures: list[str]
    part: str
    minutes: int
    notes: str


def read(source: str) -> list[Slide]:
    """The slides of a source.

    Raises:
        ValueError: a slide without a title, or without part and minutes.
        KeyError: a number that no chapter quotes.
    """
    return [_slide(text.strip()) for text in re.split(r"^---$", filled(source), flags=re.MULTILINE)]


def filled(source: str) -> str:
    """A source with the numbers in place of their names."""
    quoted = {chapter: numbers_of(nbformat.read(CHAPTERS / f"{chapter}.ipynb", as_version=4).cells)
              for chapter in {name for name, _ in FIELD.findall(source)}}
    return FIELD.sub(lambda field: quoted[field[1]][field[2]], source)


def _slide(text: str) -> Slide:
    shown, _, notes = text.partition("\nNotes: ")
    title, _, body = shown.partition("\n")
    head = HEAD.match(notes)
    if not title.startswith("# ") or head is None:
        raise ValueError(f'a slide begins "# Title", its notes "Notes: Part, 3 minutes.": {title!r}')
    return Slide(title[2:], IMAGE.sub("", body).strip(), IMAGE.findall(body), head[1], int(head[2]),
                 notes[head.end():])


def page(slides: list[Slide]) -> str:
    """The slides as one HTML file."""
    chapters = {name.split("-figure-")[0] for slide in slides for name in slide.pictures}
    found = {one.name: one for chapter in sorted(chapters) for one in pictures(CHAPTERS / f"{chapter}.ipynb")}
    sections = [_section(slide, number, len(slides), found) for number, slide in enumerate(slides, 1)]
    return TEMPLATE.read_text(encoding="utf-8").replace("<!-- slides -->", "\n".join(sections))


def _section(slide: Slide, number: int, count: int, found: dict) -> str:
    render = MarkdownIt().render
    figures = [_image(found[name]) for name in slide.pictures]
    origin = ORIGIN.search(found[slide.pictures[0]].caption)[1] if slide.pictures else ""
    shown = f'<div class="figures">{"".join(figures)}</div><p class="origin">{escape(origin)}</p>' \
        if figures else f'<div class="text">{COLOURED.sub(_coloured, render(slide.text))}</div>'
    return (f'<section id="{number}">\n<h1>{escape(slide.title)}</h1>\n{shown}\n'
            f'<aside><b>{slide.part}, {slide.minutes} min.</b>\n{render(slide.notes)}</aside>\n'
            f'<p class="number">{number} / {count}</p>\n</section>')


def _coloured(word: re.Match) -> str:
    return f'<strong class="{word[1]}">{word[1]} rate</strong>'


def _image(picture) -> str:
    content = picture.content
    if picture.kind == "image/svg+xml":
        content = base64.b64encode(content.encode()).decode()
    source = f"data:{picture.kind};base64,{''.join(content.split())}"
    return f'<img src="{source}" alt="{escape(picture.alt)}">'


def write(file: Path) -> int:
    """Write the slides, and give their number."""
    slides = read(SOURCE.read_text(encoding="utf-8"))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page(slides), encoding="utf-8")
    return len(slides)


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1]))} slides in {sys.argv[1]}")

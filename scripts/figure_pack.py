"""A Sphinx extension: the recorded figures as files to reuse, ``figures.zip`` on the site.

Also a command: ``python scripts/figure_pack.py FILE.zip``. Drawings are SVG, and PDF where Chromium is found.
"""

import re
import shutil
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent
CHAPTERS = ROOT / "chapters"
KINDS = ("image/svg+xml", "image/png")  # the first that an output has is taken
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CAPTION = re.compile(r"\*\*Figure (\d+)\.?\*\*(.*)", re.DOTALL)
MARKUP = re.compile(r"<!--.*?-->|[*`]|\]\([^)]*\)|\[")
NOTE = """Figures of "The large initial learning rate, to run", a companion book to Li, Wei and Ma (2019).

MIT licence: use and change them as you like, and keep this note with them.
Please cite as CITATION.cff says. Each figure is drawn from recorded runs.

"""


@dataclass(frozen=True)
class Picture:
    """A picture of a chapter.

    Attributes:
        name: such as ``01_puzzle-figure-1a``.
        kind: ``image/svg+xml``, whose content is text, or ``image/png``, which is base64.
        content: the picture.
        alt: its description.
        caption: that of its figure, as plain text.
    """

    name: str
    kind: str
    content: str
    alt: str
    caption: str


def pictures(notebook: Path) -> Iterator[Picture]:
    """All pictures of a chapter's figures, in order."""
    shown: list[tuple[str, str, str]] = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            shown += [(kind, one.data[kind], alt) for one in cell.outputs
                      if (kind := next((kind for kind in KINDS if kind in one.get("data", {})), ""))]
            continue
        if found := CAPTION.match(cell.source.split("\n\n")[0]):
            caption = " ".join(MARKUP.sub("", found[2]).split())
            for letter, picture in zip("abcdefghij" if len(shown) > 1 else [""], shown, strict=False):
                yield Picture(f"{notebook.stem}-figure-{found[1]}{letter}", *picture, caption)
        shown = []


def recorded_figures(notebook: Path) -> Iterator[tuple[str, str, str]]:
    """Name, SVG text and caption of each drawing whose caption says that its runs are recorded."""
    return ((one.name, one.content, one.caption) for one in pictures(notebook)
            if one.kind == "image/svg+xml" and "recorded" in one.caption)


def as_pdf(drawings: list[str]) -> list[bytes]:
    """Each drawing on a page of its own size; nothing where no Chromium is installed."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return []
    from playwright.sync_api import sync_playwright  # here: a site is built without it, too

    pages = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page()
        for drawing in drawings:
            width, height = re.findall(r'(?:width|height)="([\d.]+pt)"', drawing)[:2]
            page.set_content(f"<style>@page {{ size: {width} {height}; margin: 0 }} body {{ margin: 0 }} "
                             f"svg {{ display: block }}</style>{drawing}")
            pages.append(page.pdf(prefer_css_page_size=True, page_ranges="1"))
        chromium.close()
    return pages


def write_pack(file: Path) -> int:
    """Write the ZIP archive and give the number of figures."""
    figures = [figure for notebook in sorted(CHAPTERS.glob("*.ipynb"))
               for figure in recorded_figures(notebook)]
    pages = as_pdf([drawing for _, drawing, _ in figures])
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("README.txt", NOTE + "\n".join(f"{name}: {caption}" for name, _, caption in figures))
        for name in ("LICENSE", "CITATION.cff"):
            pack.write(ROOT / name, name)
        for name, drawing, _ in figures:
            pack.writestr(f"svg/{name}.svg", drawing)
        for (name, _, _), page in zip(figures, pages, strict=False):
            pack.writestr(f"pdf/{name}.pdf", page)
    return len(figures)


def complete(app, failure: Exception | None) -> None:
    if failure is None and app.builder.format == "html":
        write_pack(Path(app.outdir) / "figures.zip")


def setup(app) -> dict:
    app.connect("build-finished", complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    print(f"{write_pack(Path(sys.argv[1]))} figures in {sys.argv[1]}")

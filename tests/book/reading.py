"""How long the chapters are to read, and how they speak: ``python tests/book/reading.py``.

A page is its Markdown without code, tables and formulas. Solutions count nowhere; other folds count in the
words of the page, not in the minutes of its main text.
"""

import math
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("0*.ipynb"))
WORDS_A_MINUTE = 230
FOLD = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", re.DOTALL)
NO_TEXT = re.compile(r"```.*?```|\$\$.*?\$\$|^[ >]*\|[^\n]*$|<!--.*?-->|</?[a-zA-Z][^>\n]*>|(?<=\])\([^)]*\)",
                     re.DOTALL | re.MULTILINE)
NO_PARAGRAPH = re.compile(r"\s*(?:#|>|[-*] |\d+\. )")
NEW_ITEM = re.compile(r"\n(?=\s*(?:[-*]|\d+\.) |#)")
SPREAD = re.compile(r"±|\[[-+−]?\d[\d.,\s%−+-]*\]")
SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
HEDGE = re.compile(
    r"\b(?:may|might|perhaps|probably|seems?|here|in part|on this page|chosen so|possibl[ey]|as far as|so far"
    r"|(?:in|with|on|at) (?:these|this) (?:runs?|settings?|seeds?|size)"
    r"|not (?:shown|tested|measured|known))\b", re.IGNORECASE)


def plain(text: str) -> str:
    """Markdown as a reader sees it, without code, tables, formulas that stand alone, marks and addresses."""
    return NO_TEXT.sub(" ", text)


def count(text: str) -> int:
    """The words of a text; a formula in a line is one."""
    text = re.sub(r"\$[^$]+\$", " formula ", plain(text))
    return sum(any(letter.isalnum() for letter in word) for word in text.split())


def blocks(text: str) -> list[str]:
    """Paragraphs, headings and items of lists, each by itself."""
    parts = re.split(r"\n(?:\s*>)?\s*\n", plain(text))
    return [block for part in parts for block in NEW_ITEM.split(part) if block.strip()]


@dataclass(frozen=True)
class Page:
    """A chapter's text."""

    text: str

    @cached_property
    def without_solutions(self) -> str:
        return FOLD.sub(lambda fold: "\n\n" if fold[1].startswith("Solution") else f"\n\n{fold[2]}\n\n",
                        self.text)

    @cached_property
    def main(self) -> str:
        """The text outside all folds."""
        return FOLD.sub("\n\n", self.text)

    @property
    def words(self) -> int:
        return count(self.without_solutions)

    @property
    def main_words(self) -> int:
        return count(self.main)

    @property
    def minutes(self) -> int:
        return math.ceil(self.main_words / WORDS_A_MINUTE)

    @property
    def minutes_with_folds(self) -> int:
        return math.ceil(self.words / WORDS_A_MINUTE)

    @property
    def longest(self) -> str:
        """The longest paragraph, in folds too."""
        found = [block for block in blocks(self.without_solutions) if not NO_PARAGRAPH.match(block)]
        return " ".join(max(found, key=count, default="").split())

    @property
    def hedges(self) -> list[str]:
        return HEDGE.findall(plain(self.main))

    @property
    def spreads(self) -> list[int]:
        """How often a sentence of the main text gives a range or ±, for each sentence that does."""
        found = [len(SPREAD.findall(sentence)) for block in blocks(self.main)
                 for sentence in SENTENCE_END.split(block)]
        return [number for number in found if number]


def read(path: Path) -> Page:
    notebook = nbformat.read(path, as_version=4)
    return Page("\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"))


if __name__ == "__main__":
    pages = {path.stem: read(path) for path in CHAPTERS}
    heads = ("all words", "main", "minutes", "longest", "hedges", "± and []")
    print(f"{'page':28s}" + "".join(f"{head:>11}" for head in heads))
    for name, page in pages.items():
        row = (page.words, page.main_words, page.minutes, count(page.longest), len(page.hedges),
               sum(page.spreads))
        print(f"{name:28s}" + "".join(f"{number:11d}" for number in row))
    totals = (sum(getattr(page, column) for page in pages.values())
              for column in ("words", "main_words", "minutes"))
    print(f"{'all':28s}" + "".join(f"{total:11d}" for total in totals))

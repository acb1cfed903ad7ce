"""JavaScript modules as one text each: neither a page from a folder nor anywidget loads several."""

import re
from pathlib import Path

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import \{[^}]*\} from "(\.\.?/[\w./-]+\.mjs)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def module(name: str) -> str:
    """``NAME.mjs`` as one text, with each module that it imports in place of the first import of it."""
    known: set[Path] = set()

    def text(path: Path) -> str:
        known.add(path)
        return IMPORT.sub(lambda found: imported((path.parent / found[1]).resolve()),
                          path.read_text(encoding="utf-8"))

    def imported(path: Path) -> str:
        return "" if path in known else EXPORT.sub("", text(path))

    return text((HERE / f"{name}.mjs").resolve())


def script(name: str) -> str:
    """`module` without its exports: text for a worker, or for ``new Function``."""
    return EXPORT.sub("", module(name))

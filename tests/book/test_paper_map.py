"""The paper map names only what exists: chapters, recordings, tests, and every recorded study of networks."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "chapters" / "reference" / "paper_map.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_whatever_is_named_exists():
    named = re.findall(r"`((?:data|tests|lrreg_utils)/[\w./-]+)`|\]\(([\w./]+)\)", TEXT)
    paths = [ROOT / one if one else PAGE.parent / other for one, other in named]
    assert len(paths) > 30
    assert not [path for path in paths if not path.exists()]


def test_every_chapter_of_the_argument_is_on_the_map():
    chapters = sorted(path.name for path in (ROOT / "chapters").glob("0*.ipynb"))
    assert not [name for name in chapters if f"(../{name})" not in TEXT]

"""The paper map names what exists, and all that the paper's claims are measured on."""

import re
from pathlib import Path

from lrreg_utils.claims import table
from scripts import verdicts

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


def test_the_map_names_what_the_claims_of_each_page_are_measured_on():
    lines = TEXT.splitlines()
    for page, found in table.by_page(table.measure_claims()).items():
        rows = "".join(line for line in lines if f"](../{Path(verdicts.DOCUMENTS[page]).name}.ipynb)" in line)
        experiments = {evidence.experiment for _, evidence in found}
        assert not [name for name in experiments if f"/{name}.json" not in rows], page

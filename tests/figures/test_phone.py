"""On a phone a figure is 340 px wide: its type is still read there, and its caption needs no sides."""

import base64
import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from lrreg_utils.figures.style import ALONE, ordered

PHONE, LEAST = 340, 9  # px
CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
SIZE = re.compile(r"font(?:-size)?:[^;}]*?([\d.]+)px")
TEXT = "{http://www.w3.org/2000/svg}text"
SIDES = re.compile(r"\((?:left|right)\b|\b(?:Left|Right)[:,]|\b(?:left|right) panel|seeds? (?:left|right)\b")
CELLS = {path.stem: nbformat.read(path, as_version=4).cells for path in CHAPTERS}


def smallest_type(drawing: str) -> float:
    """Points per point of width: of each text the largest letters count, as exponents are smaller."""
    root = ET.fromstring(drawing)
    styles = dict(re.findall(r"\.([\w-]+)\s*{([^}]*)}", "".join(root.itertext())))

    def sizes(text):
        for part in text.iter():
            named = "".join(styles.get(name, "") for name in part.get("class", "").split())
            yield from map(float, SIZE.findall(f"{named};{part.get('style', '')}"))

    return min(max(sizes(text)) for text in root.iter(TEXT)) / float(root.get("viewBox").split()[2])


def shown(cells, kind: str):
    for cell in cells:
        for output in cell.get("outputs", []):
            if kind in output.get("data", {}):
                yield cell, output["data"][kind]


@pytest.mark.parametrize("name", CELLS)
def test_type_is_read_on_a_phone(name):
    for cell, drawing in shown(CELLS[name], "image/svg+xml"):
        assert smallest_type(drawing) * PHONE >= LEAST, cell.source
    for cell, picture in shown(CELLS[name], "image/png"):  # photographs are labelled in 9 points or more
        width = Image.open(io.BytesIO(base64.b64decode(picture))).width
        assert width <= 275 * ALONE[0], cell.source


@pytest.mark.parametrize("name", CELLS)
def test_no_panel_is_named_by_its_side(name):
    """Side by side on a desk, panels are one above the other on a phone."""
    for cell in CELLS[name]:
        if cell.cell_type == "markdown" and cell.source.startswith("**Figure"):
            assert not SIDES.search(cell.source.split("\n\n")[0])


def test_ordered_colours_are_read_on_white():
    linear = ordered(5)[:, :3] ** 2.2
    assert (1.05 / (linear @ (0.2126, 0.7152, 0.0722) + 0.05)).min() > 3

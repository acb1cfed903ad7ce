"""Fewer bytes, the same picture."""

import re
import xml.etree.ElementTree as ET

import pytest

from lrreg_utils.book.svg import SVG, compact, shorter_path

DRAWN = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<svg xmlns:xlink="http://www.w3.org/1999/xlink" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">
 <defs><style type="text/css">*{stroke-linecap: butt}</style></defs>
 <g id="figure_1"><g id="line2d_1">
   <defs><path id="m1" d="M 0 0 L 0 3.5"/></defs>
   <g clip-path="url(#p1)">
     <use xlink:href="#m1" x="12.3456" y="0" style="fill: #ffffff; stroke: #000000"/></g>
  </g>
  <!-- 10 --><g id="text_1"><text style="font-size: 10px; font-family: 'DejaVu Sans', 'Arial', sans-serif"
     transform="rotate(-0 1.5 2.5)">two words</text></g>
  <path d="M 1 1 L 2 2" style="fill: #ffffff; stroke: #000000"/>
 </g>
 <defs><clipPath id="p1"><rect x="0" y="0" width="9" height="9"/></clipPath></defs>
</svg>"""


def places(path: str) -> list[tuple[float, float]]:
    """The points of a path that `shorter_path` wrote: places after M, steps after l."""
    numbers = re.compile(r"-?(?:\d+\.\d*|\.\d+|\d+)")
    points = []
    for part in re.findall(r"M[^M]*", path):
        start, _, steps = part.rstrip("z").partition("l")
        points.append(tuple(map(float, numbers.findall(start))))
        found = list(map(float, numbers.findall(steps)))
        for across, down in zip(found[::2], found[1::2], strict=True):
            points.append((points[-1][0] + across, points[-1][1] + down))
    return points


def test_nothing_is_lost_but_names_and_digits():
    root = ET.fromstring(compact(DRAWN))
    assert [element.tag.removeprefix(f"{{{SVG}}}") for element in root] == [
        "defs", "defs", "g", "text", "path", "defs"]
    (use,) = root.iter(f"{{{SVG}}}use")
    assert use.get("x") == "12.3" and use.get("{http://www.w3.org/1999/xlink}href") == "#m1"
    (text,) = root.iter(f"{{{SVG}}}text")
    assert text.text == "two words" and text.get("style") == "font-size: 10px; font-family: sans-serif"
    (sheet,) = root.iter(f"{{{SVG}}}style")
    assert sheet.text.endswith(f".{use.get('class')}{{fill:#ffffff;stroke:#000000}}")
    assert {element.get("id") for element in root.iter()} == {None, "m1", "p1"}


@pytest.mark.parametrize("path", [
    "M 55.8623 -218.9612 \nL 69.0612 -211.0000 \nL 70 0.04 \nz\n",
    "M 0.5 1 L -0.5 1.06 M 100 200 L 100.5 200.5 L 100 200",
    "M 1 1 \n L 2 2 \n z \n M 3 3 \n L 4.4 4 \n z",
])
def test_a_path_keeps_its_points_to_a_tenth(path):
    wanted = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]
    found = [number for point in places(shorter_path(path)) for number in point]
    assert found == pytest.approx(wanted, abs=0.0501)
    assert shorter_path(path).count("z") == path.count("z")


def test_curves_stay_where_they_are():
    assert shorter_path("M 0 0.123 C 1.26 2 3 4 5.55 -6 \nz") == "M 0 .1 C 1.3 2 3 4 5.5-6z"

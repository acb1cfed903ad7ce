"""Matplotlib's SVG in half the bytes, for notebooks that hold many: the same to a tenth of a point."""

import hashlib
import re
import xml.etree.ElementTree as ET
from collections import Counter

SVG, LINK = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"
STEP = 10  # coordinates are whole tenths
NAMED_FONTS = re.compile(r"(font(?:-family)?: (?:[\d.]+px )?)'[^;]*sans-serif")
NUMBER = re.compile(r"-?\d+\.\d+")
LEADING_ZERO = re.compile(r"(?<![\d.])(-?)0\.")

ET.register_namespace("", SVG)
ET.register_namespace("xlink", LINK[1:-5])


def compact(text: str) -> str:
    """The drawing without what no screen shows: names of groups, digits, and one style written many times.

    Args:
        text: what matplotlib wrote; fonts become the reader's own sans-serif.
    """
    root = ET.fromstring(text)
    used = set(re.findall(r"#([\w-]+)", text))
    for element in root.iter():
        _shorten(element, used)
    _unwrap(root)
    _name_styles(root)
    return ET.tostring(root, encoding="unicode")


def _shorten(element: ET.Element, used: set[str]) -> None:
    attributes = element.attrib
    if attributes.get("id") not in used:
        attributes.pop("id", None)
    if "d" in attributes:
        attributes["d"] = shorter_path(attributes["d"])
    for name in ("x", "y", "transform"):
        if name in attributes:
            attributes[name] = _rounded(attributes[name])
    if attributes.get("transform", "").startswith("rotate(-0 "):
        del attributes["transform"]
    if "style" in attributes:
        attributes["style"] = NAMED_FONTS.sub(r"\1sans-serif", attributes["style"])
    if element.tag != f"{{{SVG}}}style":
        element.text = (element.text or "").strip()
    element.tail = (element.tail or "").strip()


def shorter_path(path: str) -> str:
    """A path on one line; one of straight lines alone by its steps, which are shorter than its places."""
    words = _rounded(path).split()
    if {word for word in words if word.isalpha()} - {"M", "L", "z"}:
        return _tight(words)
    steps, pen, place = [], (0, 0), iter(words)
    for word in place:
        if word == "z":
            steps.append("z")
            continue
        start = word == "M"
        x = round(STEP * float(next(place) if word.isalpha() else word))
        y = round(STEP * float(next(place)))
        steps.append(f"M{x / STEP:g} {y / STEP:g}l" if start else
                     f"{(x - pen[0]) / STEP:g} {(y - pen[1]) / STEP:g}")
        pen = (x, y)
    return _tight(steps).replace("lz", "z").replace("lM", "M").removesuffix("l")


def _rounded(text: str) -> str:
    return NUMBER.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), text)


def _tight(words: list[str]) -> str:
    return LEADING_ZERO.sub(r"\1.", " ".join(words)).replace(" -", "-").replace("l ", "l").replace(" z", "z")


def _unwrap(parent: ET.Element) -> None:
    """Put what a group without attributes holds in the group's place."""
    for child in list(parent):
        _unwrap(child)
        if child.tag == f"{{{SVG}}}g" and not child.attrib:
            place = list(parent).index(child)
            parent.remove(child)
            for offset, inner in enumerate(list(child)):
                parent.insert(place + offset, inner)


def _name_styles(root: ET.Element) -> None:
    """Styles that occur more than once go into the sheet; names differ between figures of one page."""
    counts = Counter(element.get("style") for element in root.iter() if element.get("style"))
    often = [style for style, count in counts.items() if count > 1]
    figure = hashlib.sha256(ET.tostring(root)).hexdigest()[:6]
    names = {style: f"s{figure}{index}" for index, style in enumerate(often)}
    for element in root.iter():
        if (style := element.get("style")) in names:
            del element.attrib["style"]
            element.set("class", names[style])
    sheet = next(root.iter(f"{{{SVG}}}style"))
    rules = [f".{name}{{{style.replace(': ', ':').replace('; ', ';')}}}" for style, name in names.items()]
    sheet.text = "".join([(sheet.text or ""), *rules])

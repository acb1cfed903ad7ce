"""The colours of words on the site are those of the lines in its figures, dark or light enough to read."""

import re
from pathlib import Path

import pytest

from lrreg_utils.figures.histories import STYLES
from lrreg_utils.figures.style import PATTERNS
from scripts.forms.words import CLASSES, WORDS

CSS = (Path(__file__).parents[2] / "assets" / "forms.css").read_text(encoding="utf-8")
LINES = PATTERNS | {name: style["color"] for name, style in STYLES.items()}
# The page, and every second row of a table
GROUNDS = {"light": ("#ffffff", "#f3f4f5"), "dark": ("#121212", "#222832")}


def variable(name: str, theme: str = "light") -> str:
    """A variable of the style sheet; the dark theme is written below the light one."""
    found = re.findall(rf"--{name}: ([^;]+);", CSS)
    return found[-1] if theme == "dark" else found[0]


def channels(colour: str) -> list[float]:
    colour = {"black": "#000000", "white": "#ffffff"}.get(colour, colour)
    return [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]


def luminance(rgb: list[float]) -> float:
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", LINES)
def test_a_word_has_the_colour_of_its_line_and_can_be_read(name):
    kebab = name.replace("_", "-")
    assert variable(kebab) == LINES[name]
    assert f".word-{kebab} {{ --line: var(--{kebab}); }}" in CSS
    for theme, grounds in GROUNDS.items():
        share = int(variable("hue", theme).rstrip("%")) / 100
        ink = channels(variable("ink", theme))
        word = [share * hue + (1 - share) * one
                for hue, one in zip(channels(LINES[name]), ink, strict=True)]
        for ground in grounds:
            assert contrast(word, channels(ground)) >= 4.5, (theme, ground)


def test_each_line_has_words():
    assert WORDS.keys() == LINES.keys()
    assert set(CLASSES.values()) == {f"word-{name.replace('_', '-')}" for name in LINES}

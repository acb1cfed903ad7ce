"""Figures as a page gets them: drawings in SVG, photographs in dots."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from lrreg_utils.book import display
from lrreg_utils.figures import histories as plots
from lrreg_utils.results.recording import recorded


@pytest.fixture
def runs():
    return recorded("digits-talk")


def test_a_drawing_is_small_whole_and_the_same_each_time(runs):
    first, again = (display.as_svg(plots.curves(runs, "test_clean_accuracy")) for _ in range(2))
    assert first == again
    assert len(first) < 15_000
    root = ET.fromstring(first)
    text = "".join(root.itertext())
    assert "Test images without a patch" in text  # as text, in the reader's font
    for name in ("large_lr", "small_lr"):
        assert plots.STYLES[name]["color"].lower() in first


def test_photographs_keep_their_colours_and_lines_are_drawn(runs):
    photographs = plots.show_pictures({"row": np.linspace(0, 1, 128).reshape(2, 8, 8)}, ["a", "b"])
    drawing = plots.curves(runs, "test_clean_accuracy")
    assert display.as_svg(photographs, only_drawings=True) is None
    assert display.as_png_of_photographs(drawing) is None
    picture = Image.open(io.BytesIO(display.as_png_of_photographs(photographs)))
    assert picture.size[0] > 2 * 500  # sharp where a dot of the page has four of the screen
    clear = np.asarray(picture.convert("RGBA"))[0, 0]
    assert clear[3] == 0


@pytest.mark.parametrize("column", ["test_clean_accuracy", "test_patch_only_accuracy"])
def test_names_at_the_ends_of_lines_do_not_overlap(column):
    figure = plots.curves(recorded("hidden"), column)
    figure.draw_without_rendering()
    names = [text for text in figure.axes[0].texts if text.get_text() in plots.SHORT.values()]
    assert len(names) == len(plots.SHORT)
    boxes = [name.get_window_extent() for name in names]
    assert not any(one.overlaps(other) for one in boxes for other in boxes if one is not other)
    assert all(figure.bbox.x1 >= box.x1 for box in boxes)

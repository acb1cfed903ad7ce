"""Frames a second: which frames count, and a drag of a real figure and of one that draws nothing."""

from chromium import chromium

from benchmarks import frames
from lrreg_utils.interactive.widgets import MODELS, page_html

DEAF = """<div class="lrreg-kernel"><input type="range" style="width: 300px"><p class="picture"></p></div>"""


def test_a_frame_counts_if_the_slider_moved_in_it():
    still, moved, drawn = (False, False), (True, False), (False, True)
    seen = [(0, *still), (16, *moved), (36, *drawn), (50, True, True), (100, *still), (130, *moved)]
    assert frames.rates(seen) == ([20, 50], 1)  # nothing was drawn after the move at 50; the last has no end


def test_each_figure_is_on_its_first_page(tmp_path):
    chapters = tmp_path / "chapters"
    chapters.mkdir()
    for page in ("b", "a"):
        names = [name for name in MODELS if (page, name) != ("a", "hero")]
        text = "".join(f'<div id="figure-{name}"></div>' for name in names)
        (chapters / f"{page}.html").write_text(text, encoding="utf-8")
    found = dict(frames.pages_of_figures(tmp_path))
    assert set(found) == set(MODELS)
    assert found["hero"].name == "b.html" and found["kernel"].name == "a.html"


def test_a_drag_is_answered_by_a_figure_and_not_by_a_page_that_draws_nothing(tmp_path):
    answered = {}
    with chromium() as browser:
        for kind, text in (("real", page_html("kernel")), ("deaf", DEAF)):
            page = tmp_path / f"{kind}.html"
            page.write_text(f'<meta charset="utf-8"><body>{text}', encoding="utf-8")
            row = frames.measure(browser, page.as_uri(), "kernel", 600, 0.1)
            assert row["moves"] >= 3 and 0 < row["worst_tenth"] <= row["median"] * 1.01
            answered[kind] = row["answered"] / row["moves"]
    assert answered == {"real": 1, "deaf": 0}

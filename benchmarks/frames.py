"""``python -m benchmarks.frames``: drag every slider of the interactive figures, and count frames.

The built pages are opened in Chromium from their folder, and a mouse drags each slider from end to end
and back. A frame counts if the slider moved in it: it lasts until the next one, and it is answered if the
figure was drawn again by then. The worst tenth is the mean rate of the slowest tenth of these frames; it must
meet the bar.
"""

import argparse
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from itertools import cycle, pairwise
from pathlib import Path

import torch

from benchmarks import FOLDER, file_name
from lrreg_utils.interactive.widgets import MODELS
from lrreg_utils.provenance import origin
from lrreg_utils.results.study import write_study
from scripts.figure_pack import BROWSERS

SITE = Path(__file__).parent.parent / "_build" / "html"
WIDTHS = (1280, 390)  # pixels: a laptop, and a phone
BAR = 30  # frames a second
STEP = 7  # pixels between two positions of the mouse
UNCOVER = "for (const result of document.querySelectorAll('.result[hidden]')) result.open()"
# A row for each frame: its time, whether a slider has moved since the last one, whether the figure was drawn
WATCH = """root => {
    let moved = false, drawn = false;
    window.frames_seen = [];
    root.addEventListener("input", () => { moved = true; });
    const isDrawn = ({ target }) => target.closest(".picture");
    new MutationObserver((changes) => { drawn ||= changes.some(isDrawn); })
        .observe(root, { childList: true, subtree: true });
    requestAnimationFrame(function next(now) {
        window.frames_seen.push([now, moved, drawn]);
        moved = drawn = false;
        requestAnimationFrame(next);
    });
}"""


def pages_of_figures(site: Path) -> Iterator[tuple[str, Path]]:
    """Each interactive figure with the first page that shows it."""
    pages = sorted((site / "chapters").glob("*.html"))
    for name in MODELS:
        yield name, next(page for page in pages if f'id="figure-{name}"' in page.read_text(encoding="utf-8"))


def drag(page, slider, seconds: float) -> list[tuple[float, bool, bool]]:
    """Drag a slider with the mouse from end to end and back, for some seconds; the frames meanwhile."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    left, right, height = box["x"], box["x"] + box["width"], box["y"] + box["height"] / 2
    page.mouse.move(left, height)
    page.mouse.down()
    page.evaluate("window.frames_seen.length = 0")
    started, ends = time.perf_counter(), cycle((right, left))
    while time.perf_counter() - started < seconds:
        page.mouse.move(next(ends), height, steps=round(box["width"] / STEP))
    frames = page.evaluate("window.frames_seen")
    page.mouse.up()
    return frames


def rates(frames: list[tuple[float, bool, bool]]) -> tuple[list[float], int]:
    """Milliseconds of each frame in which the slider moved, and how many of them were answered."""
    moved = [(here, after) for here, after in pairwise(frames) if here[1]]
    # A figure draws in a frame after this frame was watched: it is seen in the next one
    return [after[0] - here[0] for here, after in moved], sum(after[2] for _, after in moved)


def measure(browser, address: str, name: str, width: int, seconds: float) -> dict:
    """The row of a figure in a window of one width, all its sliders together."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    page.evaluate(UNCOVER)
    figure = page.locator(f".lrreg-{name}")
    figure.evaluate(WATCH)
    lengths, answered = [], 0
    sliders = [slider for slider in figure.locator("input[type=range]").all() if slider.is_visible()]
    for slider in sliders:
        found = rates(drag(page, slider, seconds))
        lengths, answered = lengths + found[0], answered + found[1]
    page.close()
    slowest = sorted(lengths)[-max(1, len(lengths) // 10):]
    return {"figure": name, "width": width, "sliders": len(sliders), "bar": BAR,
            "median": 1000 / statistics.median(lengths), "worst_tenth": 1000 / statistics.mean(slowest),
            "moves": len(lengths), "answered": answered}


def told(row: dict) -> str:
    met = "met" if row["worst_tenth"] >= row["bar"] else "MISSED"
    form = "{figure:8s} {width:5d} {median:7.1f} {worst_tenth:12.1f}  >= {bar} {met:6s} {answered} of {moves}"
    return form.format(met=met, **row)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.frames", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="of dragging each slider (default: 3)")
    parser.add_argument("--site", type=Path, default=SITE, help="the built site (default: _build/html)")
    parser.add_argument("--out", type=Path, help="the JSON file (default: in data/benchmarks/frames)")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        sys.exit("error: Chromium is not installed")
    if not (options.site / "chapters").is_dir():
        sys.exit(f"error: {options.site} is no built site; make book builds it")
    from playwright.sync_api import sync_playwright

    started, facts, measured = time.perf_counter(), origin(torch.device("cpu")), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        facts["versions"]["chromium"] = browser.version
        print(f"{facts['device']}, Chromium {browser.version} without a GPU; frames a second while dragging\n"
              "figure   width  median  worst tenth  bar          moves answered")
        for name, page in pages_of_figures(options.site.resolve()):
            for width in WIDTHS:
                measured.append(measure(browser, page.as_uri(), name, width, options.seconds))
                print(told(measured[-1]), flush=True)
        browser.close()
    # Others on the machine slow frames down: how many processes wanted its cores in the last minute
    facts |= {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    facts["seconds"] = round(time.perf_counter() - started, 1)
    path = options.out or FOLDER / "frames" / file_name(facts["device"])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_study(path, "python -m benchmarks.frames", [], facts, {"rows": measured})
    print(f"written: {path}")


if __name__ == "__main__":
    main()

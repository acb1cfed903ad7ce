"""The live picture of own runs as SVG text: a curve for each schedule, and a dot for each example.

It is drawn anew twice a second, so it is written as text: matplotlib would take a tenth of a second.
"""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from lrreg_utils.experiments.schedule import COMPARED
from lrreg_utils.figures.histories import NAMES, STYLES
from lrreg_utils.figures.style import CHANCE, PATTERNS
from lrreg_utils.live.exam import learned
from lrreg_utils.live.session import RunSoFar

PANELS = {"test_clean_accuracy": "Test images recognized (%)",
          "test_patch_only_accuracy": "Patches recognized (%)"}
SAID = ("images", "patches")  # of the panels, in words
WIDTH, HEIGHT, LEFT, TOP, GAP = 300, 150, 30, 22, 34  # of a panel and around it, pixels
DASHES = {"-": "", "--": "7 4", "-.": "8 3 2 3", ":": "2 3"}
RADIUS, STEP, NAME_WIDTH = 5, 14, 150  # of the dots
INK, PALE = "#333", "#767676"
# Notebooks say in different words that they are dark; lightness is inverted and hues stay, as on the site
DARK = ("body[data-jp-theme-light=false]", "html[theme=dark]", "html[data-theme=dark]",
        "body[data-vscode-theme-kind=vscode-dark]")
STYLE = ("<style>.lrreg-lab svg{max-width:100%;height:auto;font:12px sans-serif}"
         + ",".join(f"{where} .lrreg-lab svg" for where in DARK)
         + "{filter:invert(1) hue-rotate(180deg) brightness(1.1)}</style>")


def picture(runs: Iterable[RunSoFar]) -> str:
    """Curves and dots of runs so far, as HTML that needs nothing else."""
    by_schedule = _by_schedule(runs)
    return f'<div class="lrreg-lab">{STYLE}{curves(by_schedule)}{dots(by_schedule)}</div>'


def _by_schedule(runs: Iterable[RunSoFar]) -> dict[str, list[RunSoFar]]:
    found: dict[str, list[RunSoFar]] = {}
    for run in runs:
        found.setdefault(run.config.schedule.name, []).append(run)
    return {name: found[name] for name in sorted(found, key=[*COMPARED, *found].index)}


def mean_so_far(runs: Sequence[RunSoFar], column: str) -> list[float]:
    """Mean of a column over the seeds that have come so far, epoch by epoch."""
    longest = max(len(run.rows) for run in runs)
    known = [[run.rows[epoch][column] for run in runs if epoch < len(run.rows)] for epoch in range(longest)]
    return [float(np.mean([value for value in values if value is not None] or [np.nan])) for values in known]


def curves(by_schedule: dict[str, list[RunSoFar]]) -> str:
    """Both panels: a thick line for the mean over seeds, a thin one for each seed where there are several."""
    epochs = max((run.config.epochs for runs in by_schedule.values() for run in runs), default=1)
    anneals = {epoch for runs in by_schedule.values() for run in runs
               for epoch in run.config.schedule.anneal_epochs}
    parts = []
    for place, (column, title) in enumerate(PANELS.items()):
        x0 = place * (WIDTH + LEFT + GAP) + LEFT
        parts.append(f'<g transform="translate({x0} {TOP})">{_frame(title, epochs, sorted(anneals))}')
        for name, runs in by_schedule.items():
            if len(runs) > 1:
                parts += [_line([row[column] for row in run.rows], epochs, name, thin=True) for run in runs]
            parts.append(_line(mean_so_far(runs, column), epochs, name))
        parts.append("</g>")
    legend_y, width = TOP + HEIGHT + 44, 2 * (WIDTH + LEFT + GAP)
    return _svg(width, legend_y + 8, _said(by_schedule), [*parts, *_legend(by_schedule, legend_y)])


def _svg(width: float, height: float, label: str, parts: Iterable[str]) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>')


def _x(epoch: float, epochs: int) -> float:
    return WIDTH * (epoch - 1) / max(1, epochs - 1)


def _y(percent: float) -> float:
    return HEIGHT * (1 - percent / 100)


def _frame(title: str, epochs: int, anneals: Sequence[int]) -> str:
    parts = [f'<text x="{-LEFT}" y="-9" fill="{INK}">{title}</text>']
    for percent in (0, 50, 100):
        parts.append(f'<path d="M0 {_y(percent):g}H{WIDTH}" stroke="#ddd"/>'
                     f'<text x="-5" y="{_y(percent) + 4:g}" text-anchor="end" fill="{PALE}">{percent}</text>')
    parts.append(f'<path d="M0 {_y(CHANCE["accuracy"]):g}H{WIDTH}" stroke="{PALE}" stroke-dasharray="2 3"/>')
    parts += [f'<path d="M{_x(epoch - 0.5, epochs):.1f} 0V{HEIGHT}" stroke="{PALE}"/>' for epoch in anneals]
    for epoch, anchor in ((1, "start"), (epochs, "end")):
        parts.append(f'<text x="{_x(epoch, epochs):g}" y="{HEIGHT + 16}" text-anchor="{anchor}" '
                     f'fill="{PALE}">{epoch}</text>')
    return "".join(parts) + f'<text x="{WIDTH / 2}" y="{HEIGHT + 16}" text-anchor="middle" ' \
                            f'fill="{PALE}">epoch</text>'


def _line(values: Sequence[float | None], epochs: int, name: str, thin: bool = False) -> str:
    known = [(_x(epoch, epochs), _y(value)) for epoch, value in enumerate(values, start=1)
             if value is not None and value == value]
    if not known:
        return ""
    style = f'fill="none" {_stroke(name)} stroke-width="{1 if thin else 2}" opacity="{0.35 if thin else 1}"'
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in known)
    end = "" if thin else f'<circle cx="{known[-1][0]:.1f}" cy="{known[-1][1]:.1f}" r="3" ' \
                          f'fill="{_colour(name)}"/>'
    return f'<path class="run" d="M{path}" {style}/>{end}'


def _colour(name: str) -> str:
    return STYLES[name]["color"]


def _stroke(name: str) -> str:
    return f'stroke="{_colour(name)}" stroke-dasharray="{DASHES[STYLES[name]["linestyle"]]}"'


def _legend(names: Iterable[str], y: float) -> list[str]:
    parts, x = [], 0
    for name in names:
        parts.append(f'<path d="M{x} {y - 4}h28" {_stroke(name)} stroke-width="2"/>'
                     f'<text x="{x + 34}" y="{y}" fill="{INK}">{NAMES[name]}</text>')
        x += 60 + 7 * len(NAMES[name])
    return parts


def _said(by_schedule: dict[str, list[RunSoFar]]) -> str:
    """The curves in words, for who does not see them."""
    parts = []
    for name, runs in by_schedule.items():
        means = {word: mean_so_far(runs, column) for word, column in zip(SAID, PANELS, strict=True)}
        known = [f"{word} {mean[-1]:.0f} percent" for word, mean in means.items() if mean and mean[-1] >= 0]
        if known:
            epoch = max(len(run.rows) for run in runs)
            parts.append(f"{NAMES[name]}: after epoch {epoch}, {', '.join(known)}")
    return "; ".join(parts) or "no epoch is finished yet"


def dots(by_schedule: dict[str, list[RunSoFar]]) -> str:
    """A row of dots for each schedule: an example each, its left half the image, its right half the patch."""
    rows = [(name, runs[0]) for name, runs in by_schedule.items() if runs[0].answers]
    if not rows:
        return ""
    count = len(rows[0][1].answers[0][0])
    parts, words = [_key()], []
    for place, (name, run) in enumerate(rows):
        image, patch = learned(run.answers)
        y = 40 + 22 * place
        parts.append(f'<text x="0" y="{y + 4}" fill="{_colour(name)}">{NAMES[name]}</text>')
        parts += [_dot(NAME_WIDTH + STEP * number, y, *both)
                  for number, both in enumerate(zip(image, patch, strict=True))]
        words.append(f"{NAMES[name]}: of {count} training examples {sum(image)} images and {sum(patch)} "
                     "patches are learned")
    return _svg(NAME_WIDTH + STEP * (count + 1), 40 + 22 * len(rows), "; ".join(words), parts)


def _key() -> str:
    parts = [f'<text x="0" y="16" fill="{INK}">Training examples with a patch, one dot each:</text>']
    for x, word, both in ((292, "image learned", (True, False)), (412, "patch learned", (False, True)),
                          (530, "both", (True, True))):
        parts.append(_dot(x, 12, *both) + f'<text x="{x + 12}" y="16" fill="{INK}">{word}</text>')
    return "".join(parts)


def _dot(x: float, y: float, image: bool, patch: bool) -> str:
    half = f"a{RADIUS} {RADIUS} 0 0"
    parts = []
    if image:
        parts.append(f'<path class="image" d="M{x} {y - RADIUS}{half} 0 0 {2 * RADIUS}z" '
                     f'fill="{PATTERNS["image"]}"/>')
    if patch:
        parts.append(f'<path class="patch" d="M{x} {y - RADIUS}{half} 1 0 {2 * RADIUS}z" '
                     f'fill="{PATTERNS["patch"]}"/>')
    return "".join(parts) + f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="none" stroke="{PALE}"/>'

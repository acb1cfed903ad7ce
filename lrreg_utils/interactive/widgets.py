"""Interactive figures: JavaScript modules in this folder, for pages and, through anywidget, for notebooks.

A module ``NAME.mjs`` defines ``render({model, el})`` and exports ``default { render }``. What it imports is
put into one text with it, and on a page so are the values it asks the model for: the page then needs no
server to show the figure, and anywidget gets the single module that it wants.
"""

import json
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import SHARES
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import where
from lrreg_utils.theory.toy_study import PAGE, PAGE_SCHEDULES

EVERY = 25  # steps between measurements
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+)\.mjs";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def schedule_model() -> dict[str, dict]:
    """What ``schedule.mjs`` asks its model for: the toy's settings, and the schedule shown first."""
    large, annealed = PAGE_SCHEDULES["L-S"]
    choice = {
        "anneal": large[1], "large": large[0], "small": annealed[0], "steps": large[1] + annealed[1],
        "seed": 0, "noise": PAGE.noise, "with_q": PAGE.with_q, "every": EVERY,
    }
    return {"settings": asdict(PAGE) | {"noise_std": PAGE.noise_std}, "choice": choice}


def hero_model() -> dict:
    """What ``hero.mjs`` asks its model for: recorded curves and their end, and the text that trains."""
    runs, curves, patches = recorded("hidden"), {}, {}
    for name in ("large", "small"):
        chosen = where(runs, schedule=f"{name}_lr", patch_strength=1.4, shares=SHARES["code"])
        mean = np.mean([run["test_clean_accuracy"] for run in chosen], axis=0)
        curves[name] = mean.round(1).tolist()
        patches[name] = float(np.mean([run.at("test_patch_only_accuracy", -1) for run in chosen]).round(2))
    return {"recorded": curves, "patches": patches, "training": EXPORT.sub("", module("race"))}


FIGURES = {"hero": hero_model, "schedule": schedule_model}  # name of the module: what its model holds


def module(name: str) -> str:
    """``NAME.mjs`` as one text, with what it imports from its folder in place of the first import."""
    known: set[str] = set()

    def text(part: str) -> str:
        known.add(part)
        return IMPORT.sub(lambda found: "" if found[1] in known else EXPORT.sub("", text(found[1])),
                          (Path(__file__).parent / f"{part}.mjs").read_text(encoding="utf-8"))

    return text(name)


def _model(name: str) -> dict:
    if name not in FIGURES:
        raise UserError(f"figure: {name!r} is unknown; there are {', '.join(FIGURES)}")
    return FIGURES[name]()


def page_html(name: str) -> str:
    """A figure as HTML that needs nothing else: no server, no kernel, no network.

    Where it runs, it takes the place of the paragraph that follows: its picture for everywhere else.

    Raises:
        UserError: no such figure.
    """
    data = json.dumps(_model(name)).replace("<", "\\u003c")
    return f"""<div class="interactive" id="figure-{name}"></div>
<script type="module">
{module(name)}
const data = {data}, place = document.getElementById("figure-{name}");
render({{ model: {{ get: (key) => data[key] }}, el: place }});
place.classList.add("runs");
</script>"""


def interactive_figure(name: str):
    """Make one of the site's interactive figures for a notebook.

    Args:
        name: ``hero``, the home page's: drag the anneal, and see both rates train; or ``schedule``, that of
            the theory's page.

    Returns:
        an ``anywidget.AnyWidget``.

    Raises:
        UserError: no such figure, or anywidget is not installed.
    """
    model = _model(name)
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise UserError("figure: anywidget is not installed; pip install anywidget") from None
    values = {key: traitlets.Any(value).tag(sync=True) for key, value in model.items()}
    return type("Figure", (anywidget.AnyWidget,), {"_esm": module(name), **values})()

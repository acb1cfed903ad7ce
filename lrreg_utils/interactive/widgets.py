"""Interactive figures: JavaScript modules in this folder, for pages and, through anywidget, for notebooks.

A module ``NAME.mjs`` defines ``render({model, el})`` and exports ``default { render }``. What it imports is
put into one text with it, and on a page so are the numbers it asks the model for: the page then needs no
server to show the figure, and anywidget gets the single module that it wants.
"""

import json
import re
from dataclasses import asdict
from pathlib import Path

from lrreg_utils.errors import UserError
from lrreg_utils.theory.toy_study import PAGE, PAGE_SCHEDULES

EVERY = 25  # steps between measurements
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+)\.mjs";\n', re.MULTILINE)


def schedule_model() -> dict[str, dict]:
    """What ``schedule.mjs`` asks its model for: the toy's settings, and the schedule shown first."""
    large, annealed = PAGE_SCHEDULES["L-S"]
    choice = {
        "anneal": large[1], "large": large[0], "small": annealed[0], "steps": large[1] + annealed[1],
        "seed": 0, "noise": PAGE.noise, "with_q": PAGE.with_q, "every": EVERY,
    }
    return {"settings": asdict(PAGE) | {"noise_std": PAGE.noise_std}, "choice": choice}


FIGURES = {"schedule": schedule_model}  # name of the module: what its model holds


def module(name: str) -> str:
    """``NAME.mjs`` as one text, with what it imports from its folder in place of the import.

    Raises:
        UserError: no such figure.
    """
    if name not in FIGURES:
        raise UserError(f"figure: {name!r} is unknown; there are {', '.join(FIGURES)}")
    return IMPORT.sub(lambda found: _asset(found[1]).replace("\nexport ", "\n"), _asset(name))


def _asset(name: str) -> str:
    return (Path(__file__).parent / f"{name}.mjs").read_text(encoding="utf-8")


def page_html(name: str) -> str:
    """A figure as HTML that needs nothing else: no server, no kernel, no network.

    Raises:
        UserError: no such figure.
    """
    code = module(name)
    data = json.dumps(FIGURES[name]()).replace("<", "\\u003c")
    return f"""<div id="figure-{name}"></div>
<script type="module">
{code}
const data = {data};
render({{ model: {{ get: (key) => data[key] }}, el: document.getElementById("figure-{name}") }});
</script>
<noscript><p>This figure needs JavaScript; the picture below does not.</p></noscript>"""


def schedule_figure():
    """The first page's interactive figure, for a notebook: drag a schedule, see who wins and when.

    Returns:
        an ``anywidget.AnyWidget``.

    Raises:
        UserError: anywidget is not installed.
    """
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise UserError("figure: anywidget is not installed; pip install anywidget") from None

    class Figure(anywidget.AnyWidget):
        _esm = module("schedule")
        settings = traitlets.Dict().tag(sync=True)
        choice = traitlets.Dict().tag(sync=True)

    return Figure(**schedule_model())

"""Interactive figures: JavaScript modules in this folder, for pages and, through anywidget, for notebooks.

A module ``NAME.mjs`` defines ``render({model, el})`` and exports ``default { render }``. On a page the values
it asks the model for are written beside it: the page then needs no server to show the figure.
"""

import json
from collections.abc import Callable

from lrreg_utils.errors import UserError
from lrreg_utils.interactive.models import computed, explorer, trained
from lrreg_utils.interactive.modules import module

# Each figure's module, and what makes its model
MODELS: dict[str, Callable[[], dict]] = {
    "hero": trained.hero_model, "schedule": trained.schedule_model, "ripple": trained.ripple_model,
    "patch": computed.patch_model, "kernel": computed.kernel_model, "explorer": explorer.explorer_model,
}


def _model(name: str) -> dict:
    if name not in MODELS:
        raise UserError(f"figure: {name!r} is unknown; there are {', '.join(MODELS)}")
    return MODELS[name]()


def page_html(name: str) -> str:
    """A figure as HTML that needs nothing else: no server, no kernel, no network.

    Where it runs, it takes the place of the paragraph that follows: its picture for everywhere else.

    Raises:
        UserError: no such figure.
    """
    data = json.dumps(_model(name), separators=(",", ":")).replace("<", "\\u003c")
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
        name: ``hero``: drag the anneal, and see both rates train; ``ripple``: noise hides a ripple of the
            loss; ``patch``: build a patch, and try to read it with a line; ``explorer``: recorded first rates
            and anneals; ``kernel``: how soon fresh noise hides neighbouring rays from each other; or
            ``schedule``: train the theory's toy.

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

"""Figures: neighbouring code cells with the tag ``figure``, and below them a paragraph ``**Figure N.** ...``.

Cells whose metadata name the same ``tab`` stand side by side in it.
"""

import re
from itertools import groupby

from docutils import nodes
from sphinx.util import logging

from .element import begins_with, element, is_cell, lead, parents, words, wrap

LOG = logging.getLogger(__name__)
NUMBER = re.compile(r"Figure (\d+)\.?")
ORIGIN = re.compile(r"\s\((?:live|recorded|drawn|computed|formula)[^()]*\)\.?\s*$")


def is_panel(node: nodes.Node) -> bool:
    return is_cell(node, "figure")


def split(cell: nodes.container) -> None:
    """Leave what a cell shows, and move its code before it into a cell of its own."""
    code = [part for part in cell if part.get("nb_element") == "cell_code_source"]
    if not code:
        return
    before = nodes.container("", **cell.attributes)
    cell.parent.insert(cell.parent.index(cell), before)
    for part in code:
        cell.remove(part)
        before += part
    before["cell_metadata"] = {}
    cell.attributes.pop("hide_mode", None)


def head(caption: nodes.paragraph) -> str:
    """The number of a caption. Its first words become a link, and its last, in brackets, tell the origin."""
    name = lead(caption)
    number = NUMBER.match(words(name))[1]
    link = nodes.reference("", "", *name.children, refuri=f"#figure-{number}", internal=True)
    name.children = []
    name += link
    last = caption[-1]
    if isinstance(last, nodes.Text) and (found := ORIGIN.search(last)):
        last.parent.replace(last, [nodes.Text(last[:found.start()] + " "),
                                   nodes.inline("", found[0].strip(), classes=["origin"])])
    return number


def arranged(panels: list[nodes.Node]) -> list[nodes.Node]:
    """Panels side by side; those of a tab together in it."""
    groups: dict[str, list[nodes.Node]] = {}
    for panel in panels:
        groups.setdefault(panel["cell_metadata"].get("tab", ""), []).append(panel)
    rows = {name: element("div", *group, classes=["panels", "alone" if len(group) == 1 else "several"])
            for name, group in groups.items()}
    together = [rows.pop("")] if "" in rows else []
    tabs = [element("div", element("p", nodes.Text(name), classes=["tab-name"]), row, classes=["tab"],
                    data_tab=name) for name, row in rows.items()]
    return [*together, element("div", *tabs, classes=["tabs"])] if tabs else together


def make(document: nodes.document) -> None:
    """Make one node of each figure."""
    for parent in parents(document):
        for cell in filter(is_panel, list(parent)):
            split(cell)
        for panelled, run in [(key, list(group)) for key, group in groupby(list(parent), is_panel)]:
            if not panelled:
                continue
            end = parent.index(run[-1]) + 1
            caption = parent[end] if end < len(parent) else None
            if caption is None or not begins_with(caption, "Figure "):
                LOG.warning("a figure has no caption **Figure N.** below it", location=run[-1])
                continue
            number = head(caption)
            figure = wrap([*run, caption], element("figure", ids=[f"figure-{number}"], classes=["panelled"]))
            figure.children = []
            figure.extend([*arranged(run), element("figcaption", caption)])
            figure["names"] = list(figure["ids"])
            document.note_explicit_target(figure)  # text may link to it

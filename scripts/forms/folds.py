"""Folds: what stands between ``<details><summary>...</summary>`` and ``</details>``.

The code of a solution comes after its fold, in a cell that Jupyter can run; here it joins the fold.
"""

import re

from docutils import nodes

from .element import begins_with, element, is_cell, parents, wrap

OPEN = re.compile(r"\s*<details>\s*<summary>(.*?)</summary>\s*", re.DOTALL)
CLOSED = re.compile(r"\s*</details>\s*")
KINDS = {"How sure is this?": "sure", "Solution": "solution"}


def is_raw(node: nodes.Node, pattern: re.Pattern) -> re.Match | None:
    return pattern.fullmatch(node.astext()) if isinstance(node, nodes.raw) else None


def code_after(siblings: list[nodes.Node]) -> list[nodes.Node]:
    """The hidden cells that follow at once; after figures also their captions."""
    taken: list[nodes.Node] = []
    for node in siblings:
        caption = bool(taken) and begins_with(node, "Figure ") and is_cell(taken[-1], "figure")
        if not is_cell(node, "hide-cell") and not caption:
            break
        taken.append(node)
    return taken


def close(document: nodes.document) -> None:
    """Make one node of each fold."""
    for parent in parents(document):
        while (start := next((i for i, node in enumerate(parent) if is_raw(node, OPEN)), None)) is not None:
            end = next((i for i in range(start, len(parent)) if is_raw(parent[i], CLOSED)), None)
            if end is None:
                break
            summary = is_raw(parent[start], OPEN)[1].strip()
            kind = KINDS.get(summary, "other")
            code = code_after(parent[end + 1:]) if kind == "solution" else []
            for cell in filter(is_cell, code):
                cell.attributes.pop("hide_mode", None)
            fold = wrap(parent[start:end + 1 + len(code)], element("details", classes=["fold", kind]))
            fold[0].replace_self(element("summary", nodes.Text(summary)))
            fold.remove(next(node for node in fold if is_raw(node, CLOSED)))

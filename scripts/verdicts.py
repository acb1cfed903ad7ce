"""A Sphinx extension: whether each link of the argument holds, in the menu and above each page; the way on.

The badges are computed from the claims, once in each build.
"""

import re
from functools import cache
from html import escape

from lrreg_utils.claims import table
from lrreg_utils.claims.evidence import VERDICTS, Evidence, mark

DOCUMENTS = {
    "puzzle": "chapters/01_puzzle",
    "intuition": "chapters/02_intuition",
    "patterns": "chapters/03_two_kinds_of_patterns",
    "cifar_demo": "chapters/04_cifar_demo",
    "learning_order": "chapters/05_learning_order",
    "convexity": "chapters/06_non_convexity",
    "theory": "chapters/07_theoretical_setting",
    "noise": "chapters/08_noise_is_the_mechanism",
    "conclusion": "chapters/09_conclusion",
}
LABELS = table.PAGES | {"conclusion": "Verdict"}
# Why to go on to a page from the one before it, and why to go back to it from the one after
REASONS = {
    "puzzle": ("The rate that leads loses. See it happen.", "What was the puzzle?"),
    "intuition": ("A large rate makes noise. What does the noise do?", "What does noise do?"),
    "patterns": ("So noise hides detail. What detail?", "What was the patch?"),
    "cifar_demo": ("Now both patterns in one image. Which rate reads which?", "What did the networks see?"),
    "learning_order": ("The patch costs the small rate its lead. How?", "When is each pattern learned?"),
    "convexity": ("An order leaves a trace. Must it, in every problem?", "Can an order leave a trace?"),
    "theory": ("So far we only watched. Can it be derived?", "What does the theory say?"),
    "noise": ("The theory injects noise. Do networks need it?", "Is it the noise?"),
    "conclusion": ("Every link is tested. Does the chain hold?", "Does the chain hold?"),
}


def badge(found: list[Evidence]) -> str:
    """A disc, filled as far as the results hold; in part it is never empty or full."""
    if not found:
        return ""
    _, word = mark(one.verdict for one in found).split(" ", 1)
    held = sum(one.verdict == VERDICTS[0] for one in found)
    share = {"holds": 4, "not here": 0}.get(word, min(3, max(1, round(4 * held / len(found)))))
    kind, title = word.replace(" ", "-"), f"{word}: {held} of {len(found)} results hold"
    return (f'<span class="verdict {kind}" style="--held: {25 * share}%" role="img" '
            f'aria-label="{word}" title="{title}"></span>')


@cache
def badges() -> dict[str, str]:
    """The badge of each document of the argument, as HTML."""
    pages = table.by_page(table.measure_claims())
    return {document: badge([found for _, found in pages.get(page, [])])
            for page, document in DOCUMENTS.items()}


def strip(pagename: str, pathto) -> list[dict]:
    """The links of the argument, for the strip above each page."""
    return [{"label": LABELS[page], "address": pathto(document), "badge": badges()[document],
             "current": document == pagename} for page, document in DOCUMENTS.items()]


def with_badges(html: str, pathto) -> str:
    """The menu, with a badge before each title that has one."""
    for document, disc in badges().items():
        link = rf'<a class="[^"]*" href="{re.escape(escape(pathto(document)))}">'
        html = re.sub(link, lambda found, disc=disc: found[0] + disc, html)
    return html


def complete(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    pathto, toctree = context["pathto"], context["toctree"]
    context["strip"] = strip(pagename, pathto)
    context["toctree"] = lambda **options: with_badges(toctree(**options), pathto)
    page_of = {document: page for page, document in DOCUMENTS.items()}
    _, before, after = app.builder.relations.get(pagename, (None, None, None))
    context["reason_back"] = REASONS[page_of[before]][1] if before in page_of else ""
    context["reason_on"] = REASONS[page_of[after]][0] if after in page_of else ""


def setup(app) -> dict:
    app.connect("html-page-context", complete, priority=400)  # before the theme asks for the menu
    return {"parallel_read_safe": True, "parallel_write_safe": True}

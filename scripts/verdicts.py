"""A Sphinx extension: whether each link of the argument holds, in the menu and above each page; the way on.

The discs are computed from the claims, once in each build.
"""

import re
from functools import cache
from html import escape

from lrreg_utils.claims import table
from lrreg_utils.claims.evidence import Tally

DOCUMENTS = {
    "puzzle": "chapters/01_puzzle",
    "intuition": "chapters/02_intuition",
    "patterns": "chapters/03_two_kinds_of_patterns",
    "cifar_demo": "chapters/04_cifar_demo",
    "photographs": "chapters/04b_photographs",
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
    "photographs": ("On digits the patch makes the gap. Elsewhere, too?", "Does it hold on photographs?"),
    "learning_order": ("The patch costs the small rate its lead. How?", "When is each pattern learned?"),
    "convexity": ("An order leaves a trace. Must it, in every problem?", "Can an order leave a trace?"),
    "theory": ("So far we only watched. Can it be derived?", "What does the theory say?"),
    "noise": ("The theory injects noise. Do networks need it?", "Is it the noise?"),
    "conclusion": ("Every link is tested. Does the chain hold?", "Does the chain hold?"),
}


def disc(tests: Tally) -> str:
    """A disc, filled as far as the tests hold."""
    return (f'<span class="verdict {tests.word.replace(" ", "-")}" style="--held: {25 * tests.quarters}%" '
            f'role="img" aria-label="{tests.word}" title="{tests.word}: {tests.counts}"></span>')


@cache
def discs() -> dict[str, str]:
    """The disc of each document of the argument, as HTML; the conclusion, which has all claims, has none."""
    return {document: disc(table.counted(page)) if page in table.PAGES else ""
            for page, document in DOCUMENTS.items()}


def strip(pagename: str, pathto) -> list[dict]:
    """The links of the argument, for the strip above each page."""
    return [{"label": LABELS[page], "address": pathto(document), "disc": discs()[document],
             "current": document == pagename} for page, document in DOCUMENTS.items()]


def with_discs(html: str, pathto) -> str:
    """The menu, with a disc before each title that has one."""
    for document, drawn in discs().items():
        link = rf'<a class="[^"]*" href="{re.escape(escape(pathto(document)))}">'
        html = re.sub(link, lambda found, drawn=drawn: found[0] + drawn, html)
    return html


def with_rows(html: str, pagename: str, pathto) -> str:
    """A page's text, with a link from the badge of its card to the rows that it counts."""
    page = next((page for page, document in DOCUMENTS.items() if document == pagename), "")
    rows = f'{pathto(DOCUMENTS["conclusion"])}#rows-{table.PAGES.get(page, "").lower()}'
    badge = re.compile(r'(<strong class="badge-of-claim[^>]*>)(.*?)(</strong>)', re.DOTALL)
    return badge.sub(rf'\1<a href="{rows}">\2</a>\3', html, count=1)


def complete(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    pathto, toctree = context["pathto"], context["toctree"]
    context["strip"] = strip(pagename, pathto)
    context["body"] = with_rows(context.get("body", ""), pagename, pathto)
    context["toctree"] = lambda **options: with_discs(toctree(**options), pathto)
    page_of = {document: page for page, document in DOCUMENTS.items()}
    _, before, after = app.builder.relations.get(pagename, (None, None, None))
    context["reason_back"] = REASONS[page_of[before]][1] if before in page_of else ""
    context["reason_on"] = REASONS[page_of[after]][0] if after in page_of else ""


def setup(app) -> dict:
    app.connect("html-page-context", complete, priority=400)  # before the theme asks for the menu
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Notes in the margin: a block ``<aside>...</aside>``."""

import re

from docutils import nodes

from .element import element

ASIDE = re.compile(r"<aside>(.*)</aside>\s*", re.DOTALL)


def to_the_margin(document: nodes.document) -> None:
    """Give each aside the theme's class for notes, before which the list of contents steps back."""
    for node in list(document.findall(nodes.raw)):
        if found := ASIDE.fullmatch(node.astext()):
            node.replace_self(element("aside", nodes.raw("", found[1].strip(), format="html"),
                                      classes=["margin"]))

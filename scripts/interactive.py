"""A Sphinx extension: the comment ``<!-- interactive: NAME -->`` in Markdown becomes an interactive figure.

The paragraph that follows holds its picture, for readers without JavaScript, in a notebook or on GitHub.
"""

import re

from docutils import nodes
from sphinx.errors import ExtensionError

from lrreg_utils.errors import UserError
from lrreg_utils.interactive.widgets import page_html

COMMENT = re.compile(r"\s*<!--\s*interactive:\s*([\w-]+)\s*-->\s*")


def put_figures(app, doctree: nodes.document) -> None:
    for node in list(doctree.findall(nodes.raw)):
        if named := COMMENT.fullmatch(node.astext()):
            try:
                node.replace_self(nodes.raw("", page_html(named[1]), format="html"))
            except UserError as error:
                raise ExtensionError(f"{app.env.docname}: {error}") from None


def setup(app) -> dict:
    app.connect("doctree-read", put_figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

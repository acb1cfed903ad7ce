"""A Sphinx extension: a link to the book's own site becomes a link between its pages.

Notebooks name other pages by the site's address, because in Colab and on GitHub no other link leads to them.
"""

from docutils import nodes
from sphinx.util import logging

LOG = logging.getLogger(__name__)


def between_pages(app, doctree: nodes.document, docname: str) -> None:
    """Make the links of one page relative; warn of a page that does not exist."""
    for link in doctree.findall(nodes.reference):
        address = link.get("refuri", "")
        if not address.startswith(app.config.site_address):
            continue
        path, hash_, fragment = address.removeprefix(app.config.site_address).partition("#")
        page = path.removesuffix(".html") or app.config.root_doc
        if page in app.env.found_docs:
            link["refuri"] = app.builder.get_relative_uri(docname, page) + hash_ + fragment
            link["internal"] = True
        else:
            LOG.warning("no page %s in this book: %s", page, address, location=link)


def setup(app) -> dict:
    app.add_config_value("site_address", "", "html")
    app.connect("doctree-resolved", between_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

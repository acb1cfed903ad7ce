"""A Sphinx extension: as long as the repository has no address, no button and no link leads there."""

from docutils import nodes
from sphinx import addnodes

from scripts.address import is_known

LINKS = nodes.reference, addnodes.pending_xref, addnodes.download_reference


def hide_buttons(app, config) -> None:
    """Take the theme's buttons for the repository, its issues and Colab away."""
    theme = config.html_theme_options
    if not is_known(theme.get("repository_url", "")):
        theme.update(use_repository_button=False, use_issues_button=False, launch_buttons={})


def unlink(app, doctree: nodes.document) -> None:
    """Keep the text of a link that stands in a sentence; drop one that stands in a row of links."""
    for link in list(doctree.findall(nodes.reference)):
        if is_known(link.get("refuri", "")):
            continue
        row = all(isinstance(one, LINKS) or not one.astext().strip() for one in link.parent)
        link.parent.replace(link, [] if row else link.children)


def setup(app) -> dict:
    app.connect("config-inited", hide_buttons, priority=900)
    app.connect("doctree-read", unlink)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

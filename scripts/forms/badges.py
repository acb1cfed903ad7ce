"""The Colab badge of a chapter, for its readers on GitHub: the site has a button of its own instead."""

from docutils import nodes

COLAB = "https://colab.research.google.com/"
WAITS = "<!-- once there is an address"  # it becomes a badge with `make address`


def drop(document: nodes.document) -> None:
    """Remove each paragraph that is nothing but pictures linked to Colab, and what is to become one."""
    for comment in list(document.findall(nodes.raw)):
        if comment.astext().startswith(WAITS):
            comment.parent.remove(comment)
    for paragraph in list(document.findall(nodes.paragraph)):
        links = [node for node in paragraph.children if not isinstance(node, nodes.Text) or node.strip()]
        if links and all(isinstance(link, nodes.reference) and link.get("refuri", "").startswith(COLAB)
                         and any(link.findall(nodes.image)) for link in links):
            paragraph.parent.remove(paragraph)

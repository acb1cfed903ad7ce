"""The card: the block quote below a page's title, with claim, badge and finding, and reading time."""

from docutils import nodes

from .element import begins_with, element, words

DISCS = "○◔◑◕●"  # one of them begins a badge
FINDING = "This book."  # begins it on a page whose claims have several badges


def badge_of(node: nodes.Node) -> str | None:
    """The class of a bold word that is a badge: ``◔ in part: 1 of 4 tests hold`` gives ``in-part``."""
    disc, _, text = words(node).partition(" ") if isinstance(node, nodes.strong) else ("", "", "")
    return text.partition(":")[0].replace(" ", "-") if disc and disc in DISCS else None


def kind_of(paragraph: nodes.Element) -> str:
    if any(badge_of(node) for node in paragraph.children) or begins_with(paragraph, FINDING):
        return "finding"
    return "meta" if "min to read" in words(paragraph) else "claim"


def find(document: nodes.document) -> nodes.block_quote | None:
    """The block quote that follows the page's title."""
    for title in document.findall(nodes.title):
        after = title.next_node(descend=False, siblings=True)
        return after if isinstance(after, nodes.block_quote) else None
    return None


def make(document: nodes.document) -> None:
    """Turn the quote into the card, and each paragraph into its part."""
    quote = find(document)
    if quote is None:
        return
    for paragraph in quote.findall(nodes.paragraph):
        paragraph["classes"].append(kind_of(paragraph))
        for node in paragraph.findall(nodes.strong):
            if kind := badge_of(node):
                node["classes"] += ["badge-of-claim", kind]
    quote.replace_self(element("div", *quote.children, classes=["claim-card"]))

"""Nodes that stand for one element of HTML, and what several forms ask of a page's nodes."""

from collections.abc import Iterator, Sequence

from docutils import nodes


class Element(nodes.General, nodes.Element):
    """An element of HTML: its ``tag``, and its ``attributes`` beside classes and ids."""


def element(tag: str, *children: nodes.Node, classes: Sequence[str] = (), ids: Sequence[str] = (),
            **attributes: str) -> Element:
    """An element with its children; ``data_x`` is written as ``data-x``."""
    return Element("", *children, tag=tag, classes=[*classes], ids=[*ids],
                   html={name.replace("_", "-"): value for name, value in attributes.items()})


def visit(translator, node: Element) -> None:
    translator.body.append(translator.starttag(node, node["tag"], "", **node["html"]))


def depart(translator, node: Element) -> None:
    translator.body.append(f"</{node['tag']}>\n")


def register(app) -> None:
    app.add_node(Element, html=(visit, depart))


def wrap(children: Sequence[nodes.Node], wrapper: nodes.Element) -> nodes.Element:
    """Put neighbours into a wrapper, which takes their place."""
    parent = children[0].parent
    place = parent.index(children[0])
    for child in children:
        parent.remove(child)
    wrapper.extend(children)
    parent.insert(place, wrapper)
    return wrapper


def words(node: nodes.Node) -> str:
    """What a reader sees of a node, on one line: without HTML, such as the marks around quoted numbers."""
    seen = [text.astext() for text in node.findall(nodes.Text) if not isinstance(text.parent, nodes.raw)]
    return " ".join("".join(seen).split())


def lead(node: nodes.Node) -> nodes.strong | None:
    """The bold words that a paragraph begins with."""
    first = next(filter(words, node.children), None) if isinstance(node, nodes.paragraph) else None
    return first if isinstance(first, nodes.strong) else None


def begins_with(node: nodes.Node, word: str) -> bool:
    """Whether a paragraph's first words are bold and begin so."""
    return (first := lead(node)) is not None and words(first).startswith(word)


def parents(document: nodes.document) -> Iterator[nodes.Element]:
    """All nodes that hold blocks of text, as they are now."""
    yield from list(document.findall(lambda node: isinstance(node, nodes.document | nodes.section | Element)))


def is_cell(node: nodes.Node, tag: str = "") -> bool:
    """Whether a node is a code cell, with this tag."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code" \
        and (not tag or tag in node["cell_metadata"].get("tags", ()))

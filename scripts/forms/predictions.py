"""Predictions: a question with options, then its result, which the site covers until the reader has answered.

``**Predict.** Question`` and a bullet list begin one. Its result goes on to the next heading or question, for
what follows ``**Answer: OPTION.**`` tells the answer, too. Without JavaScript all of it is plain text;
``assets/forms.js`` makes the buttons. What readers answer stays in their browsers.
"""

import re
from itertools import count, takewhile

from docutils import nodes
from sphinx.util import logging

from .element import begins_with, element, lead, parents, words, wrap

LOG = logging.getLogger(__name__)
ANSWER = re.compile(r"Answer:\s*(.*?)\.?$", re.DOTALL)


def options_of(after: list[nodes.Node]) -> list[str]:
    """The items of the bullet list that follows a question."""
    return [words(item) for item in after[0]] if after and isinstance(after[0], nodes.bullet_list) else []


def ends(node: nodes.Node) -> bool:
    """Whether a result ends before this node."""
    return isinstance(node, nodes.section) or begins_with(node, "Predict.")


def cover(document: nodes.document) -> None:
    """Make one node of each question with all that follows, up to the next heading or question."""
    numbers = count(1)
    for parent in parents(document):
        for question in [node for node in list(parent) if begins_with(node, "Predict.")]:
            siblings = parent[parent.index(question) + 1:]
            after = list(takewhile(lambda node: not ends(node), siblings))
            answer = next((node for node in after if begins_with(node, "Answer:")), None)
            options = options_of(after)
            if not options or answer is None:
                LOG.warning("a prediction lacks its list of options, or its **Answer: OPTION.**",
                            location=question)
                continue
            right = ANSWER.match(words(lead(answer)))[1]
            if right not in options:
                LOG.warning("the answer %r is none of the options: %s", right, ", ".join(options),
                            location=answer)
            answer["classes"].append("answer")
            result = wrap(after[1:], element("div", classes=["result"]))
            wrap([question, after[0], result],
                 element("div", classes=["prediction"], ids=[f"predict-{next(numbers)}"], data_answer=right))


def list_all(app, doctree: nodes.document, docname: str) -> None:
    """Below ``**Your predictions.**`` put the questions of all pages, for the reader's score."""
    for paragraph in [node for node in doctree.findall(nodes.paragraph)
                      if begins_with(node, "Your predictions.")]:
        items = [item(app, docname, page, node) for page in pages(app)
                 for node in app.env.get_doctree(page).findall(is_prediction)]
        place = paragraph.parent.index(paragraph) + 1
        paragraph.parent.insert(place, element("ol", *items, classes=["score"]))


def pages(app) -> list[str]:
    """All pages, in the order of the book."""
    return sorted(app.env.found_docs)


def is_prediction(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Element) and "prediction" in node.get("classes", ())


def item(app, docname: str, page: str, prediction: nodes.Element) -> nodes.Element:
    """One question, as a link to where it is asked."""
    address = app.builder.get_relative_uri(docname, page) + f"#{prediction['ids'][0]}"
    question = words(prediction[0]).removeprefix("Predict.").strip()
    link = nodes.reference("", question, refuri=address, internal=True)
    return element("li", nodes.paragraph("", "", link), data_prediction=f"{page}#{prediction['ids'][0]}",
                   data_answer=prediction["html"]["data-answer"])

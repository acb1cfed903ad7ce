"""A Sphinx extension: the plain Markdown of a chapter becomes the components of the site.

A chapter must read well in Jupyter and on GitHub, so nothing in it needs Sphinx. Each file here knows one
form. They work on what myst-nb has made of the page, in the order of `FORMS`: what holds others comes later.
"""

from docutils.transforms import Transform

from . import asides, badges, card, element, figures, folds, predictions, words

FORMS = (badges.drop, folds.close, asides.to_the_margin, card.make, figures.make, predictions.cover,
         words.colour)


class Forms(Transform):
    default_priority = 400  # after myst-nb's nodes are there, before links between pages are resolved

    def apply(self) -> None:
        for form in FORMS:
            form(self.document)


def setup(app) -> dict:
    element.register(app)
    app.add_transform(Forms)
    app.connect("doctree-resolved", predictions.list_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

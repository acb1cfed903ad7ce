"""A Sphinx extension: the bibliography marks each source as the text cites it, "Li et al., 2019"."""

import pybtex.plugin
from pybtex.style.formatting.unsrt import Style as Unsorted
from pybtex.style.labels import BaseLabelStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

NAME = "author_year"


class AuthorYear(BaseLabelStyle):
    def format_labels(self, sorted_entries):
        style = AuthorYearReferenceStyle()
        for entry in sorted_entries:
            authors = style.person.names("author", full=False).format_data({"entry": entry, "style": style})
            yield f"{authors}, {entry.fields['year']}"


class Style(Unsorted):
    default_label_style = NAME
    default_sorting_style = "author_year_title"


def setup(app) -> dict:
    pybtex.plugin.register_plugin("pybtex.style.labels", NAME, AuthorYear)
    pybtex.plugin.register_plugin("pybtex.style.formatting", NAME, Style)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""A Sphinx directive: ``{interactive} NAME`` puts a figure of `lrreg_utils.interactive.widgets` on a page."""

from docutils import nodes
from docutils.parsers.rst import Directive

from lrreg_utils.errors import UserError
from lrreg_utils.interactive.widgets import page_html


class Interactive(Directive):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        try:
            return [nodes.raw("", page_html(self.arguments[0]), format="html")]
        except UserError as error:
            raise self.error(str(error)) from None


def setup(app) -> dict:
    app.add_directive("interactive", Interactive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

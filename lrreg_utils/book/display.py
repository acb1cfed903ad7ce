"""How a notebook shows the book's figures: as drawings, which are sharp on every screen."""

import io

import matplotlib as mpl
from IPython import get_ipython
from matplotlib.figure import Figure
from PIL import Image

from lrreg_utils.book.svg import compact

# Text stays text, in the reader's own font; the same figure gives the same file
DRAWING = {"svg.fonttype": "none", "svg.hashsalt": "lrreg", "image.composite_image": False}
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
LABELS = "#767676"  # of photographs: read on white and on black


def show_as_drawing(kind: type[Figure]) -> None:
    """Let notebooks show figures of this class as drawings (SVG), and photographs as sharp pictures."""
    if (shell := get_ipython()) is not None:
        formatters = shell.display_formatter.formatters
        formatters["image/svg+xml"].for_type(kind, lambda figure: as_svg(figure, only_drawings=True))
        formatters["image/png"].for_type(kind, as_png_of_photographs)


def as_svg(figure: Figure, only_drawings: bool = False) -> str | None:
    """The figure as SVG text with a white ground.

    Args:
        only_drawings: give None for photographs.
    """
    if only_drawings and getattr(figure, "photographs", False):
        return None
    drawn = io.StringIO()
    with mpl.rc_context(DRAWING):
        figure.savefig(drawn, format="svg", facecolor="white", metadata=NO_METADATA, dpi=144)
    return compact(drawn.getvalue())


def as_png_of_photographs(figure: Figure, colours: int | None = 64) -> bytes | None:
    """Photographs on a clear ground, labels in a grey for both themes; None for a drawing.

    Args:
        colours: how many at most; None keeps all.
    """
    if not getattr(figure, "photographs", False):
        return None
    for ax in figure.axes:
        for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
            text.set_color(LABELS)
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=275, transparent=True)
    picture = Image.open(drawn).convert("RGBA")
    if colours is not None:
        picture = picture.quantize(colours, method=Image.Quantize.FASTOCTREE)
    picture.save(small, format="png", optimize=True)
    return small.getvalue()

"""A figure as a file, whole or not at all."""

import io
from pathlib import Path

from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure

from lrreg_utils.errors import UserError
from lrreg_utils.files import write_result


def check_ending(path: Path) -> None:
    """Refuse a name whose ending says no format: matplotlib would write another name than asked.

    Raises:
        UserError: names the endings that there are.
    """
    endings = FigureCanvasBase.get_supported_filetypes()
    if _format(path) not in endings:
        raise UserError(f"output: {path} needs an ending out of: {', '.join(sorted(endings))}")


def save_picture(figure: Figure, path: Path) -> None:
    """Draw in memory, then write: a picture that was there is lost only to a whole new one.

    Raises:
        UserError: it cannot be drawn in this format here, or not be written.
    """
    drawn = io.BytesIO()
    try:
        figure.savefig(drawn, format=_format(path), dpi=160)
    except (OSError, ValueError, RuntimeError) as error:  # pgf needs a program that is not everywhere
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"output: {path} cannot be drawn ({reason}); choose .png, .svg or .pdf") from None
    write_result(path, drawn.getvalue())


def _format(path: Path) -> str:
    return path.suffix[1:].lower()

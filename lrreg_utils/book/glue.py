"""Numbers for the prose of a page: the cell that computes one hands it to the text around it."""

from IPython.display import display


def glue(**values: str) -> None:
    """Print each value after its name, and let the page's text quote it as ``{glue:text}`name```.

    The outputs have the form of myst-nb's function of this name, which a notebook in Colab does not have;
    there the reader finds the numbers in the printed lines.

    Args:
        values: text, formatted as it is to be read.

    Raises:
        TypeError: a value that is not text.
    """
    for name, value in values.items():
        if not isinstance(value, str):
            raise TypeError(f"glue: {name} must be text, formatted as it is to be read, got {value!r}")
    for name, value in values.items():
        print(f"{name} = {value}")
    for name, value in values.items():
        prefix = "application/papermill.record/"  # kept, not shown
        display({f"{prefix}text/plain": value}, raw=True,
                metadata={"scrapbook": {"name": name, "mime_prefix": prefix}})

"""Code of the package on a page."""

import inspect
import textwrap
from collections.abc import Callable

from IPython.display import Markdown


def show_source(*functions: Callable) -> Markdown:
    """Show functions as they stand in the package, without their documentation."""
    code = "\n\n".join(body(function) for function in functions)
    return Markdown(f"```python\n{code}```")


def body(function: Callable) -> str:
    """The source of a function, its docstring left out.

    Raises:
        TypeError: something that has no source, such as a function of C.
    """
    source = textwrap.dedent(inspect.getsource(function))
    if not function.__doc__:
        return source
    before, _, after = source.partition('"""')
    return before.rstrip(" ") + after.partition('"""\n')[2]

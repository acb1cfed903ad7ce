"""The one exception that means "the user can mend this"."""


class UserError(ValueError):
    """A mistake in what was asked for: one line saying what, where and what to do.

    The command line prints the line and leaves with status 2; a notebook shows the line without
    a traceback; elsewhere it is an ordinary ``ValueError``.
    """

    def _render_traceback_(self) -> list[str]:  # what IPython asks for
        return [f"{type(self).__name__}: {self}"]


class OutOfTime(Exception):
    """The time that was given for many runs has passed; what is finished, and every whole epoch, is kept."""

"""The panel of own runs in a notebook: the form, three buttons, progress, and the live picture."""

import threading
from html import escape

import ipywidgets as widgets

from lrreg_utils.errors import UserError
from lrreg_utils.live.drawing import picture
from lrreg_utils.live.form import Form
from lrreg_utils.live.session import READY, RUNNING, STOPPED, STOPPING
from lrreg_utils.live.words import told


class Panel:
    """Shows a `lab.Lab` and lets the reader work it. Buttons answer at once: training has its own processes.

    Attributes:
        box: the widget that holds all others.
    """

    def __init__(self, lab) -> None:
        self.lab, self._drawing = lab, threading.Lock()
        self.form = Form(lab.choices, str(lab.folder))
        self.start = self._button("Start", "primary", self._start)
        self.stop = self._button("Stop", "warning", lambda: lab.session.stop(wait=False))
        self.go_on = self._button("Go on", "success", lab.go_on)
        self.progress = widgets.IntProgress(0, 0, 1, layout={"width": "20em"})
        self.state, self.problems, self.picture = widgets.HTML(), widgets.HTML(), widgets.HTML()
        buttons = widgets.HBox([self.start, self.stop, self.go_on, self.progress])
        self.box = widgets.VBox([*self.form.rows, buttons, self.state, self.problems, self.picture])
        self.draw()

    def draw(self) -> None:
        """Show what is known now. Called from the cell and from the thread of the runs."""
        session = self.lab.session
        with self._drawing:
            busy = session.state in (RUNNING, STOPPING)
            for field in self.form.fields:
                field.disabled = busy
            self.start.disabled, self.stop.disabled = busy, session.state != RUNNING
            self.go_on.disabled = session.state != STOPPED
            done, self.progress.max = session.epochs
            self.progress.value = done
            self.state.value = f'<span role="status">{escape(told(session))}</span>'
            self._complain(session.problems)
            if session.state != READY:
                self.picture.value = picture(session.runs.values())

    def _complain(self, problems: list[str]) -> None:
        lines = "".join(f"<div>{escape(line)}</div>" for line in problems)
        style = "border-left:4px solid #c0392b;padding-left:.5em"  # words in the theme's own colour
        self.problems.value = f'<div role="alert" style="{style}">{lines}</div>' if lines else ""

    def _start(self) -> None:
        self.lab.choose(self.form.read(), self.form.folder.value)
        self.lab.start()

    def _button(self, label: str, style: str, act) -> widgets.Button:
        def clicked(button) -> None:
            try:
                act()
            except UserError as error:
                self._complain([str(error)])
            else:
                self.draw()

        button = widgets.Button(description=label, button_style=style, layout={"width": "6em"})
        button.on_click(clicked)
        return button

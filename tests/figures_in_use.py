"""The interactive figures as a reader uses them, on a page of the site or in JupyterLab."""

import re

# What a figure's sentence says once it is at rest
AT_REST = {
    "hero": r"Recorded|trained here",
    "schedule": r"After 1,200 steps",
    "ripple": r"After [\d,]+ steps",
    "patch": r"The line at",
    "kernel": r"rays come out right",
    "explorer": r"mean of \d+ seeds",
}
CHANGED = """([root, told, drawn]) => root.querySelector('[role=status]').textContent !== told
    && root.querySelector('.picture').innerHTML !== drawn"""
# A figure draws in the frame after a choice, before what is asked of that frame later
NEXT_FRAME = "new Promise(requestAnimationFrame)"


class Figure:
    """A figure that is open in a browser."""

    def __init__(self, page, name: str) -> None:
        self.page, self.name, self.rest = page, name, re.compile(AT_REST[name])
        self.root = page.locator(f".lrreg-{name}")
        self.status = self.root.get_by_role("status")
        self.root.scroll_into_view_if_needed()

    def told(self) -> str:
        """The sentence, once the figure is at rest."""
        self.status.filter(has_text=self.rest).wait_for(timeout=120_000)
        return self.status.text_content()

    def now(self) -> tuple[str, str]:
        return self.status.text_content(), self.root.locator(".picture").inner_html()

    def reset(self) -> tuple[str, str]:
        """Sentence and drawing as at first, at rest."""
        self.root.get_by_role("button", name="Reset").click()
        self.page.evaluate(NEXT_FRAME)
        self.told()
        return self.now()

    def changed(self, before: tuple[str, str]) -> tuple[str, str]:
        """Sentence and drawing, once both have changed."""
        self.page.wait_for_function(CHANGED, arg=[self.root.element_handle(), *before])
        return self.now()

    def controls(self):
        return self.root.locator("input:visible, .picture button")

    def slider(self):
        return self.root.locator("input[type=range]:visible").first

    def press(self, control) -> None:
        """One step of a control; a slider at its end goes back."""
        key = "Space"
        if control.get_attribute("type") == "range":
            at_end = control.input_value() == control.get_attribute("max")
            key = "ArrowLeft" if at_end else "ArrowRight"
        control.press(key)

    def press_each(self) -> None:
        """Every control changes the drawing and the sentence from the keyboard, and Reset gives both back."""
        first, tried = self.reset(), 0
        for place in range(self.controls().count()):
            control = self.controls().nth(place)
            if control.get_attribute("type") == "radio" and control.is_checked():
                continue
            self.press(control)
            self.changed(first)
            again, tried = self.reset(), tried + 1
            if self.name == "ripple":  # its copies move on
                first = again
            assert again == first, control.get_attribute("name")
        assert tried >= 3

"""The fields of the panel, and the choices that a reader has typed into them."""

import ipywidgets as widgets

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.schedule import COMPARED
from lrreg_utils.field_checks import shown
from lrreg_utils.figures.histories import NAMES
from lrreg_utils.live.choices import (
    NETWORKS,
    PATCHES,
    Choices,
    data_here,
    folder_source,
    networks_for,
    suggested,
)

DATA = {"digits": "digits", "cifar10": "CIFAR-10"}
A_FOLDER = "folder:images"  # its settings are those of any folder
RATES = {"large": "large rate", "small": "small rate", "annealed": "rate after the anneal", "noise": "noise"}
COUNTS = {"anneal_epoch": "anneal at epoch", "epochs": "epochs", "seeds": "seeds"}
WORDS = {"description_width": "initial"}


def _width(label: str) -> str:
    """Room for a label and a number beside it: narrower, the label would take the number's place."""
    return f"{len(label) // 2 + 9}em"


class Form:
    """Widgets for every choice; `read` gives what they say.

    Args:
        choices: what they show at first.

    Attributes:
        rows: the widgets, row by row.
        fields: every widget that takes a choice.
    """

    def __init__(self, choices: Choices, folder: str) -> None:
        self.others = choices.others
        sources = dict.fromkeys([*data_here(), *([choices.data] if choices.data in DATA else [])])
        in_folder = choices.data.startswith("folder:")
        self.data = widgets.Dropdown(
            options=[*((DATA[name], name) for name in sources), ("a folder of images", A_FOLDER)],
            value=A_FOLDER if in_folder else choices.data, description="data", style=WORDS)
        self.path = self._text("images in", choices.data.removeprefix("folder:") if in_folder else "", "28em")
        self.network = widgets.Dropdown(description="network", style=WORDS, layout={"width": "22em"})
        room = {"width": "auto", "margin": "2px 1em 2px 2px"}
        self.schedules = {name: widgets.Checkbox(value=name in choices.schedules, description=NAMES[name],
                                                 indent=False, layout=room) for name in COMPARED}
        self.rates = {name: self._text(label, "", _width(label)) for name, label in RATES.items()}
        self.counts = {name: widgets.IntText(description=label, style=WORDS, layout={"width": _width(label)})
                       for name, label in COUNTS.items()}
        self.patch = widgets.Dropdown(options=[(label, name) for name, label in PATCHES.items()],
                                      value=choices.patch, description="patch", style=WORDS)
        self.folder = self._text("keep runs in", folder, "28em")
        rows = [[self.data, self.path, self.network], [*self.schedules.values()], [*self.rates.values()],
                [*self.counts.values(), self.patch], [self.folder]]
        self.fields = [field for row in rows for field in row]
        self.rows = [widgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        self._offer_networks(choices.network)
        self._show(choices)
        self.data.observe(lambda change: self._data_changed(), "value")
        self.network.observe(lambda change: self._network_changed(), "value")

    def read(self) -> Choices:
        """What the reader has chosen.

        Raises:
            UserError: a value that cannot be used, naming it.
        """
        chosen = tuple(name for name, box in self.schedules.items() if box.value)
        if not chosen:
            raise UserError("schedules: tick at least one")
        return suggested(
            self._source(), self.network.value, schedules=chosen, patch=self.patch.value,
            **{name: self._number(name) for name in RATES},
            **{name: field.value for name, field in self.counts.items()}, **self.others)

    def _source(self) -> str:
        return folder_source(self.path.value) if self.data.value == A_FOLDER else self.data.value

    def _number(self, name: str) -> float:
        typed = self.rates[name].value.strip()
        try:
            return float(typed)
        except ValueError:
            raise UserError(f"{RATES[name]} must be a number such as 0.1, got {shown(typed)}") from None

    def _data_changed(self) -> None:
        self._offer_networks(None)
        self._network_changed()

    def _offer_networks(self, chosen: str | None) -> None:
        names = networks_for(self.data.value)
        if chosen is not None and chosen not in names:
            names.append(chosen)
        self.network.options = [(NETWORKS.get(name, name), name) for name in names]
        self.network.value = chosen or names[0]
        self.path.layout.display = None if self.data.value == A_FOLDER else "none"

    def _network_changed(self) -> None:
        if self.network.value is not None:  # between two lists of networks there is none
            self._show(suggested(self.data.value, self.network.value))

    def _show(self, choices: Choices) -> None:
        for name, field in self.rates.items():
            field.value = f"{getattr(choices, name):g}"
        for name, field in self.counts.items():
            field.value = getattr(choices, name)

    @staticmethod
    def _text(label: str, value: str, width: str) -> widgets.Text:
        return widgets.Text(value=value, description=label, style=WORDS, layout={"width": width},
                            continuous_update=False)

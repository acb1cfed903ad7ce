"""Draw the pictures of the first page and of the README into assets: ``python scripts/pictures.py``."""

from base64 import b64decode
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from lrreg_utils.book import display
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.figures import histories as plots
from lrreg_utils.figures import intuition, learning_order
from lrreg_utils.figures import patterns as pattern_plots
from lrreg_utils.figures import theory as theory_plots
from lrreg_utils.figures.style import head, label_lines, subplots
from lrreg_utils.interactive.models.computed import patch_model
from lrreg_utils.problems.noisy_parameter import RATES, RIPPLE
from lrreg_utils.results.history import History
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import where
from lrreg_utils.results.study import recorded_study
from lrreg_utils.theory.formulas import correlation
from lrreg_utils.theory.setting import Setting

ASSETS = Path(__file__).parent.parent / "assets"
TITLE = "Why start with a learning rate\nthat is too large?"


def central_runs() -> list[History]:
    """The two schedules of the hidden-layer experiment, ten seeds."""
    wanted = experiment("hidden")
    configs = {wanted.config(name, seed).id for name in ("large_lr", "small_lr") for seed in range(10)}
    return [run for run in recorded("hidden") if run.config.id in configs]


def first_picture() -> Figure:
    """What the first page shows where its figure does not run."""
    figure = plots.curves(central_runs(), "test_clean_accuracy", ylim=(50, 90))
    head(figure.axes[0], "Accuracy on new images")
    return figure


def shared_picture() -> Figure:
    """What is shown where a page is shared: 1200 x 630 pixels at 100 dots an inch."""
    figure, ax = subplots(figsize=(12, 6.3))
    for name in ("large_lr", "small_lr"):
        runs = [run for run in central_runs() if run.config.schedule.name == name]
        label = plots.SHORT[name] + "\nrate"
        plots.plot_runs(ax, runs, "test_clean_accuracy", label=label, **plots.STYLES[name])
    for line in ax.lines:
        line.set_linewidth(4)
    ax.axvline(9.5, color="0.45", linewidth=2)
    ax.annotate("large rate lowered", (9.5, 53), (8, 0), textcoords="offset points", fontsize=20, color="0.3")
    ax.set(ylim=(51, 86), yticks=(60, 70, 80), xticks=(0, 30, 60, 90))
    ax.tick_params(labelsize=18)
    ax.set_xlabel("epoch", fontsize=20)
    ax.set_ylabel("accuracy on new images, %", fontsize=20)
    ax.set_title(TITLE, fontsize=38, loc="left", pad=18, fontweight="bold")
    label_lines(ax, 22)
    return figure


def drawings() -> dict[str, Figure]:
    """The drawings (SVG) by name."""
    lowered = where(recorded("digits-rates"), schedule="constant_0.016")
    return {"hero": first_picture(),
            "ripple": intuition.plot_rippled(RATES, **RIPPLE),
            "explorer": learning_order.plot_lowered(recorded("anneal-epoch"), lowered),
            "kernel": theory_plots.plot_two_times(Setting(), float(correlation(0.0015))),
            "toy-page": theory_plots.plot_toy(recorded_study("toy-page")["result"])}


def patched_digit() -> Figure:
    """An eight with its patch, and the patch's parts."""
    model = patch_model()
    digit, side = model["images"]["plain"], model["side"]
    pixels = np.frombuffer(b64decode(digit["pixels"]), np.uint8).reshape(10, model["size"], model["size"])[8]
    example = (pixels - digit["mean"]) / digit["std"]
    z, square = (np.reshape(values, (side, side)) for values in (model["z"], model["squares"][8]))
    v = model["strength"] * square
    example[:side, :side] = z + v
    return pattern_plots.anatomy(example, z, v)


if __name__ == "__main__":
    for name, figure in drawings().items():
        (ASSETS / f"{name}.svg").write_text(display.as_svg(figure), encoding="utf-8")
    (ASSETS / "patch.png").write_bytes(display.as_png_of_photographs(patched_digit()))
    shared_picture().savefig(ASSETS / "share.png", dpi=100)

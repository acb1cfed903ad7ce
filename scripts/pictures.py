"""Draw the first page's pictures into assets: ``python scripts/pictures.py``."""

from pathlib import Path

from lrreg_utils.book import display
from lrreg_utils.figures import histories as plots
from lrreg_utils.figures import theory as theory_plots
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.study import recorded_study

ASSETS = Path(__file__).parent.parent / "assets"


def pictures() -> dict:
    toy = recorded_study("toy-page")["result"]
    columns = ("test_clean_accuracy", "test_patch_only_accuracy")
    return {"cifar-small": plots.compare_schedules(recorded("cifar-small"), columns),
            "toy-page": theory_plots.plot_toy(toy)}


if __name__ == "__main__":
    for name, figure in pictures().items():
        path = ASSETS / f"{name}.svg"
        path.write_text(display.as_svg(figure), encoding="utf-8")
        print(path)

"""Draw the pictures in assets that no command draws: ``python scripts/pictures.py``."""

import json
from pathlib import Path

from lrreg_utils import plots, theory_plots
from lrreg_utils.history import data_folder

if __name__ == "__main__":
    plots.use_book_style()
    results = json.loads((data_folder("toy") / "page.json").read_text(encoding="utf-8"))
    path = Path(__file__).parent.parent / "assets" / "toy-page.png"
    theory_plots.draw_toy(results).savefig(path, dpi=150)
    print(path)

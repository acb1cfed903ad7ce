"""Models of the figures that train in the browser: their settings, and what was recorded with them."""

from dataclasses import asdict

import numpy as np

from lrreg_utils.experiments.config import SHARES
from lrreg_utils.interactive.modules import script
from lrreg_utils.problems.noisy_parameter import RATES, RIPPLE
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import where
from lrreg_utils.theory.toy_study import PAGE, PAGE_SCHEDULES

EVERY = 25  # steps between measurements


def schedule_model() -> dict[str, dict]:
    """What ``schedule.mjs`` asks its model for: the toy's settings, and the schedule shown first."""
    large, annealed = PAGE_SCHEDULES["L-S"]
    choice = {
        "anneal": large[1], "large": large[0], "small": annealed[0], "steps": large[1] + annealed[1],
        "seed": 0, "noise": PAGE.noise, "with_q": PAGE.with_q, "every": EVERY,
    }
    return {"settings": asdict(PAGE) | {"noise_std": PAGE.noise_std}, "choice": choice}


def hero_model() -> dict:
    """What ``hero.mjs`` asks its model for: recorded curves and their end, and the text that trains."""
    runs, curves, patches = recorded("hidden"), {}, {}
    for name in ("large", "small"):
        chosen = where(runs, schedule=f"{name}_lr", patch_strength=1.4, shares=SHARES["code"])
        mean = np.mean([run["test_clean_accuracy"] for run in chosen], axis=0)
        curves[name] = mean.round(1).tolist()
        patches[name] = float(np.mean([run.at("test_patch_only_accuracy", -1) for run in chosen]).round(2))
    return {"recorded": curves, "patches": patches, "training": script("training/race")}


def ripple_model() -> dict:
    """What ``ripple.mjs`` asks its model for: the choice shown first, the rates to choose from, training."""
    between = (0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15)
    return {"first": {"rate": RATES["large_lr"], **RIPPLE, "sigma": 1.0},
            "rates": [RATES["small_lr"], *between, RATES["large_lr"], 0.3],
            "training": {"copies": 1000, "start": 0.5, "seed": 0, "window": 200}}

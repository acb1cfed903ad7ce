"""The model of the explorer: every recorded pair of a first rate and an anneal's epoch."""

import math
from dataclasses import replace

import numpy as np

from lrreg_utils.experiments.presets import experiment
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import first_epoch
from lrreg_utils.results.recording import recorded

# Networks of the explorer: experiment, its name in words, and the recordings with its runs; of a setting that
# several have, the first counts
EXPLORED = {
    "digits": ("Convolutional network", ("anneal-epoch", "rate-strength", "digits-rates")),
    "hidden": ("One hidden layer", ("hidden", "hidden-lengths", "hidden-rates")),
}
STRENGTHS = (0.7, 1.4, 2.8)  # of the patch, which both networks were recorded with
PATTERNS = {"image": "test_clean_accuracy", "patch": "test_patch_only_accuracy"}


def explorer_model() -> dict:
    """What ``explorer.mjs`` asks its model for: every recorded pair of a first rate and an anneal's epoch."""
    return {"networks": {name: _network(name) for name in EXPLORED}, "strengths": list(STRENGTHS),
            "settings": [one for name in EXPLORED for one in _settings(name)]}


def _network(name: str) -> dict:
    """What holds for all settings of an experiment, and the one that is shown first."""
    base, large = experiment(name).base, experiment(name).schedules["large_lr"]
    return {"words": EXPLORED[name][0], "epochs": base.epochs, "lower": _lower(name),
            "first": {"strength": base.patch_strength, "rate": large.initial_lr,
                      "anneal": large.anneal_epochs[0]}}


def _lower(name: str) -> float:
    """The rate after an experiment's anneal."""
    return round(experiment(name).schedules["large_lr"].lr(experiment(name).base.epochs), 9)


def _settings(name: str) -> list[dict]:
    """The settings of an experiment that were recorded with nothing but rate, anneal and strength changed."""
    found: dict[tuple, dict] = {}
    for source in EXPLORED[name][1]:
        groups: dict[tuple, list[History]] = {}
        for run in recorded(source):
            if (key := _setting(name, run)) is not None:
                groups.setdefault(key, []).append(run)
        for key, runs in groups.items():
            found.setdefault(key, _told(name, source, key, runs))
    return sorted(found.values(), key=lambda one: (one["strength"], one["rate"], one["anneal"] or math.inf))


def _setting(name: str, run: History) -> tuple | None:
    """Strength, first rate and anneal's epoch (None: never) of a run; None for one of another treatment."""
    config, base = run.config, experiment(name).base
    like = replace(config, schedule=base.schedule, seed=base.seed, patch_strength=base.patch_strength)
    rates = [config.schedule.lr(epoch) for epoch in (1, config.epochs)]
    annealed = rates[1] != rates[0]
    if (like != base or config.schedule.noise or config.patch_strength not in STRENGTHS
            or (annealed and round(rates[1], 9) != _lower(name))):
        return None
    return config.patch_strength, rates[0], config.schedule.anneal_epochs[0] if annealed else None


def _told(name: str, source: str, key: tuple, runs: list[History]) -> dict:
    """A setting with its two curves, means over seeds, and each seed's epoch at which half are recognized."""
    strength, rate, anneal = key
    curves = {pattern: np.mean([run[column] for run in runs], axis=0).round(1).tolist()
              for pattern, column in PATTERNS.items()}
    half = {pattern: [None if np.isnan(epoch) else int(epoch)
                      for epoch in (first_epoch(run, column) for run in runs)]
            for pattern, column in PATTERNS.items()}
    return {"network": name, "strength": strength, "rate": rate, "anneal": anneal, "source": source,
            "seeds": len(runs), **curves, "half": half}

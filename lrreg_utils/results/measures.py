"""What is read from runs: a number for each, or one for each seed."""

from collections.abc import Sequence

import numpy as np

from lrreg_utils.errors import UserError
from lrreg_utils.results.history import History
from lrreg_utils.results.select import ALONE, Measure, kind_of


def site_mean(row: dict, above: str = "noise", below: str = "spread") -> float:
    """The ratio of two measures of a row of `preactivations.noise_course`, averaged over the ReLUs."""
    return float(np.mean(np.divide(row[above], row[below])))


def by_rate(
    rows: Sequence[dict], epoch: int, above: str = "noise", below: str = "spread"
) -> tuple[list[float], np.ndarray]:
    """`site_mean` in one epoch for each constant rate.

    Returns:
        The rates, ascending, and float (rates, seeds).

    Raises:
        UserError: the epoch was not measured.
    """
    chosen = sorted((row for row in rows if row["epoch"] == epoch), key=lambda row: row["seed"])
    if not chosen:
        raise UserError(f"by_rate: epoch {epoch} was not measured")
    rates = sorted({row["rate"] for row in chosen})
    values = [[site_mean(row, above, below) for row in chosen if row["rate"] == rate] for rate in rates]
    return rates, np.array(values)


def first_epoch(history: History, column: str, level: float = 50.0) -> float:
    """The first epoch (from 1) in which a column reaches a level, NaN for never."""
    reached = np.flatnonzero(history[column] >= level)
    return float(reached[0] + 1) if len(reached) else float("nan")


def curve(history: History, split: str, unit: str) -> np.ndarray:
    """``train`` or ``test`` ``accuracy`` or ``loss`` of what the run was trained on, float64 (epochs,)."""
    return history[f"{split}_{ALONE[kind_of(history)]}_{unit}"]


def steps(history: History) -> np.ndarray:
    """Steps taken by the end of each epoch, int64 (epochs,); the size of the training set must be given.

    Raises:
        UserError: the config does not say the number of training images.
    """
    config = history.config
    if config.train_size is None:
        raise UserError(f"steps: {config.label} has no train_size")
    each = config.passes * -(-config.train_size // config.batch_size)
    return each * np.arange(1, config.epochs + 1)


def first_step(history: History, column: str, level: float = 50.0) -> float:
    """Steps by the end of the first epoch in which a column reaches a level, NaN for never."""
    epoch = first_epoch(history, column, level)
    return epoch if np.isnan(epoch) else float(steps(history)[int(epoch) - 1])


def steps_to(history: History, level: float) -> float:
    """Steps by the end of the first epoch whose mean training accuracy is ``level`` percent, or NaN."""
    return first_step(history, f"train_{ALONE[kind_of(history)]}_accuracy", level)


def recovered(noisy: Sequence[float], small: Sequence[float], large: Sequence[float]) -> list[float]:
    """(noisy - small) / (large - small), one number per seed: 0 is the small rate, 1 the large one.

    Raises:
        UserError: a seed without a gap, or lists of different lengths.
    """
    if not len(noisy) == len(small) == len(large):
        raise UserError("recovered: each of the three needs a number for every seed")
    if any(high == low for high, low in zip(large, small, strict=True)):
        raise UserError("recovered: the large and the small rate are equal in a seed, so there is no gap")
    return [(value - low) / (high - low) for value, low, high in zip(noisy, small, large, strict=True)]


def after(column: str, epoch: int = -1) -> Measure:
    """The value of a column after an epoch (from 1; -1 is the last)."""
    return lambda run: run.at(column, epoch)

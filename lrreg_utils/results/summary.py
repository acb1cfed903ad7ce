"""The table of the patch experiment: what each schedule has learned, and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.schedule import COMPARED, Schedule
from lrreg_utils.results.history import History, by_schedule
from lrreg_utils.results.select import MIXTURES, of_mixture
from lrreg_utils.tables import Table, spread


@dataclass(frozen=True)
class Outcome:
    """One schedule's results, one number per seed, accuracy in percent and loss in nats.

    ``before_anneal`` is the last epoch before ``large_lr`` anneals, for every schedule alike.
    """

    clean_test_accuracy: list[float]
    clean_test_loss: list[float]
    patch_only_accuracy_before_anneal: list[float]
    patch_only_accuracy: list[float]


def compare(histories: Sequence[History]) -> dict[str, Outcome]:
    """Each schedule's outcome, seeds in increasing order.

    Raises:
        UserError: no annealed run that says what "before" means, or runs that differ in seeds or epochs.
    """
    groups = by_schedule(histories)
    if "large_lr" not in groups:
        raise UserError("compare: there is no run of large_lr, whose anneal epoch sets the comparison")
    if not (anneals := groups["large_lr"][0].config.schedule.anneal_epochs):
        raise UserError("compare: large_lr never anneals, so there is no 'before'")
    seeds = {tuple(run.config.seed for run in runs) for runs in groups.values()}
    if len(seeds) > 1:
        raise UserError("compare: the schedules were not all run with the same seeds")
    if len({run.config.epochs for run in histories}) > 1:
        raise UserError("compare: the runs do not all have the same number of epochs")
    before = min(anneals[0] - 1, histories[0].config.epochs)  # runs may end before the anneal
    return {
        name: Outcome(
            [run.at("test_clean_accuracy", -1) for run in runs],
            [run.at("test_clean_loss", -1) for run in runs],
            [run.at("test_patch_only_accuracy", before) for run in runs],
            [run.at("test_patch_only_accuracy", -1) for run in runs],
        )
        for name, runs in groups.items()
    }


def table(outcomes: dict[str, Outcome]) -> Table:
    """The outcomes, a row for each schedule, mean ± standard deviation."""
    head = ("schedule", "clean test %", "clean test loss", "patch only %, before", "patch only %, end")
    rows = [
        (
            name,
            spread(outcome.clean_test_accuracy),
            spread(outcome.clean_test_loss, 2),
            spread(outcome.patch_only_accuracy_before_anneal),
            spread(outcome.patch_only_accuracy),
        )
        for name, outcome in outcomes.items()
    ]
    return Table(head, rows)


def reference_table(histories: Sequence[History]) -> Table:
    """Clean test accuracy at the end of either rate by mixture, and the gap between the rates, by seed."""
    rows = []
    for mixture in MIXTURES:
        runs = by_schedule(of_mixture(histories, mixture))
        large, small = ([run.at("test_clean_accuracy", -1) for run in runs[name]] for name in COMPARED[:2])
        gap = [better - worse for better, worse in zip(large, small, strict=True)]
        listed = ", ".join(f"{one:+.1f}" for one in gap)
        rows.append((mixture, spread(large), spread(small), spread(gap), listed))
    return Table(("mixture", "large_lr", "small_lr", "gap", "gap by seed"), rows)


def schedule_table(schedules: Iterable[Schedule], anneal_epoch: int) -> Table:
    """Learning rate and activation noise of each schedule, before and after the anneal."""
    return Table(("schedule", "epoch", "learning rate", "activation noise"), [
        (one.name, str(epoch), f"{one.lr(epoch):g}", f"{one.noise_std(epoch):g}")
        for one in schedules for epoch in (anneal_epoch - 1, anneal_epoch)])

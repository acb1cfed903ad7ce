"""What the claims of the puzzle say of runs whose answer is known by hand."""

from lrreg_utils import Schedule
from lrreg_utils.claims import puzzle


def test_the_jump_is_the_mean_after_the_anneal_less_the_mean_before(make_history):
    def run(name, seed, *values):
        anneal = (3,) if name == "large_lr" else ()
        return make_history(Schedule(name, 0.1, anneal, 0.1), seed, 13,
                            test_clean_accuracy=[*values, *[80.0] * (13 - len(values))])

    runs = [run("small_lr", seed, 0.0) for seed in (0, 1)]
    runs += [run("large_lr", 0, 60.0, 64.0, 0.0), run("large_lr", 1, 80.0, 82.0, 90.0)]
    found = puzzle.jump_at_anneal(runs)
    assert list(found.effect.values) == [18, -1] and list(found.met) == [True, False]
    assert found.numbers == {"by": "8.5 ± 13.4"}

"""The rows that need a GPU. Their sides take a device, so that a test can run them on a processor."""

from functools import partial

import torch

from benchmarks.reference import plain_step
from benchmarks.rows import Row, Side, epoch_of, loading, run_of, wait
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.images.patches import write_patches
from lrreg_utils.seeding import generator
from lrreg_utils.theory.finite_width import FiniteWidthSettings, TwoLayer
from lrreg_utils.theory.setting import Setting, sample
from lrreg_utils.training.model import build_model

FLOP = {"wrn16-10": 14.472e9, "wrn16-4": 2.355e9}  # an image, forward and backward; a multiply-add is two
SIDE = 8192  # rows of the matrices whose product is the measure of what the GPU can do


def patch_run(model: str, precision: str) -> Config:
    """The patch experiment at the large rate with this network."""
    chosen = experiment("paper").with_(model=model, precision=precision)
    return chosen.config("large_lr", 0)


def epochs(model: str, device: str = "cuda", count: int = 12_800, precision: str = "bfloat16"
           ) -> tuple[Side, Side]:
    """A plain float32 loop that waits in every step / ours. The plain one is given its patched images.

    Its float32 is what torch makes of it on a GPU unless told otherwise: convolutions round to TF32.
    """
    config, place = patch_run(model, precision), torch.device(device)
    run = run_of(config, count, device)
    split = run.train_split
    inputs = write_patches(
        run.normalize(split.images), split.labels, run.groups, run.patterns, generator(0, "patches", place)
    ).contiguous()
    plain = build_model(model, channels=3, classes=10, noise_per_sample=False, rng=generator(0, "init"),
                        initialization=config.initialization)
    plain = plain.to(place)
    with torch.no_grad():  # the same network: float32 on both sides, rounding apart
        torch.testing.assert_close(plain(inputs[:64]), run.model(inputs[:64]), rtol=1e-2, atol=1e-2)
    optimizer = torch.optim.SGD(plain.parameters(), 0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)

    def theirs() -> None:
        plain.train()
        for batch in torch.randperm(count, device=place).split(config.batch_size):
            plain_step(plain, optimizer, inputs[batch], split.labels[batch])

    return theirs, epoch_of(run)  # which ends by reading its sums


def product_share(model: str, device: str = "cuda", steps: int = 16) -> tuple[Side, Side]:
    """As many bfloat16 operations in products of large matrices / in training: the share that is used."""
    config, place = patch_run(model, "bfloat16"), torch.device(device)
    run = run_of(config, steps * config.batch_size, device)
    operations = FLOP[model] * steps * config.batch_size
    columns = round(operations / (2 * SIDE * SIDE))
    left = torch.randn(SIDE, SIDE, device=place, dtype=torch.bfloat16)
    parts = [len(part) for part in torch.arange(columns).split(SIDE)]
    right = torch.randn(SIDE, min(SIDE, columns), device=place, dtype=torch.bfloat16)

    def products() -> None:
        for width in parts:
            left @ right[:, :width]
        wait(place)

    return products, epoch_of(run)


def with_and_without_graph(model: str, count: int = 12_800) -> tuple[Side, Side]:
    """An epoch whose kernels are launched one by one / the same, replayed."""
    config = patch_run(model, "bfloat16")
    plain, graphed = (run_of(config, count, "cuda", graph) for graph in (False, True))
    sides = epoch_of(plain), epoch_of(graphed)
    rows = [side() for side in sides]
    for name, value in rows[0].items():
        near = {"rtol": 0.0, "atol": 2.0} if name.endswith("accuracy") else {"rtol": 0.05, "atol": 0.0}
        torch.testing.assert_close(value, rows[1][name], **near, msg=name)
    return sides


def stacked(device: str = "cuda", count: int = 64, steps: int = 20) -> tuple[Side, Side]:
    """The theory's finite network, trained for each seed in turn / for all seeds side by side."""
    setting, recipe = Setting(), FiniteWidthSettings(large_rate=20.0)
    seeds, place = list(range(count)), torch.device(device)
    together = TwoLayer(setting, recipe, sample(setting, seeds, "train"), seeds, place)
    single = [TwoLayer(setting, recipe, sample(setting, [seed], "train"), [seed], place) for seed in seeds]

    def one_by_one() -> None:
        for network in single:
            network.train(20.0, steps)
        wait(place)

    def side_by_side() -> None:
        together.train(20.0, steps)
        wait(place)

    one_by_one(), side_by_side()
    for apart, part in zip(single, together.rows[0], strict=True):
        torch.testing.assert_close(apart.rows[0][0], part, rtol=1e-3, atol=1e-2)
    return one_by_one, side_by_side


ROWS = (
    Row("L2", "50,000 patched images on a GPU: one by one / whole batches", 100, True,
        partial(loading, "cuda"), gpu=True),
    Row("E1", "epoch of WRN-16-10 on a GPU: float32 (TF32) and a wait each step / ours", 3, True,
        partial(epochs, "wrn16-10"), gpu=True),
    Row("E1b", "epoch of WRN-16-4 on a GPU: float32 (TF32) and a wait each step / ours", 12, True,
        partial(epochs, "wrn16-4"), gpu=True),
    Row("M1", "WRN-16-10: share of the GPU's bfloat16 product rate", 0.45, True,
        partial(product_share, "wrn16-10"), gpu=True),
    Row("M2", "WRN-16-4 at batch 128: without / with CUDA graph", 1.5, True,
        partial(with_and_without_graph, "wrn16-4"), gpu=True),
    Row("T2", "the theory's finite network on a GPU, 64 seeds: one by one / stacked", 20, True,
        stacked, gpu=True),
)

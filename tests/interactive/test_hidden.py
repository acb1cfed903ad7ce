"""The home page's experiment in JavaScript: digits, steps and outcome are those of the package."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

import lrreg_utils as lr
from lrreg_utils.images.dataset import Split
from lrreg_utils.images.patches import CLEAN, PATCH_ONLY, redraw_patch_only
from lrreg_utils.images.sources import balanced_subset, load_images
from lrreg_utils.seeding import Streams
from lrreg_utils.training.trainer import Trainer
from scripts import digits, kernels_wasm

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / "lrreg_utils" / "interactive" / "training"
NODE = shutil.which("node") or shutil.which("nodejs")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: apt-get install nodejs")
STEPS = 50


def draws_of(trainer: Trainer) -> dict:
    """What the package draws for a run, in the words of examples.mjs."""
    config, seed = trainer.config, trainer.config.seed
    pool = load_images("digits", 16)
    places = Split(torch.arange(len(pool.train)), pool.train.labels)
    subset = balanced_subset(places, config.train_size, lr.generator(seed, "subset")).images
    rng = lr.generator(seed, "pixel_noise")
    noise = [torch.randn(len(split), 1, 16, 16, generator=rng) for split in (subset, pool.test)]
    streams, groups = Streams(seed, "cpu", ("order", "redraw", "patches")), trainer.groups
    epochs = []
    for _ in range(2):
        alone = redraw_patch_only(groups, config.shares, streams["redraw"]) == PATCH_ONLY
        order = torch.randperm(len(groups), generator=streams["order"])
        coins = [torch.rand((2, 16), generator=streams["patches"]) for _ in order.split(16)]
        coin, scale = torch.cat(coins, 1)
        epochs.append({"order": order.tolist(), "alone": alone.int().tolist(), "scale": scale.tolist(),
                       "sign": torch.where(coin < 0.5, 1, -1).tolist()})
    model = trainer.model
    weights = [model.hidden * 16, model.readout * 128**0.5, model.bias * 128**0.5]
    return {
        "subset": subset.tolist(), "noise": torch.cat(noise).flatten().tolist(), "epochs": epochs,
        "z": trainer.patterns.z.flatten().tolist(), "pattern": trainer.patterns.pattern.flatten().tolist(),
        "patched": (groups != CLEAN).int().tolist(),
        "weights": torch.cat([part.flatten() for part in weights]).tolist(),
        "probe": {"sign": [1] * 500, "scale": [0.5] * 500},
    }


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of the package, its first steps, and what node makes of its draws."""
    config = lr.experiment("hidden").config("large_lr", 0)
    after, images = [], lr.prepare(config)

    def keep(trainer: Trainer) -> None:
        if len(after) < STEPS:
            after.append(torch.cat([weights.flatten() for weights in trainer.model.parameters()]).tolist())

    trainer = Trainer(config, images, torch.device("cpu"), after_step=[keep])
    given = draws_of(trainer)
    rows = [trainer.next_epoch() for _ in range(2)]
    path = tmp_path_factory.mktemp("hidden") / "draws.json"
    path.write_text(json.dumps(given | {"rate": 0.3, "after": after}), encoding="utf-8")
    done = subprocess.run([NODE, HERE / "hidden_check.mjs", MODULES, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return trainer, rows, json.loads(done.stdout)


@needs_node
def test_the_digits_are_those_of_the_package(trained):
    trainer, _, found = trained
    labels = torch.cat([trainer.train_split.labels, trainer.probes.splits["clean"].labels])
    assert found["labels"] == labels.tolist()
    pixels = trainer.normalize(trainer.train_split.images).flatten()
    np.testing.assert_allclose(found["pixels"], pixels[:4096], atol=1e-6)
    tests = trainer.normalize(trainer.probes.splits["clean"].images)
    assert found["sum"] == pytest.approx(float(pixels.double().sum() + tests.double().sum()), abs=0.5)


@needs_node
def test_every_step_is_that_of_the_package(trained):
    _, rows, found = trained
    assert len(found["differences"]) == STEPS
    assert max(found["differences"]) < 1e-5
    assert found["accuracy"] == pytest.approx([row["test_clean_accuracy"] for row in rows], abs=0.5)


@needs_node
def test_webassembly_computes_what_plain_javascript_does(trained):
    fast, plain = trained[2]["kernels"]
    assert trained[2]["wasm"]
    np.testing.assert_allclose(fast, plain, atol=1e-5)


def test_the_digits_file_is_what_its_script_writes():
    assert digits.PATH.read_text(encoding="utf-8") == digits.module()


def test_the_compiled_kernels_are_what_their_source_gives():
    (found,) = kernels_wasm.COMPILED.findall(kernels_wasm.PATH.read_text(encoding="utf-8"))
    assert found == kernels_wasm.compiled()

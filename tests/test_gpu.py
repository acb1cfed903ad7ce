"""What only a GPU can show; skipped where there is none."""

from dataclasses import replace

import pytest
import torch

from lrreg_utils.devices import known_state
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.images.sources import prepare
from lrreg_utils.sweeps.runner import train_and_keep
from lrreg_utils.training.train import train
from lrreg_utils.training.trainer import Trainer

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")


@pytest.fixture
def config(tiny):
    """Enough steps an epoch that a graph is recorded and replayed, and a last batch that does not fit it."""
    noisy = Schedule("large_lr", 0.05, (3,), 0.1, noise=0.3, noise_until=3)
    return replace(tiny, schedule=noisy, train_size=190, batch_size=20, epochs=4, image_size=16)


@pytest.fixture
def deterministic():
    """Needs CUBLAS_WORKSPACE_CONFIG, see conftest.py."""
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def known():
    with known_state(1):
        yield


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_a_replayed_step_trains_like_a_launched_one(config, deterministic, known, precision):
    chosen = replace(config, precision=precision)
    runs = [Trainer(chosen, prepare(chosen), torch.device("cuda"), graph) for graph in (False, True)]
    launched, replayed = ([run.next_epoch() for _ in range(4)] for run in runs)
    assert launched == replayed


def test_a_run_that_was_stopped_ends_the_same(config, deterministic, tmp_path):
    def interrupt(epoch, row):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_and_keep(config, "cuda", tmp_path, interrupt)
    continued = train_and_keep(config, "cuda", tmp_path)
    assert continued.provenance["resumed_after"] == [2]
    assert continued.columns == train(config, "cuda").history.columns
    assert continued.provenance["peak_memory_mib"] > 0


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.filterwarnings("ignore:Synchronization debug mode")  # torch calls it a prototype
def test_nothing_is_read_back_within_an_epoch(config, known, graph):
    run = Trainer(config, prepare(config), torch.device("cuda"), graph)
    run.train_epoch(1)
    order = torch.randperm(len(run.groups), device="cuda")
    try:
        torch.cuda.set_sync_debug_mode("error")
        for batch in order.split(config.batch_size):
            run.take_step(batch)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_float32_is_not_rounded_to_tf32(known):
    """A sum of 1 + 2**-12 keeps the small part only where products are computed in float32."""
    x = torch.full((64, 64), 1 + 2**-12, device="cuda")
    assert float((x @ torch.eye(64, device="cuda"))[0, 0]) == 1 + 2**-12
    convolved = torch.nn.functional.conv2d(x.view(1, 1, 64, 64), torch.ones(1, 1, 1, 1, device="cuda"))
    assert float(convolved[0, 0, 0, 0]) == 1 + 2**-12


def test_the_first_float16_step_may_overflow(config):
    """The scale then begins at 2**16, and is lowered; no weight becomes NaN."""
    history = train(replace(config, precision="float16"), "cuda").history
    assert history.provenance["graph"] and not history.provenance["deterministic"]
    assert history.at("train_clean_loss", -1) < history.at("train_clean_loss", 1)


@pytest.mark.filterwarnings("default")  # the compiler's own, which differ from version to version
def test_a_compiled_network_trains(config):
    history = train(replace(config, compile=True), "cuda").history
    assert history.at("train_clean_loss", -1) < history.at("train_clean_loss", 1)

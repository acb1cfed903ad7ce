"""One run: a config goes in, a history and a trained network come out.

A run that keeps a checkpoint is continued by the next call as if it had never been stopped: weights,
momentum, every random stream and the rows so far are read back.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from lrreg_utils.devices import check_precision, choose_device, known_state
from lrreg_utils.experiments.config import Config
from lrreg_utils.images import sources
from lrreg_utils.images.dataset import Images
from lrreg_utils.images.patches import Patterns
from lrreg_utils.provenance import provenance
from lrreg_utils.results.history import History
from lrreg_utils.training.checkpoint import CheckpointFile
from lrreg_utils.training.model import Network
from lrreg_utils.training.trainer import Hook, Row, Trainer


@dataclass(frozen=True)
class Trained:
    """What `train` returns: the history, and the network with the patterns it was trained on."""

    history: History
    model: Network
    patterns: Patterns
    images: Images


def train(
    config: Config,
    device: str = "auto",
    threads: int = 1,
    on_epoch: Callable[[int, Row], None] = lambda epoch, row: None,
    checkpoint: Path | None = None,
    after_step: Iterable[Hook] = (),
    after_epoch: Iterable[Hook] = (),
) -> Trained:
    """Train one network and measure every group after every epoch.

    The same config gives the same history on the same machine, in any process, and however often
    it was stopped and continued. On a GPU this needs torch's deterministic algorithms, switched on with
    ``torch.use_deterministic_algorithms(True)``, and ``CUBLAS_WORKSPACE_CONFIG=:4096:8`` in the environment
    before the process computes its first product.

    Args:
        device: see `choose_device`.
        threads: processor threads. Sums depend on their number, so it belongs to what must be
            equal for equal histories; two runs side by side use two cores better than one run.
        on_epoch: called after each epoch (from 1) with its row of the history; for epochs that
            were read back as well. It may raise to stop here: the epoch is kept.
        checkpoint: where to keep the state, see `CheckpointFile`; a run found there is continued.
        after_step, after_epoch: functions of the `Trainer`, which they get while it trains.

    Raises:
        UserError: a config that does not fit its data or device, a checkpoint of another run, or a
            loss that is no longer finite.
    """
    with known_state(threads):
        chosen = choose_device(device)
        check_precision(config.precision, chosen)
        images = sources.prepare(config)
        data_sha256 = images.sha256  # once: it reads every pixel
        facts = provenance(config.data_name, data_sha256, chosen, threads)
        trainer = Trainer(config, images, chosen, after_step=after_step, after_epoch=after_epoch)
        kept = CheckpointFile(checkpoint, config, data_sha256)
        if checkpoint is not None and checkpoint.exists():
            trainer.resume(checkpoint, data_sha256)
        for row in trainer.rows:
            on_epoch(int(row["epoch"]), row)
        while len(trainer.rows) < config.epochs:
            row = trainer.next_epoch()
            epoch = len(trainer.rows)
            kept.offer(epoch, trainer.state_dict, last=epoch == config.epochs)
            try:
                on_epoch(epoch, row)
            except BaseException:  # the caller stops here: no whole epoch is lost
                kept.offer(epoch, trainer.state_dict, last=True)
                raise
    columns = {name: [row[name] for row in trainer.rows] for name in trainer.rows[0]}
    history = History(config, columns, {**facts, **trainer.facts()})
    return Trained(history, trainer.model, trainer.patterns, images)

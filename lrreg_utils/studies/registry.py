"""Studies by name: what ``data/studies/NAME.json`` holds, and how to make it.

A study is a function of seeds whose result is not the history of a run. The functions named here say what
``result`` is; `results.study` reads and writes the file.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from lrreg_utils import console
from lrreg_utils.devices import known_state
from lrreg_utils.errors import UserError
from lrreg_utils.files import code_id, remove_leftovers, writable_folder
from lrreg_utils.provenance import device_name, origin, versions
from lrreg_utils.results.study import write_study
from lrreg_utils.studies import convexity as convex_studies
from lrreg_utils.studies import curvature as curvature_study
from lrreg_utils.studies import finite_width as finite_studies
from lrreg_utils.studies import infinite_width as theory_sweeps
from lrreg_utils.studies import learning_order as learning_order_study
from lrreg_utils.studies import preactivations, readout
from lrreg_utils.studies.pieces import Pieces


@dataclass(frozen=True)
class Study:
    """A function of seeds and of ``keep`` (see `pieces`), and the seeds it is reported on."""

    run: Callable[..., dict]
    seeds: range


# Of the theory
THEORY = {
    "separation": Study(theory_sweeps.separated, range(10)),
    "references": Study(theory_sweeps.references, range(10)),
    "flips": Study(finite_studies.flips, range(5)),
    "width": Study(finite_studies.width, range(4)),
    "finite": Study(finite_studies.finite, range(5)),
    "regime": Study(theory_sweeps.regime, range(2)),
    "length": Study(theory_sweeps.against_length, range(4)),
    "share": Study(theory_sweeps.against_share, range(4)),
}


# Of networks trained on images
NETWORKS: dict[str, Study] = {
    "curvature": Study(curvature_study.curvature, range(3)),
    "preactivation-noise": Study(preactivations.noise_study, range(3)),
    "convexity": Study(convex_studies.convexity, range(3)),
    "learning-order": Study(learning_order_study.learning_order, range(3)),
    "hidden-order": Study(learning_order_study.hidden_order, range(10)),
    "new-readout": Study(readout.new_readout, range(5)),
}


def make_studies(name: str, folder: Path, studies: dict[str, Study], command: str) -> None:
    """Make one study, or ``all``, on the processor with one thread; a file that is there is kept.

    Finished pieces of a study lie in ``NAME.pieces`` beside its file until that is written, so that a call
    that was stopped loses one piece at most. Pieces that other code has made are not used.

    Args:
        studies: those to choose from.
        command: what, with a study's name after it, makes the study on the command line.

    Raises:
        UserError: an unknown name, or a folder that cannot be written.
    """
    if name != "all" and name not in studies:
        raise UserError(f"study: must be one of {', '.join(studies)} or all, not {name!r}")
    writable_folder(folder)
    for one in studies if name == "all" else [name]:
        path, working = folder / f"{one}.json", folder / f"{one}.pieces"
        if path.exists():
            console.say(f"{path}: already there")
        else:
            remove_leftovers(path)
            pieces = Pieces(working / code_id(f"{device_name(torch.device('cpu'))} {versions()}"))
            seconds = make_study(path, studies[one], f"{command} {one}", pieces)
            console.say(f"{path}: {seconds:.0f} s")
        shutil.rmtree(working, ignore_errors=True)


def make_study(path: Path, study: Study, command: str, pieces: Pieces) -> float:
    """Run a study, and write its result and where that comes from; return the seconds it took."""
    started = time.perf_counter()
    facts = origin(torch.device("cpu"))  # first: the files can change while networks train
    with known_state():
        result = study.run(study.seeds, keep=pieces)
    seconds = time.perf_counter() - started + pieces.seconds
    write_study(path, command, study.seeds, {"threads": 1, **facts, "seconds": round(seconds, 1)}, result)
    return seconds

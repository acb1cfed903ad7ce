"""The theory's studies, by name: what ``data/theory/NAME.json`` holds and how it is made again.

A file is ``{"study", "command", "seeds", "provenance", "result"}``; the functions named here say what
``result`` is. `study_files.recorded_study` reads one.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from lrreg_utils import console, finite_studies, theory_sweeps
from lrreg_utils.errors import UserError
from lrreg_utils.files import remove_leftovers, writable_folder, write_atomically
from lrreg_utils.provenance import origin


@dataclass(frozen=True)
class Study:
    """A function of seeds, and the seeds it is reported on."""

    run: Callable[[range], dict]
    seeds: range


STUDIES = {
    "separation": Study(theory_sweeps.separated, range(10)),
    "references": Study(theory_sweeps.references, range(10)),
    "flips": Study(finite_studies.flips, range(5)),
    "width": Study(finite_studies.width, range(4)),
    "finite": Study(finite_studies.finite, range(5)),
    "regime": Study(theory_sweeps.regime, range(2)),
    "length": Study(theory_sweeps.against_length, range(4)),
    "share": Study(theory_sweeps.against_share, range(4)),
}


def make_studies(name: str, folder: Path) -> None:
    """Make one study, or ``all``, on the processor with one thread; a file that is there is kept.

    Raises:
        UserError: an unknown name, or a folder that cannot be written.
    """
    if name != "all" and name not in STUDIES:
        raise UserError(f"theory: study must be one of {', '.join(STUDIES)} or all, not {name!r}")
    writable_folder(folder)
    for one in STUDIES if name == "all" else [name]:
        path = folder / f"{one}.json"
        if path.exists():
            console.say(f"{path}: already there")
            continue
        remove_leftovers(path)
        content = make_study(one)
        write_atomically(path, lambda target, content=content: target.write(_text(content)))
        console.say(f"{path}: {content['provenance']['seconds']:.0f} s")


def make_study(name: str) -> dict:
    """Run a study and say where its result comes from."""
    study, started = STUDIES[name], time.perf_counter()
    facts = origin(torch.device("cpu"), 0.0)  # first: the files can change while networks train
    result = study.run(study.seeds)
    return {
        "study": name,
        "command": f"python -m lrreg_utils theory --study {name}",
        "seeds": list(study.seeds),
        "provenance": {"threads": 1, **facts, "seconds": round(time.perf_counter() - started, 1)},
        "result": result,
    }


def _text(content: dict) -> bytes:
    return (json.dumps(content) + "\n").encode()

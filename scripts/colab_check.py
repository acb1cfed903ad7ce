"""What a reader in Colab meets: ``python scripts/colab_check.py PYTHON NOTEBOOK ...``.

``PYTHON`` is that of an environment with Colab's versions, see CONTRIBUTING.md. Each notebook is executed
alone in an empty folder, and its set-up cell installs a wheel of this repository there.
A line for each says whether it ran, how long it took, what the installation changed besides this package,
what it warned of, and whether its check cells print what is committed.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from address import INSTALL, INSTALLS
from kernels import encrypt
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent
OURS = "lrreg_utils"
CHECKED = "nbval-check-output"
BAR = re.compile(r"\d+%\||\d+(epoch|it|B)(/s)?\b|^\s*$")  # a line of a progress bar


def wheel(folder: Path) -> Path:
    """A wheel of this repository."""
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)],
                   check=True)
    return next(folder.glob("*.whl"))


def packages(python: str) -> set[str]:
    """What an environment holds besides this package, a line each."""
    listed = subprocess.run([python, "-m", "pip", "freeze", "--all"], capture_output=True, text=True,
                            check=True)
    return {line for line in listed.stdout.splitlines() if not line.startswith(OURS)}


def installing(notebook: str, package: Path) -> str:
    """A notebook's text whose set-up cell installs a file instead of what a repository has."""
    line = re.sub(r"git\+https:\S+?(?=\")", package.as_uri(), INSTALL.format(address="o/n", at=""))
    changed, count = INSTALLS.subn(lambda _: json.dumps(line), notebook)
    if count != 1:
        sys.exit(f"error: {count} install lines where one belongs")
    return changed


def kernel_of(python: str, folder: Path) -> None:
    """Let ``python3`` be the kernel of that environment, for the notebooks that this process executes."""
    place = folder / "kernels" / "python3"
    place.mkdir(parents=True)
    call = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": call, "display_name": "Python 3", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = str(folder)


def printed(cell: NotebookNode) -> str:
    """What a cell shows as text, without progress bars and warnings."""
    parts = [one.get("text") or one.get("data", {}).get("text/plain", "")
             for one in cell.outputs if one.get("name") != "stderr"]
    return "".join(parts).strip()


def warned(notebook: NotebookNode) -> list[str]:
    """The lines on stderr that belong to no progress bar."""
    text = "\n".join(one.text for cell in notebook.cells if cell.cell_type == "code"
                     for one in cell.outputs if one.get("name") == "stderr")
    return [line for line in re.split(r"[\r\n]+", text) if not BAR.search(line)]


def other_checks(notebook: NotebookNode, committed: NotebookNode) -> list[int]:
    """The check cells, counted from 0 among all cells, that print something else than what is committed."""
    pairs = enumerate(zip(notebook.cells, committed.cells, strict=True))
    return [place for place, (now, then) in pairs
            if CHECKED in then.metadata.get("tags", []) and printed(now) != printed(then)]


def check(path: Path, python: str, package: Path) -> bool:
    """Execute one notebook alone, say how it went, and return whether all is well."""
    subprocess.run([python, "-m", "pip", "uninstall", "-qq", "-y", OURS], check=True)
    before, committed = packages(python), nbformat.read(path, 4)
    notebook = nbformat.reads(installing(path.read_text(encoding="utf-8"), package), 4)
    failed = ""
    with tempfile.TemporaryDirectory() as empty:
        start = time.monotonic()
        try:
            NotebookClient(notebook, timeout=1800, resources={"metadata": {"path": empty}}).execute()
        except CellExecutionError as error:
            failed = f"{error.ename}: {error.evalue}"
        seconds = time.monotonic() - start
    changed, lines = sorted(packages(python) ^ before), warned(notebook)
    other = other_checks(notebook, committed) if not failed else []
    slowest = max(seconds_of(cell) for cell in notebook.cells)
    print(f"{path.name}: {failed or 'runs'}, {seconds:.0f} s, its slowest cell {slowest:.0f} s; "
          f"packages changed: {', '.join(changed) or 'none'}; warnings: {' / '.join(lines) or 'none'}; "
          f"check cells that differ: {', '.join(map(str, other)) or 'none'}", flush=True)
    return not (failed or changed or other)


def seconds_of(cell: NotebookNode) -> float:
    """How long a cell took, as nbclient notes it."""
    from dateutil.parser import isoparse

    noted = cell.metadata.get("execution", {})
    if not {"iopub.execute_input", "shell.execute_reply"} <= noted.keys():
        return 0.0
    return (isoparse(noted["shell.execute_reply"]) - isoparse(noted["iopub.execute_input"])).total_seconds()


def main(python: str, paths: list[str]) -> int:
    encrypt()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LRREG_CACHE"] = str(Path(folder, "cache"))
        # As in Colab, where each figure is shown below its cell
        os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # else a debugger that nobody uses complains
        kernel_of(python, Path(folder))
        package = wheel(Path(folder))
        well = [check(Path(path), python, package) for path in paths]
        return 0 if all(well) else 1


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("error: say the environment's python and a notebook, see CONTRIBUTING.md")
    sys.exit(main(sys.argv[1], sys.argv[2:]))

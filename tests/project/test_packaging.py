"""Wheel and source distribution, really built: what is in them, and that each works by itself."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata

import lrreg_utils

ROOT = Path(__file__).parents[2]


def build(source: Path, out: Path, *targets: str) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(out), *targets]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def content(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with the wheel and the source distribution of this repository."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built) -> dict[str, bytes]:
    (path,) = built.glob("*.whl")
    return content(path)


@pytest.fixture(scope="module")
def metadata(wheel) -> Metadata:
    (name,) = (name for name in wheel if name.endswith(".dist-info/METADATA"))
    return Metadata.from_email(wheel[name], validate=True)


@pytest.fixture
def source(built, tmp_path) -> Path:
    """The source distribution, unpacked where nothing of the repository is near."""
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (folder,) = tmp_path.glob("lrreg_utils-*")
    return folder


def test_metadata_is_what_package_indexes_take(metadata):
    assert metadata.metadata_version == "2.4"
    assert (metadata.license_expression, metadata.license_files) == ("MIT", ["LICENSE"])
    assert metadata.requires_python.contains("3.10") and not metadata.requires_python.contains("3.9")
    assert {"Repository", "Issues"} <= set(metadata.project_urls)


def test_the_citation_names_the_same_version(metadata):
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    assert f"version: {metadata.version}" in lines
    assert f"repository-code: {metadata.project_urls['Repository']}" in lines


def test_links_and_pictures_of_the_readme_work_elsewhere(metadata):
    targets = re.findall(r"\]\(([^)]*)\)", metadata.description)
    ours = [target for target in targets if target.startswith(metadata.project_urls["Repository"])]
    assert len(ours) >= 2 and all(target.startswith("https://") for target in targets)
    for target in ours:
        if "/actions/" in target:  # the badge of continuous integration
            continue
        kind, branch, path = target.removeprefix(metadata.project_urls["Repository"] + "/").split("/", 2)
        assert (ROOT / path).is_file()
        assert (kind, branch) == ("raw" if path.endswith(".png") else "blob", "main")


def test_the_wheel_holds_the_package_its_data_and_nothing_else(wheel, metadata):
    about = f"lrreg_utils-{metadata.version}.dist-info"
    assert {name.split("/")[0] for name in wheel} == {"lrreg_utils", about}
    assert f"{about}/licenses/LICENSE" in wheel
    assert not [name for name in wheel if "test" in name]
    for pattern in ("data/**/*.json", "data/**/*.jsonl", "data/sweeps/*.toml", "data/tuning/*.csv",
                    "lrreg_utils/**/*.mjs"):
        paths = [str(path.relative_to(ROOT)) for path in ROOT.glob(pattern)]
        assert paths and {f"lrreg_utils/{path.removeprefix('lrreg_utils/')}" for path in paths} <= set(wheel)


def test_the_wheel_alone_draws_a_recorded_figure(wheel, tmp_path, monkeypatch, run_python):
    monkeypatch.chdir(tmp_path)
    for name, bytes_ in wheel.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes_)
    code = "from lrreg_utils.cli import main as c; print(c.__file__); c.main(['show', 'cifar-small'])"
    site = tmp_path / "site"
    assert run_python(code, PYTHONPATH=str(site)).startswith(str(site))
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")


def test_the_source_gives_the_same_wheel_and_no_leftovers_of_sweeps(source, tmp_path, wheel):
    working = source / "data" / "recordings" / "cifar-small.runs"
    (working / ".locks").mkdir(parents=True)
    (working / ".locks" / "one.lock").touch()
    (working / "one.pt").write_bytes(b"the checkpoint of a run that was stopped")
    build(source, tmp_path / "again", "-t", "wheel")
    (path,) = (tmp_path / "again").glob("*.whl")
    assert content(path) == wheel


def test_the_source_holds_every_file_of_the_repository(source, tracked_files):
    names = [path.relative_to(ROOT) for path in tracked_files if path.exists()]
    assert names and not [name for name in names if not (source / name).exists()]


def test_tests_of_the_source_collect_and_run_where_it_stands_alone(source):
    """All are collected, those that look at the repository run; what asks git for its files is skipped."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "pytest", "-rs", "tests", "-k", "test_address or test_paper_map"]
    done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "not a git checkout" in done.stdout and " passed" in done.stdout


def test_the_package_and_the_changelog_name_the_same_version(metadata):
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", text, re.MULTILINE)
    assert newest[1] == lrreg_utils.__version__ == str(metadata.version)

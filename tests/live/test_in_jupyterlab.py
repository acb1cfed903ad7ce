"""In JupyterLab, with a kernel and a browser: the panel of own runs, and every interactive figure."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from chromium import chromium, needs_chromium
from figures_in_use import Figure

from lrreg_utils.interactive import widgets

pytest.importorskip("jupyterlab")
playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).parents[2]
EPOCHS, MOST_MS = 80, 420_000  # of patience, where cores are busy
PANEL = (
    "import lrreg_utils as lr\n"
    'lab = lr.lab(schedules=["large_lr", "small_lr"], device="cpu", train_size=100, anneal_epoch=20,\n'
    f"             epochs={EPOCHS})\n"
    "lab",
    "equal = [run.columns == lr.train(run.config, 'cpu').history.columns for run in lab.histories]\n"
    "print('equal to lr.train:', equal, 'stopped after', lab.histories[0].provenance.get('resumed_after'))",
)
FIGURES = tuple(f"import lrreg_utils as lr\nlr.interactive_figure({name!r})" for name in widgets.MODELS)


def notebook(cells) -> str:
    made = [{"cell_type": "code", "id": f"cell{place}", "execution_count": None, "metadata": {},
             "outputs": [], "source": text} for place, text in enumerate(cells)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def jupyterlab(tmp_path, request):
    """The address of a JupyterLab of its own, in an empty folder with one notebook of the cells asked for."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "own.ipynb").write_text(notebook(request.param))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = os.environ | own | {"IPYTHONDIR": str(tmp_path / "ipython"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
               f"--port={port}", "--IdentityProvider.token=", "--ServerApp.password=",
               f"--notebook-dir={folder}", "--LabApp.news_url="]
    with open(tmp_path / "log", "wb") as log, \
            subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder) as server:
        address = f"http://127.0.0.1:{port}/lab"
        try:
            wait_for(address, server)
            yield f"{address}/tree/own.ipynb?reset"
        finally:
            server.terminate()


def wait_for(address: str, server: subprocess.Popen) -> None:
    for _ in range(600):
        assert server.poll() is None
        try:
            urllib.request.urlopen(f"{address.removesuffix('/lab')}/api").close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("JupyterLab did not start")


@pytest.fixture
def page():
    """A page of Chromium, which waits for what it is told to."""
    with chromium() as browser:
        opened = browser.new_page(viewport={"width": 1200, "height": 1100})
        opened.set_default_timeout(MOST_MS)
        yield opened


def points(page) -> int:
    """How many points the curves have so far."""
    paths = page.locator(".lrreg-lab path.run").evaluate_all("all => all.map(one => one.getAttribute('d'))")
    return sum(path.count(" ") for path in paths)


def until_more(page, count: int) -> int:
    end = time.monotonic() + MOST_MS / 1000
    while (now := points(page)) <= count:
        assert time.monotonic() < end
        page.wait_for_timeout(100)
    return now


@needs_chromium
@pytest.mark.parametrize("jupyterlab", [PANEL], indirect=True, ids=["panel"])
def test_start_watch_stop_and_go_on(jupyterlab, page):
    page.goto(jupyterlab)
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    cells.first.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    button = {name: page.get_by_role("button", name=name, exact=True) for name in ("Start", "Stop", "Go on")}
    state = page.locator("[role=status]", has_text=re.compile("epochs|runs|ready"))
    button["Start"].click()
    first = until_more(page, 0)
    until_more(page, first)  # it grows
    button["Stop"].click()
    playwright.expect(state).to_contain_text("Stopped.", timeout=MOST_MS)
    assert page.locator(".lrreg-lab svg").count() == 2 and points(page) < 2 * EPOCHS
    button["Go on"].click()
    playwright.expect(state).to_contain_text("Finished: 2 of 2 runs", timeout=MOST_MS)
    assert points(page) >= 2 * EPOCHS
    cells.nth(1).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    output = cells.nth(1).locator(".jp-OutputArea-output")
    playwright.expect(output).to_contain_text("equal to lr.train: [True, True] stopped after [",
                                              timeout=MOST_MS)


@needs_chromium
@pytest.mark.parametrize("jupyterlab", [FIGURES], indirect=True, ids=["figures"])
def test_every_figure_answers_each_of_its_controls(jupyterlab, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(jupyterlab)
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    for name, cell in zip(widgets.MODELS, [cells.nth(place) for place in range(len(FIGURES))], strict=True):
        cell.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        page.locator(f".lrreg-{name} input[type=range]").first.wait_for()
        Figure(page, name).press_each()
    own = jupyterlab.partition("/lab")[0]
    assert not [url for url in asked if not url.startswith((own, "data:", "blob:"))]

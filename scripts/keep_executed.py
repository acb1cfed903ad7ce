"""A pytest plugin beside nbval: what `make notebooks` has executed, `make book` does not execute again.

A chapter whose cells all passed goes, with the outputs of this execution, into the cache from which Jupyter
Book takes executed chapters. What nbval executes and compares stays as it is.
"""

import copy
from pathlib import Path

import pytest
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient

CACHE = Path("_build") / ".jupyter_cache"
SECONDS = 60  # for an idle kernel to say which language it speaks


class Execution:
    """One chapter as its kernel's messages fill it, read by the client that Jupyter Book executes with."""

    def __init__(self, chapter) -> None:
        self.notebook = copy.deepcopy(chapter.nb)
        self.client = NotebookClient(self.notebook)
        self.client.reset_execution_trackers()
        self.client.clear_before_next_output = False
        self.cells = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        for cell in self.cells:
            cell.outputs, cell.execution_count = [], None
        self.count, self.running = 0, None
        self.kernel, self.receive = chapter.kernel, chapter.get_kernel_message
        chapter.get_kernel_message = self.listen

    def listen(self, *arguments, **settings) -> dict:
        """The kernel's next message, for nbval, which is noted here."""
        message = self.receive(*arguments, **settings)
        if message["msg_type"] == "execute_input":
            self.count, self.running = self.count + 1, message["parent_header"]["msg_id"]
            assert message["content"]["code"] == self.cells[self.count - 1].source
        elif message["parent_header"].get("msg_id") == self.running and message["msg_type"] != "status":
            self.client.process_message(copy.deepcopy(message), self.cells[self.count - 1], self.count)
        return message

    def is_whole(self) -> bool:
        return self.count == len(self.cells)

    def complete(self):
        """The notebook with what is known at the end. nbval lets the kernel count nothing."""
        for number, cell in enumerate(self.cells, 1):
            cell.execution_count = number
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = number
        said = self.kernel.kc.kernel_info(reply=True, timeout=SECONDS)
        self.notebook.metadata["language_info"] = said["content"]["language_info"]
        self.client.set_widgets_metadata()
        return self.notebook


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item) -> None:
    """Before the first cell of a chapter, when its kernel has been started."""
    if not hasattr(item.parent, "execution"):
        item.parent.execution = Execution(item.parent)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item, nextitem) -> None:
    """After the last cell of a chapter, while its kernel still runs."""
    chapter = item.parent
    if nextitem is not None and nextitem.parent is chapter:
        return
    if chapter.execution.is_whole() and not item.session.testsfailed:
        bundle = CacheBundleIn(chapter.execution.complete(), str(chapter.path), data={})
        cache = get_cache(CACHE.resolve())
        cache.cache_notebook_bundle(bundle, overwrite=True)
        cache.db.dispose()  # Python 3.13 warns of a connection that is left open

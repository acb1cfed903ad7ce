"""A folder served on this machine, for tests."""

import functools
import http.server
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments) -> None:
        """Write nothing to stderr: tests read it."""


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *arguments) -> None:
        """Say nothing of a browser that leaves a page: it lets go of what it has asked for."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*arguments)


@contextmanager
def served(folder, handler: type[Handler] = Handler) -> Iterator[str]:
    """Serve a folder, and give its address."""
    with Server(("127.0.0.1", 0), functools.partial(handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()

"""Messages between a submission's process and the one that grades it."""

import json
import select
import socket
import struct
import time
from typing import Any

from lrreg_utils.grading.wire import MOST_BYTES

_LENGTH = struct.Struct("!I")


class Closed(ConnectionError):
    """The other side is gone, or says what no message says."""


class Channel:
    """Dictionaries over a socket, whole or not at all.

    Args:
        end: one end of ``socket.socketpair()``.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def send(self, message: dict[str, Any]) -> None:
        """Send one message.

        Raises:
            Closed: nobody reads.
        """
        text = json.dumps(message).encode()
        try:
            self._end.sendall(_LENGTH.pack(len(text)) + text)
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self, until: float | None = None) -> dict[str, Any]:
        """Wait for one message.

        Args:
            until: time of ``time.monotonic()`` at which waiting ends; None waits for ever.

        Raises:
            TimeoutError: nothing came in time.
            Closed: the other side is gone, or what came is no message.
        """
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, until))
        if length > 2 * MOST_BYTES:
            raise Closed("a message that is too long")
        try:
            message = json.loads(self._read(length, until))
        except ValueError as error:
            raise Closed("a message that is none") from error
        if not isinstance(message, dict):
            raise Closed("a message that is none")
        return message

    def _read(self, count: int, until: float | None) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            left = None if until is None else max(0.0, until - time.monotonic())
            try:
                if not select.select([self._end], [], [], left)[0]:
                    raise TimeoutError
                part = self._end.recv(min(count - len(parts), 2**20))
            except (OSError, ValueError) as error:
                if isinstance(error, TimeoutError):
                    raise
                raise Closed(str(error)) from error
            if not part:
                raise Closed("the other side has ended")
            parts += part
        return bytes(parts)

    def close(self) -> None:
        """Close this end."""
        self._end.close()

"""A deadline for a whole answer: a timeout is for one read, and a server that drips has no end."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Scissors:
    """Cuts every connection when the time is up, whatever it is doing.

    A timeout is for one read: a server that sends its headers a byte at a time would hold us for days.
    """

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        for one in self._sockets:
            one.close()

    def watch(self, connection: socket.socket) -> None:
        """A second handle on the connection: TLS takes the first one away."""
        self._sockets.append(connection.dup())

    def _cut(self) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class CutAdapter(HTTPAdapter):
    """requests' own way to connect, with the scissors at hand."""

    def __init__(self, scissors: Scissors) -> None:
        self._scissors = scissors
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools whose connections are watched."""
        super().init_poolmanager(*args, **kwargs)
        watch = self._scissors.watch

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                made = super()._new_conn()
                watch(made)
                return made

        class Encrypted(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                made = super()._new_conn()
                watch(made)
                return made

        plain = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        encrypted = type("EncryptedPool", (HTTPSConnectionPool,), {"ConnectionCls": Encrypted})
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": encrypted}

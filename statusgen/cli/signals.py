"""Stop as asked: SIGTERM ends a command the way Ctrl-C does, with everything put away first."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ASKED = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise KeyboardInterrupt at SIGINT and SIGTERM while this lasts.

    CI sends one and then the other before it kills. A shell that starts a command in the background makes it deaf to
    SIGINT, so both are listened to here.
    """
    before = {one: signal.signal(one, _stop) for one in _ASKED}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
    raise KeyboardInterrupt

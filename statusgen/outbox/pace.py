"""How fast, and whether to go on: shared by all lines of one run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from statusgen.outbox.way import Answer
from statusgen.state import LetterState

_TROUBLES = 5
_SOME = 10
_REFUSED = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The clocks of one run: `clock` only goes forward, in seconds; `stop` is set by whoever wants it to end. `grace`: seconds."""

    now: datetime
    stop: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[threading.Event, float], object] = threading.Event.wait
    grace: float = 5.0


class Pace:
    """Gives every letter its turn: no more than `per_second`."""

    def __init__(self, per_second: float, watch: Watch) -> None:
        self._gap = 1 / per_second
        self._watch = watch
        self._next = watch.clock()
        self._lock = threading.Lock()

    def turn(self) -> None:
        """Wait until the next letter may go out, or the run is to end."""
        with self._lock:
            now = self._watch.clock()
            slot = max(self._next, now)
            self._next = slot + self._gap
        if slot > now:
            self._watch.wait(self._watch.stop, slot - now)


class Timeline:
    """The time of each step of one run, counted from its `now`."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._began = watch.clock()

    def moment(self) -> datetime:
        """The time, in whole seconds."""
        return self._watch.now + timedelta(seconds=int(self._watch.clock() - self._began))


class Course:
    """How the letters of one way fare, and why no more go out. `why` is a whole sentence, or empty while it goes on."""

    def __init__(self, watch: Watch, timeline: Timeline) -> None:
        self.watch = watch
        self.moment = timeline.moment
        self._lock = threading.Lock()
        self._troubles = self._refused = self._answers = 0
        self._why = ""

    @property
    def why(self) -> str:
        """Why no more letters go out."""
        return self._why or ("it was asked to stop." if self.watch.stop.is_set() else "")

    def end(self, why: str) -> None:
        """No more letters go out in this run; the first reason stands."""
        with self._lock:
            self._why = self._why or why

    def heard(self, answer: Answer) -> None:
        """Count an answer, and end where the answers say that something is wrong."""
        with self._lock:
            self._answers += 1
            self._refused += answer.state is LetterState.REFUSED
            is_trouble = answer.state in {LetterState.LATER, LetterState.IN_DOUBT}
            self._troubles = self._troubles + 1 if is_trouble else 0
        if answer.stops:
            self.end(f"the other side wants no more now (it said {answer.code}).")
        elif self._troubles >= _TROUBLES:
            self.end(f"{_TROUBLES} letters in a row were not taken.")
        elif self._answers >= _SOME and self._refused > _REFUSED * self._answers:
            self.end(f"{self._refused} of {self._answers} letters were refused: look at why before more go out.")

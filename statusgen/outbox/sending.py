"""One batch of letters over the lines of one way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress

from statusgen.outbox.journal import Journal
from statusgen.outbox.pace import Course, Pace
from statusgen.outbox.way import Answer, Line, UnreachableError, UsedUpError, Way
from statusgen.state import Frozen

_BATCH_SECONDS = 900
"""A batch ends after this, so that nobody takes it for that of a run that died."""
_POLL = 0.2


class Lines:
    """The open lines of one way, one a thread, for as many batches as there are."""

    def __init__(self, way: Way, journal: Journal, course: Course, sent: Callable[[], None]) -> None:
        self._way = way
        self._journal = journal
        self._course = course
        self._sent = sent
        self._pace = Pace(way.limits.per_second, course.watch)
        self._idle: list[tuple[Line, int]] = []
        self._busy: dict[int, Line] = {}
        self._lock = threading.Lock()
        self._at_work = 0
        self._ended = threading.Condition(self._lock)
        self._pool = ThreadPoolExecutor(way.limits.connections, thread_name_prefix="letters")

    def try_out(self) -> bool:
        """Open the first line; False where the other side cannot be reached. Raises what only a person can put right."""
        try:
            self._idle.append((self._way.open(), 0))
        except UnreachableError as error:
            self._course.end(str(error))
            return False
        return True

    def send(self, batch: Mapping[str, Frozen], answers: dict[str, Answer | None]) -> None:
        """Send a batch. Into `answers`, by key, what became of the letters that may have been taken; None: nobody knows.

        Letters that are not in it were not sent. So it is even when something raises out of here.
        """
        rest = iter(list(batch.items()))
        until = self._course.watch.clock() + _BATCH_SECONDS
        count = min(len(batch), self._way.limits.connections)
        workers: list[Future[None]] = []
        try:
            workers.extend(self._pool.submit(self._work, rest, answers, until) for _ in range(count))
            self._look_after(workers)
        except BaseException:
            self._course.watch.stop.set()
            self._look_after(workers)
            raise
        for worker in workers:
            worker.result()

    def close(self) -> None:
        """Say goodbye on all lines."""
        for line, _ in self._idle:
            line.close()
        self._pool.shutdown()

    def _look_after(self, workers: list[Future[None]]) -> None:
        """Wait for them; once asked to stop, cut after the grace what still goes on.

        Whoever was stopped while workers were being started does not know all of them: those at work are counted, and those that
        begin later find that nothing is to be sent any more.
        """
        watch, left = self._course.watch, self._course.watch.grace
        while wait(workers, timeout=_POLL).not_done or not self._all_ended():
            if watch.stop.is_set():
                left -= _POLL
            if left <= 0:
                for line in list(self._busy.values()):
                    line.cut()

    def _all_ended(self) -> bool:
        with self._ended:
            return self._ended.wait_for(lambda: not self._at_work, timeout=_POLL)

    def _work(self, rest: Iterator[tuple[str, Frozen]], answers: dict[str, Answer | None], until: float) -> None:
        with self._ended:
            self._at_work += 1
        try:
            self._send_all(rest, answers, until)
        finally:
            with self._ended:
                self._at_work -= 1
                self._ended.notify_all()

    def _send_all(self, rest: Iterator[tuple[str, Frozen]], answers: dict[str, Answer | None], until: float) -> None:
        while not self._course.why and self._course.watch.clock() < until:
            self._pace.turn()
            with self._lock:
                key, letter = next(rest, ("", None))
            if letter is None or self._course.why:
                return
            try:
                answer = self._hand_over(key, letter, answers)
            except UnreachableError as error:
                self._course.end(str(error))
                return
            except BaseException:
                self._course.end("something went wrong here.")
                raise
            self._course.heard(answer)
            self._sent()

    def _hand_over(self, key: str, letter: Frozen, answers: dict[str, Answer | None]) -> Answer:
        def before() -> None:
            self._journal.tried(key, self._course.moment())
            answers[key] = None

        while True:
            with self._line() as line, suppress(UsedUpError):
                answer = answers[key] = line.send(letter, before)
                self._journal.settled(key, answer, self._course.moment())
                return answer

    @contextmanager
    def _line(self) -> Iterator[Line]:
        with self._lock:
            line, used = self._idle.pop() if self._idle else (None, 0)
        if line is None:
            line = self._way.open()
        me = threading.get_ident()
        self._busy[me] = line
        try:
            yield line
        finally:
            del self._busy[me]
            if line.is_open and used + 1 < self._way.limits.per_line:
                with self._lock:
                    self._idle.append((line, used + 1))
            else:
                line.close()

"""Whatever servers answer and wherever runs die: a letter that was sent is not sent again, and none is lost."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import suppress
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from statusgen.errors import StateError
from statusgen.outbox import Answer, Limits
from statusgen.outbox.way import UnreachableError, UsedUpError
from statusgen.state import DirState, LetterState, load
from tests.postbox import ACCESS, NOW, letter, send, state_in

LETTERS = [letter("ok", number=number) for number in range(4)]
SENT, LATER, REFUSED, DOUBT = LetterState.SENT, LetterState.LATER, LetterState.REFUSED, LetterState.IN_DOUBT

# What may become of a letter: whether the server took it, and what this side then knows (None: it died, "killed" without a word).
FATES = {
    "sent": (True, SENT),
    "later": (False, LATER),
    "refused": (False, REFUSED),
    "lost": (False, DOUBT),
    "silent": (True, DOUBT),
    "died before": (False, None),
    "died after": (True, None),
    "killed before": (False, None),
    "killed after": (True, None),
    "unreachable": (False, UnreachableError("it cannot be reached.")),
    "used up": (False, UsedUpError()),
}


class DeadError(BaseException):
    """In place of kill -9."""


class Mortal(DirState):
    """State to which nothing is saved any more once its machine is gone."""

    is_gone = False

    def commit(self, *args, **more):
        if self.is_gone:
            raise StateError("the machine is gone")
        super().commit(*args, **more)


class Fated:
    """A way on which each letter meets what was drawn for it."""

    name = "fate"
    is_open = True

    def __init__(self, fates: list[str]):
        self.fates = fates
        self.limits = Limits()
        self.state: Mortal | None = None
        self.took: Counter[bytes] = Counter()
        self.answers: dict[bytes, list[str]] = defaultdict(list)

    def open(self):
        return self

    def send(self, one, before):
        fate = self.fates.pop(0) if self.fates else "sent"
        took, knows = FATES[fate]
        if isinstance(knows, Exception):
            raise knows
        self.state.is_gone = fate.startswith("killed")
        if fate.endswith("before"):
            raise DeadError
        before()
        self.took[one.content] += took
        self.answers[one.content].append(fate)
        if knows is None:
            raise DeadError
        return Answer(state=knows)

    def close(self):
        pass

    cut = close


def run(folder, way, hours: int) -> None:
    """One run, an hour later than the last."""
    way.state = Mortal(folder / "state", keys=(ACCESS.key("state"),))
    with suppress(DeadError, StateError):
        send(folder, way, *LETTERS, now=NOW + timedelta(hours=hours), state=way.state)


@given(st.lists(st.lists(st.sampled_from(sorted(FATES)), max_size=6), max_size=5))
def test_whatever_happens_nothing_that_was_sent_is_sent_again_and_nothing_is_lost(tmp_path_factory, runs):
    folder = tmp_path_factory.mktemp("laws")
    way = Fated([])
    for number, fates in enumerate(runs):
        way.fates = list(fates)
        run(folder, way, number)
    way.fates = []
    for number in range(2):  # and then all goes well
        run(folder, way, len(runs) + number)
    ledger = load(state_in(folder), NOW + timedelta(days=9)).ledger
    for one in LETTERS:
        heard, entry = way.answers[one.content], ledger[one.key]
        assert "sent" not in heard[:-1], "a letter that the server had confirmed went out once more"
        assert "refused" not in heard[:-1]
        assert entry.is_final
        doubts = sum(fate in {"lost", "silent", "died after", "killed after"} for fate in heard)
        assert doubts <= 2
        assert way.took[one.content] <= 2
        assert way.took[one.content] >= 1 or "refused" in heard or doubts == 2
        assert entry.tries >= len(heard)

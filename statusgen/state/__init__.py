"""I/O: what must be remembered from build to build, and where.

    with state.lock():
        memory = load(state, now)           what earlier builds left; records are read when they are asked for
        ...
        save(state, memory, Changes(...))   only what changed, in one step
    update(state, now, decide)          the same for what must be decided anew when somebody else saved first

A `State` is one place (backend: a root with compare-and-swap, and records that never change); `dir` is the default. What is
remembered, and how it is kept, is in `records`, of mail in `post`; how two memories become one in `merging`.
"""

from statusgen.state.backend import State
from statusgen.state.dir import DirState
from statusgen.state.loading import catch_up, load
from statusgen.state.memory import Memory
from statusgen.state.post import Entry, Frozen, LetterState, Stop, Subscription, Suppressed, Told
from statusgen.state.records import Facts, Remembered, Seen, Standing, Verified
from statusgen.state.saving import Changes, save, update

__all__ = [
    "Changes",
    "DirState",
    "Entry",
    "Facts",
    "Frozen",
    "LetterState",
    "Memory",
    "Remembered",
    "Seen",
    "Standing",
    "State",
    "Stop",
    "Subscription",
    "Suppressed",
    "Told",
    "Verified",
    "catch_up",
    "load",
    "save",
    "update",
]

"""I/O: what leaves the house, exactly as the ledger allows.

    deliver(letters, skips, told=…, post=Post(state=…, ways=…, …))

    plan        which letters are new, which wait: pure rules (`ledger`)
    intend      rows, frozen bytes and told states saved in one compare-and-swap; refused, nothing is sent
    batches     taken on in the state, sent over lines (`sending`), written down as it happens (`journal`), settled in the state

A `Way` is one channel: `smtp`, `folder`, `chat`. Exactly once is impossible over SMTP: who dies between the last byte of a
letter and the server's answer leaves it in doubt, and the next run sends the same bytes once more (or not: `in-doubt`).
"""

from statusgen.outbox.deliver import Delivered, Post, deliver
from statusgen.outbox.pace import Watch
from statusgen.outbox.way import Answer, Limits, Line, Way, knock

__all__ = ["Answer", "Delivered", "Limits", "Line", "Post", "Watch", "Way", "deliver", "knock"]

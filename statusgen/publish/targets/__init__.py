"""I/O: from the output folder to where people read it. Each target takes a whole tree, and makes what is there equal to it.

    pages     one tar, as GitHub Pages takes it
    store     an object store that speaks S3
    rsync     another machine

The order is the same everywhere, so that a reader never follows a link to what is not there yet: new and changed files, then
the pages that lead to them, then what is gone is removed, and the heartbeat last: it says that all of it is there.
`limits` knows how much a host takes.
"""

from statusgen.publish.targets.order import Sent

__all__ = ["Sent"]

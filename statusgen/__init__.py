"""statusgen: a static status site and a page per employee, from the ticket and incident feeds that IT already has.

    fetch ─▶ bytes ─▶ sources ─▶ Snapshot ─▶ milestones · promises · health ─▶ views ─▶ channels ─▶ pages ─▶ publish
                                     ▲                     │
                                   state ◀─────────────────┘  (last good readings, milestones first seen, page hashes)

`build` tells it on one screen: every source is fetched and read, or keeps its last good reading (`gather`); the readings are
put together with what state saw (`snapshot`); the whole site is a stream of pages that know how to make themselves (`site`);
only those whose facts changed are rendered, and the tree is swapped in as a whole (`publish`).

How it looks is a theme: folders that `themes` reads and `theme` puts together, each inheriting what it lacks.

Pure code begins at the bytes of a feed and ends at the bytes of a file. `fetch`, `themes`, `publish` and `state` are the rooms
with doors to the outside, and `cli` alone reads the clock and the environment: everything else is given `now`, `get` and `secret`.
Imports go one way; pyproject.toml says which, and a test holds it.
"""

__version__ = "0.1.0"

"""Words of a feed that nobody mapped, counted, and told without telling on anybody. What is logged is read by others.

A word on five rows of more than one ticket is the desk's: it is named, so that it can be mapped. A rarer one may be
somebody's name or complaint in the wrong column, so only its column is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from statusgen.sources.common import counted
from statusgen.text import clean_line

_FEWEST_ROWS = 5
_MOST_WORDS = 20
"""Words that are named one by one; a column that was mapped by mistake has thousands."""


@dataclass(slots=True, kw_only=True)
class _Word:
    """How many rows hold it, and the ticket of the first; `shared`: another ticket has it too."""

    ticket: str
    rows: int = 0
    shared: bool = False


class Unmapped:
    """The words of one column of one source. `what` is what they are, in the singular and the plural."""

    def __init__(self, column: str, *what: str) -> None:
        self._column = column
        self._one, self._many = what
        self._words: dict[str, _Word] = {}

    def add(self, word: str, ticket: str) -> None:
        """One row of a ticket has this word."""
        known = self._words.get(word)
        if known is None:
            known = self._words[word] = _Word(ticket=ticket)
        known.rows += 1
        known.shared = known.shared or known.ticket != ticket

    def told(self, and_so: str, *, nothing: str = "") -> Iterator[str]:
        """Whole phrases: "7 rows with the status word 'On hold', `and_so`". `nothing`: what to say of rows without a word."""
        named = [(word, one.rows) for word, one in self._words.items() if _is_the_desks(word, one)]
        named.sort(key=lambda pair: (-pair[1], pair[0]))
        for word, rows in named[:_MOST_WORDS]:
            yield f"{counted(rows, 'row')} with the {self._one} {clean_line(word)!r}, {and_so}"
        if nothing and (empty := self._words.get("")):
            yield f"{counted(empty.rows, 'row')} with {nothing}, {and_so}"
        rest = [one.rows for word, one in self._words.items() if word and not _is_the_desks(word, one)]
        rest += [rows for _, rows in named[_MOST_WORDS:]]
        if rest:
            words = f"{len(rest):,} other {self._one if len(rest) == 1 else self._many}"
            where = f"Too rare to be named here, where others read it: see the column {clean_line(self._column, 60)!r}."
            yield f"{counted(sum(rest), 'row')} with {words}, {and_so} {where}"


def _is_the_desks(word: str, one: _Word) -> bool:
    return bool(word) and one.shared and one.rows >= _FEWEST_ROWS

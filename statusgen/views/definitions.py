"""What the numbers about teams mean: the page about the site says it, and every number leads there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from statusgen.wording import Words, _, meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a number means. `id` is its place on the page about the site."""

    id: str
    label: str
    meaning: str


MEASURED = _(
    'They are counted as things stood at the end of a period, in working time where it says so. Requests are those of the team at that moment; cancelled and confidential ones count nowhere. "Usual" is the median of the eight periods before, where there were four at least. Of fewer than five no percentage is given.'
)
"""What holds for all of them."""
_MEANINGS = {
    "promises-kept": (
        _("Promises kept"),
        _(
            "A promise is a time that somebody has set for the next word. Of those that fell due in the period it is kept if a word that the requester could see, or the solution, came in time, or if it was the requester's turn. The percentage is kept ÷ (kept + not kept)."
        ),
    ),
    "promises-broken": (
        _("Promises not kept"),
        _("Promises that fell due in the period and whose time passed without a word."),
    ),
    "promises-renewed": (
        _("Promises put off in time"),
        _("Promises in whose place another time was set before they passed. They count as neither kept nor missed."),
    ),
    "silence": (
        _("Longest silence"),
        _(
            "The longest working time since the last word that the requester could see, of all open requests that wait on us. Internal notes are no words."
        ),
    ),
    "silent": (
        _("Silent for 5 working days or more"),
        _("Open requests that wait on us and whose last word is five working days old, or older."),
    ),
    "on-us": (
        _("Waiting on us"),
        _("Open requests in which the next step is ours, and not the requester's, a supplier's or another team's."),
    ),
    "first-reply": (
        _("Time to the first reply"),
        _(
            "Working time from the opening to the first reply that a person wrote and the requester could see, of the replies that came in the period: half of them were quicker."
        ),
    ),
    "unanswered": (_("Open without any reply"), _("Open requests to which nobody has replied.")),
    "due": (
        _("Due, and not finished in time"),
        _("Requests that were to be finished by a time in the period, and were not."),
    ),
    "at-risk": (
        _("Nearly due, and not finished"),
        _(
            "Open requests that are not due yet, but three quarters of whose working time has gone; not while it is the requester's turn."
        ),
    ),
    "reopened": (
        _("Reopened"),
        _("Requests that were solved and came back in the period. The percentage is of those that were solved in it."),
    ),
    "solved": (meant("requests", "Solved"), _("Requests that were solved in the period and still are at its end.")),
    "new": (meant("requests", "New"), _("Requests that were opened in the period.")),
    "open": (
        _("Open at the end of the period"),
        _(
            "Requests that are neither solved nor closed. Those at the start, and those that are new, reopened or taken over, less those that are solved, cancelled or handed over, are exactly those at the end."
        ),
    ),
    "solving": (
        _("Time to the solution"),
        _("Working time from the opening to the solution, of what was solved in the period: half of it was quicker."),
    ),
    "ages": (_("How old open requests are"), _("Calendar days from the opening to the end of the period.")),
    "satisfaction": (
        _("Satisfied requesters"),
        _("Ratings of 4 and 5 among all ratings of requests that were solved in the period."),
    ),
    "faults": (
        _("Trouble with services"),
        _(
            "How long services were down, partly down or disrupted: each minute of a service counts once, however many faults overlap, and planned work does not count."
        ),
    ),
    "planned": (_("Planned work on services"), _("How long announced work went on, of all services together.")),
    "told-after": (
        _("Time until a fault was told"),
        _("From the beginning of a fault to the first public word about it: half of them were told sooner."),
    ),
}
"""By name: the label of a number, and its meaning."""


def place(name: str) -> str:
    """The place of a definition on the page about the site."""
    return f"n-{name}"


def definitions(words: Words) -> Iterator[Definition]:
    """All of them, in the order in which the numbers are told."""
    for name, (label, meaning) in _MEANINGS.items():
        yield Definition(id=place(name), label=words.say(label), meaning=words.say(meaning))

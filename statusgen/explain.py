"""Why a ticket shows what it shows: each fact on its requester's page, and where it came from. Pure.

`statusgen why` prints it. The keys of `as_json` are an interface (DESIGN §4.3): they are added to, never renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from statusgen import milestones, promises
from statusgen.config import Config, SourceConfig
from statusgen.config.source import Rule
from statusgen.model import DONE, Milestone, Promise, Reached, Ticket, WaitingOn
from statusgen.sources.common import fits
from statusgen.working_time import WorkingCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One ticket as its page shows it. `origins`: by fact, a sentence that says where it came from.

    `silent_working_hours` is None where nobody knows of a visible word. `requester_page` is an address, or empty.
    """

    number: str
    source: str
    title: str
    milestone: Milestone
    journey: tuple[Reached, ...]
    waiting_on: WaitingOn
    promise: Promise | None
    last_told_at: datetime | None
    silent_working_hours: float | None
    services: tuple[str, ...]
    requester_page: str
    origins: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page of a ticket's requester: its address, or "", and why it is there or not."""

    address: str = ""
    why: str


def explain(
    ticket: Ticket,
    journey: tuple[Reached, ...],
    *,
    config: Config,
    calendar: WorkingCalendar,
    now: datetime,
    page: Page,
) -> Explanation:
    """Explain a ticket as a build at `now` shows it; `journey` is what state remembers of its way."""
    source = next((one for one in config.sources if one.name == ticket.source), None)
    promise = promises.current(ticket, journey, now=now, calendar=calendar, policy=config.promises.next_update)
    return Explanation(
        number=ticket.number,
        source=ticket.source,
        title=ticket.title,
        milestone=milestones.standing(ticket),
        journey=journey,
        waiting_on=promises.waiting_on(ticket),
        promise=promise,
        last_told_at=promises.last_told_at(ticket, journey),
        silent_working_hours=promises.silent_hours(calendar, ticket, journey, now),
        services=ticket.services,
        requester_page=page.address,
        origins={
            "milestone": _milestone(ticket),
            "milestones": _milestones(ticket, source),
            "waiting_on": f"where the ticket stands: {milestones.standing(ticket)}",
            "promise": _promise(ticket, journey, promise, config),
            "last_told_at": _last_word(ticket, journey),
            "silent_working_hours": f"working time from last_told_at to {now.isoformat()}, [calendar] hours = {config.calendar.hours!r}",
            "services": _services(ticket, source),
            "requester_page": page.why,
        },
    )


def as_json(one: Explanation) -> dict[str, Any]:
    """The object of `why --output-format json`; times are ISO 8601 in UTC."""
    promise = one.promise
    return {
        "number": one.number,
        "source": one.source,
        "milestone": one.milestone.value,
        "milestones": [{"milestone": r.milestone.value, "at": _time(r.at), "quiet": r.quiet} for r in one.journey],
        "waiting_on": one.waiting_on.value,
        "promise": promise
        and {
            "by": _time(promise.by),
            "made_at": _time(promise.made_at),
            "state": promise.state.value,
            "computed": promise.computed,
        },
        "last_told_at": _time(one.last_told_at),
        "silent_working_hours": None if one.silent_working_hours is None else round(one.silent_working_hours, 4),
        "services": list(one.services),
        "requester_page": one.requester_page or None,
        "from": dict(one.origins),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _milestone(ticket: Ticket) -> str:
    last = ticket.events[-1]
    for event in reversed(ticket.events):
        if event.milestone is None:
            continue
        said = f"status word {event.status!r} by [sources.status]"
        return said if event is last else f"{said}; the last word, {last.status!r}, is not in it and changes nothing"
    return f"no word of this ticket is in [sources.status] (the last one is {last.status!r}), so it counts as received"


def _milestones(ticket: Ticket, source: SourceConfig | None) -> str:
    if source and source.shape == "events":
        return f"the {len(ticket.events)} rows of the feed; assigned and reopened are derived from them"
    return "the builds that first saw each status, and opened-at, resolved-at and closed-at; assigned and reopened are derived"


def _promise(ticket: Ticket, journey: tuple[Reached, ...], promise: Promise | None, config: Config) -> str:
    if promise is None:
        return _no_promise(ticket)
    if not promise.computed:
        return "next-update-at of the feed"
    # 3 where a ticket has none: DESIGN §4.1
    priority = ticket.priority or 3
    span = config.promises.next_update[priority]
    amount = f"{span.days:g}d" if span.days else f"{span.hours:g}h"
    told = _last_word(ticket, journey)
    return (
        f"[promises] next-update of priority {priority}: {amount} of working time after the last visible word ({told})"
    )


def _no_promise(ticket: Ticket) -> str:
    where = milestones.standing(ticket)
    if where in DONE:
        return f"it is {where}, so nothing is promised any more"
    if where is Milestone.WAITING_CUSTOMER:
        return "it is the customer's turn, and no date was set"
    return "no date was set, and the usual time after the last visible word has passed or is not known"


def _last_word(ticket: Ticket, journey: tuple[Reached, ...]) -> str:
    told = promises.last_told_at(ticket, journey)
    if told is None:
        return "nobody knows of a visible word"
    for reached in reversed(journey):
        if reached.at == told and not reached.quiet:
            return f"milestone {reached.milestone}"
    if any(update.at == told for update in promises.words_by_it(ticket)):
        return "a public update by IT"
    return "opened-at"


def _services(ticket: Ticket, source: SourceConfig | None) -> str:
    if source is None:
        return f"the source {ticket.source}, which the configuration no longer has"
    for number, rule in enumerate(source.services, start=1):
        if rule.service in ticket.services and _fits(rule, ticket):
            when = ", ".join(f"{field} = {list(words)!r}" for field, words in rule.when.items())
            return f"rule {number} of [[sources.services]]: {when}"
    return "the field `service` of the feed" if ticket.services else "no rule of [[sources.services]] fits"


def _fits(rule: Rule, ticket: Ticket) -> bool:
    return all(fits(str(getattr(ticket, field.replace("-", "_"), "")), words) for field, words in rule.when.items())

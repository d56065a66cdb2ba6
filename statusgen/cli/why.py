"""`statusgen why`: why a ticket shows what it shows, from what the last build remembered."""

from __future__ import annotations

import difflib
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from statusgen.cli.session import Session, with_session
from statusgen.errors import UsageError

if TYPE_CHECKING:
    from statusgen.cli.terminal import Terminal
    from statusgen.config import Config
    from statusgen.explain import Explanation
    from statusgen.model import Ticket
    from statusgen.state import Memory, Seen
    from statusgen.working_time import WorkingCalendar

_WHENEVER = datetime.max.replace(tzinfo=UTC)


@click.command("why")
@click.argument("tickets", metavar="TICKET...", nargs=-1, required=True)
@with_session
def command(session: Session, /, *, tickets: tuple[str, ...]) -> None:
    """Say why a ticket shows what it shows.

    Where it stands and by which word of its feed, the way there, who has the ball, by when more is said, how long
    nothing was, its services and its requester's page; and where each of these came from.

    TICKET is a number, or SOURCE/NUMBER where two sources use the same one. The answer is as of the last build, or as of
    --now.
    """
    from statusgen.explain import as_json

    config = session.config()
    memory = _memory(session, config)
    now = session.fixed_now or memory.built_at or session.now
    found = [_find(memory, number) for number in tickets]
    calendar = _calendar(session, config, now)
    told = [_explain(session, config, memory, calendar, now, one) for one in found]
    if session.terminal.as_json:
        answers = [as_json(one) for one in told]
        session.terminal.json(answers if len(answers) > 1 else answers[0])
        return
    for one in told:
        _show(session.terminal, one, calendar.zone)


def _memory(session: Session, config: Config) -> Memory:
    from statusgen.state import load

    state = session.state(config)
    memory = load(state, session.fixed_now or _WHENEVER)
    for warning in memory.warnings:
        session.terminal.warning(warning)
    if memory.built_at is None:
        raise UsageError(f"nothing is remembered in {state.place}", help="Run `statusgen build` first.")
    return memory


def _find(memory: Memory, wanted: str) -> tuple[Ticket, Seen]:
    source, _, number = wanted.rpartition("/")
    found = [*memory.find(wanted), *(memory.find(number) if source else ())]
    if source:
        found = [one for one in found if one[0].key == wanted or one[0].number == wanted]
    if len(found) > 1:
        keys = ", ".join(sorted(ticket.key for ticket, _ in found))
        raise UsageError(f"more than one source has a ticket {wanted}", help=f"Say which: {keys}.")
    if not found:
        raise _unknown(memory, wanted)
    return found[0]


def _unknown(memory: Memory, wanted: str) -> UsageError:
    readings = [known.reading for source in memory.facts if (known := memory.remembered(source))]
    numbers = {ticket.number for reading in readings for ticket in reading.tickets}
    if memory.locked_out:
        return UsageError(
            f"what is known of tickets is sealed in {memory.place}, and the secret that opens it is not here",
            help="Set STATUSGEN_SECRET (or what `secret` in [privacy] names) as the build has it.",
        )
    near = [number for number in numbers if number.casefold() == wanted.casefold()]
    near = near or difflib.get_close_matches(wanted, numbers, 3)
    hint = f"Did you mean {', '.join(near)}?" if near else f"The last build knew {len(numbers):,} tickets."
    return UsageError(f"there is no ticket {wanted}", help=hint)


def _calendar(session: Session, config: Config, now: datetime) -> WorkingCalendar:
    from statusgen.working_time import WorkingCalendar

    days = config.calendar.holidays
    if isinstance(days, str):
        from statusgen.build import holidays

        days = tuple(holidays(config, session.root, now))
    return WorkingCalendar(
        weekly=config.calendar.weekly, zone=ZoneInfo(config.site.time_zone), holidays=frozenset(days)
    )


def _explain(
    session: Session,
    config: Config,
    memory: Memory,
    calendar: WorkingCalendar,
    now: datetime,
    found: tuple[Ticket, Seen],
) -> Explanation:
    from statusgen import milestones
    from statusgen.cli.personal import page_of_requester
    from statusgen.explain import explain

    ticket, seen = found
    ticket = replace(ticket, events=seen.events or ticket.events)
    journey = seen.journey or milestones.journey(ticket)
    page = page_of_requester(session, config, ticket, memory)
    return explain(ticket, journey, config=config, calendar=calendar, now=now, page=page)


def _show(out: Terminal, one: Explanation, zone: tzinfo) -> None:
    silent = one.silent_working_hours
    way = "\n".join(f"{_when(r.at, zone):<20}  {r.milestone}{'  (quiet)' if r.quiet else ''}" for r in one.journey)
    facts = {
        "milestone": one.milestone.value,
        "milestones": way,
        "waiting_on": one.waiting_on.value,
        "promise": _promise(one, zone),
        "last_told_at": _when(one.last_told_at, zone),
        "silent_working_hours": "nobody knows" if silent is None else f"{silent:.1f}",
        "services": ", ".join(one.services) or "none",
        "requester_page": one.requester_page or "none",
    }
    out.result(f"{one.number}  {one.title}".rstrip() + f"  ({one.source})")
    for name, value in facts.items():
        first, *more = value.splitlines() or [""]
        out.result(f"  {name.replace('_', ' '):<22}{first}")
        for line in (*more, f"  from: {one.origins[name]}"):
            out.result(f"  {'':<22}{line}")
    out.result()


def _promise(one: Explanation, zone: tzinfo) -> str:
    promise = one.promise
    if promise is None:
        return "none"
    by = _when(promise.by, zone)
    return f"usually by {by} (computed)" if promise.computed else f"by {by}, {promise.state}"


def _when(moment: datetime | None, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}" if moment else "nobody knows when"

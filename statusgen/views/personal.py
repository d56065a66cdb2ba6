"""One person's page: each open request, where it is, who has it, and by when more is said; your turn first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from statusgen import milestones, promises
from statusgen.model import DONE, Milestone, Person, Reached, Ticket
from statusgen.text.ics import Event
from statusgen.views.common import Link, Look, Tag
from statusgen.views.dates import my_dates
from statusgen.views.ticket import FAR, LogLine, Rules, TicketCard, anchors, card, foreign, known, order, said_by
from statusgen.wording import MILESTONES

__all__ = ["DoneLine", "MyService", "PersonPage", "Rules", "SealedPage", "person_page"]

_MOST_OPEN = 150
"""More have no room in any case: the smallest takes over 1.4 kB, and a page has 200 (`room`)."""
_MOST_DONE = 20
_RECENT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneLine:
    """A finished request that still stands on the page. `at` None: nobody knows when it ended."""

    number: str
    anchor: str
    title: str
    foreign: str
    tag: Tag
    at: datetime | None
    reopen_until: datetime | None
    said: LogLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyService:
    """A service that the person uses."""

    link: Link
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """One person's page. `headline` and `lede` are sentences; `feed` is the address of the person's feed.

    `sealed`: the page opens with a code; `guarded`: the server asks who it is. `full_feed`: the feed holds titles. `dates` are those
    to keep in a calendar. `more` open and `more_done` finished requests have no room here. `moves_on`: the day on which another address takes over.
    """

    look: str
    headline: str
    lede: str
    last_change: datetime | None
    tickets: tuple[TicketCard, ...]
    done: tuple[DoneLine, ...]
    services: tuple[MyService, ...]
    feed: str
    keep_days: int
    sealed: bool = False
    guarded: bool = False
    full_feed: bool = False
    dates: tuple[Event, ...] = ()
    more: int = 0
    more_done: int = 0
    moves_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPage:
    """A page that opens with a code: what everybody may see of it. `check` tells a wrong code, `sealed` is the rest in base64.

    `moves_on`: the day on which another address takes over.
    """

    site_id: str
    token: str
    check: str
    sealed: str
    moves_on: date | None = None


def person_page(
    look: Look,
    person: Person,
    tickets: Iterable[Ticket],
    rules: Rules,
    *,
    feed: str,
    sealed: bool = False,
    site_id: str = "",
) -> PersonPage:
    """The page of one person with these tickets. `sealed`: it opens with a code, and says so; `site_id` is part of ids."""
    mine = tuple(tickets)
    names = anchors(mine)
    still_open = sorted((known(look, ticket, rules) for ticket in mine if milestones.is_open(ticket)), key=order)
    cards = tuple(card(look, one, names[one.ticket.key]) for one in still_open)
    ended = _ended_lately(look, mine, rules)
    done = tuple(_done_line(look, ticket, at, rules, names[ticket.key]) for at, ticket in ended[:_MOST_DONE])
    shown = cards[:_MOST_OPEN]
    return PersonPage(
        look="turn" if any(one.is_ask for one in cards) else "busy" if cards else "ok",
        headline=_headline(look, cards),
        lede=_lede(look, cards) if cards else _rest(look, mine),
        last_change=_last_change(look, mine),
        tickets=shown,
        done=done,
        services=tuple(_services(look, person, mine)),
        feed=feed,
        keep_days=rules.keep_closed.days,
        sealed=sealed,
        dates=tuple(my_dates(look, shown, site_id)),
        more=len(cards) - len(shown),
        more_done=len(ended) - len(done),
    )


def _ended_lately(look: Look, tickets: tuple[Ticket, ...], rules: Rules) -> list[tuple[datetime | None, Ticket]]:
    """Finished tickets that still stand here and when they ended, newest first.

    Where nobody knows when it ended, `updated_at` says when it had at the latest.
    """
    found = []
    for ticket in tickets:
        if milestones.is_open(ticket):
            continue
        ended = _ended(look.snapshot.journeys.get(ticket.key, ()))
        latest = ended or ticket.updated_at
        if latest is None or look.now < latest + rules.keep_closed:
            found.append((ended, ticket))
    found.sort(key=lambda pair: (pair[0] is not None, pair[0] or FAR, pair[1].key), reverse=True)
    return found


def _ended(way: tuple[Reached, ...]) -> datetime | None:
    """When it was first finished, since it was last open: closed is an echo of solved."""
    ended: datetime | None = None
    for reached in reversed(way):
        if reached.milestone not in DONE:
            break
        ended = reached.at or ended
    return ended


def _done_line(look: Look, ticket: Ticket, ended: datetime | None, rules: Rules, anchor: str) -> DoneLine:
    where = milestones.standing(ticket)
    tag_look, word = MILESTONES[where]
    said = promises.words_by_it(ticket)
    return DoneLine(
        number=ticket.number,
        anchor=anchor,
        title=ticket.title or ticket.number,
        foreign=foreign(look, ticket.language),
        tag=Tag(look=tag_look, word=look.words.say(word)),
        at=ended,
        # As long as it stands on the page.
        reopen_until=ended + rules.keep_closed if ended and where is not Milestone.CANCELLED else None,
        said=said_by(look, said[-1], ticket) if said else None,
    )


def _headline(look: Look, cards: tuple[TicketCard, ...]) -> str:
    words, many, turn = look.words, len(cards), sum(card.is_ask for card in cards)
    if not cards:
        return words.say("Nothing open")
    if turn and many == 1:
        return words.say("Your request waits for you")
    text = words.count("One open request", "%(word)s open requests", many)
    if turn:
        waits = words.count("one waits for you", "%(word)s wait for you", turn)
        # Translators: such as "Three open requests, one waits for you"
        text = words.say("%(requests)s, %(waits)s") % {"requests": text, "waits": waits}
    return text[:1].upper() + text[1:]


def _lede(look: Look, cards: tuple[TicketCard, ...]) -> str:
    """The one thing to know: what is asked, else what was not kept, else when more is said."""
    words = look.words
    asked = [one for one in cards if one.is_ask]
    if asked:
        return _asked(look, asked[0], others=len(cards) - len(asked) if len(asked) == 1 else 0)
    missed = sum(_dated(one, "missed") is not None for one in cards)
    if missed:
        return words.count(
            "%(num)d promise to you was not kept. It stands first.",
            "%(num)d promises to you were not kept. They stand first.",
            missed,
        )
    return _coming(look, cards)


def _rest(look: Look, tickets: tuple[Ticket, ...]) -> str:
    """Where nothing is open: when the last one was finished."""
    ways = (look.snapshot.journeys.get(ticket.key, ()) for ticket in tickets)
    ended = max((at for way in ways if (at := _ended(way))), default=None)
    if ended is None:
        return look.words.say("When you ask something of IT, you see here how it is doing.")
    day = look.words.day(ended, year=not look.is_recent(ended))
    return look.words.say("The last one was finished on %(day)s.") % {"day": day}


def _asked(look: Look, asked: TicketCard, *, others: int) -> str:
    words = look.words
    text = words.say("%(title)s: we need your answer.") % {"title": words.isolated(asked.title)}
    if asked.ask_by:
        text = words.say("%(title)s: we need your answer by %(moment)s.") % {
            "title": words.isolated(asked.title),
            "moment": words.moment(asked.ask_by),
        }
    if others:
        rest = words.count("The other one asks nothing of you.", "The other %(word)s ask nothing of you.", others)
        text = f"{text} {rest}"
    return text


def _coming(look: Look, cards: tuple[TicketCard, ...]) -> str:
    words = look.words
    promised = [at for one in cards if (at := _dated(one, "next"))]
    if promised:
        return words.say("You hear more by %(moment)s.") % {"moment": words.moment(min(promised))}
    usual = [at for one in cards if (at := _dated(one, "usual"))]
    if usual:
        return words.say("You usually hear more by %(day)s.") % {"day": words.day(min(usual))}
    planned = [at for one in cards if (at := _dated(one, "planned"))]
    if planned:
        return words.say("The next date is %(moment)s.") % {"moment": words.moment(min(planned))}
    return words.say("Nobody has said when you hear more. You may call and ask.")


def _dated(one: TicketCard, kind: str) -> datetime | None:
    return next((stub.at for stub in one.stubs if stub.kind == kind), None)


def _last_change(look: Look, tickets: tuple[Ticket, ...]) -> datetime | None:
    times = [reached.at for ticket in tickets for reached in look.snapshot.journeys.get(ticket.key, ()) if reached.at]
    times += [update.at for ticket in tickets for update in ticket.updates[-1:]]
    return max((at for at in times if at <= look.now), default=None)


def _services(look: Look, person: Person, tickets: tuple[Ticket, ...]) -> Iterator[MyService]:
    """Those of the tickets of the last 90 days and those of the list of people, in the site's order."""
    since = look.now - _RECENT
    used = {one for ticket in tickets if (ticket.opened_at or look.now) >= since for one in ticket.services} | set(
        person.services
    )
    for service in look.snapshot.services:
        if service.id in used:
            yield MyService(link=look.service_link(service.id), tag=look.tag(look.states[service.id]))

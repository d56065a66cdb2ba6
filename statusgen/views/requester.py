"""A person's own digest: what happens next with their requests. Your turn comes first, then dates, then what goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from statusgen import addresses, milestones, promises
from statusgen.digests import faults
from statusgen.digests.periods import Period
from statusgen.digests.requests import Item, Kind, Requests
from statusgen.model import Milestone
from statusgen.text import clean_line
from statusgen.views.common import Look, is_over
from statusgen.views.digest import about, planned_row
from statusgen.views.message import Message, MessageKind, Recipient, Row, Section
from statusgen.views.notice import SUBJECT
from statusgen.views.ticket import foreign
from statusgen.wording import MILESTONES, _, meant

MOST_ROWS = 10
"""The most requests in one digest."""
_MOST_SERVICES = 5
_ASK = 200
"""The most characters of what somebody is asked."""
_TITLE, _LEAST = 30, 12
"""The most characters of a title in a subject, and the least where the rest of it is long."""
_AHEAD = timedelta(days=7)

_HEADINGS: Mapping[Kind, str] = {
    Kind.TURN: meant("request", "Your turn"),
    Kind.MISSED: _("Promised, and not kept"),
    Kind.DATE: _("Coming up"),
    Kind.MOVED: _("The date has changed"),
    Kind.GOING: meant("request", "We are on it"),
    Kind.SOLVED: _("Solved since the last time"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a person's digest is made with: how the reader sees things, and addresses.

    `base_url` is that of the reader's language; `page` the person's own. `secret`: keys of tickets of which mail, which goes in
    clear, tells no more than number and step. `services`: those of the person.
    """

    look: Look
    base_url: str
    page: str
    secret: Collection[str] = frozenset()
    services: frozenset[str] = frozenset()


def own_digest(own: Own, found: Requests, recipient: Recipient, name: str, period: Period) -> Message:
    """The digest of one person's requests, of which there is at least one. `name` is that of the digest."""
    words, items = own.look.words, found.items
    shown = items[:MOST_ROWS]
    weekly = period.is_week
    return Message(
        kind=MessageKind.REQUESTER_DIGEST,
        about=about(name, period.key, ""),
        told="",
        made_at=period.due,
        recipient=recipient,
        subject=_subject(own, items),
        headline=_headline(own, items),
        by=_next(own, items),
        reason=words.say("You get this because you have asked something of IT."),
        list_name=words.say(_("Every week about your requests") if weekly else _("Every day about your requests")),
        stop=words.say("Stop this mail."),
        link=own.page,
        link_label=words.say("See all your requests"),
        sections=(*_sections(own, shown, len(items) - len(shown)), *_services(own, period)),
    )


def _sections(own: Own, items: tuple[Item, ...], left: int) -> Iterator[Section]:
    for kind in Kind:
        rows = tuple(_row(own, item) for item in items if item.kind is kind)
        last = bool(rows) and kind is items[-1].kind
        more = own.look.words.count("%(num)d more …", "%(num)d more …", left) if last and left else ""
        if rows:
            yield Section(
                heading=own.look.words.say(_HEADINGS[kind]),
                rows=rows,
                more=more,
                more_link=own.page if more else "",
                urgent=kind is Kind.TURN,
            )


def _row(own: Own, item: Item) -> Row:
    look, ticket = own.look, item.ticket
    is_secret = ticket.key in own.secret
    at, label = _date(own, item)
    return Row(
        ref=ticket.number,
        title=_title(own, item),
        foreign="" if is_secret else foreign(look, ticket.language),
        why=_step(own, item) if is_secret else _why(own, item),
        person="" if is_secret or item.kind is Kind.SOLVED else _holder(own, item),
        at=at,
        at_label=label,
        link=f"{own.page}#{addresses.ticket_anchor(ticket.number)}",
    )


def _title(own: Own, item: Item) -> str:
    return item.ticket.number if item.ticket.key in own.secret else item.ticket.title or item.ticket.number


def _holder(own: Own, item: Item) -> str:
    ticket = item.ticket
    return own.look.words.join(dict.fromkeys(part for part in (ticket.assignee, ticket.team) if part))


def _step(own: Own, item: Item) -> str:
    """Where it is on its way."""
    where = Milestone.RESOLVED if item.kind is Kind.SOLVED else milestones.standing(item.ticket)
    return own.look.words.say(MILESTONES[where][1])


def _why(own: Own, item: Item) -> str:
    words = own.look.words
    if item.kind is Kind.TURN:
        asked = clean_line(promises.ask(item.ticket), _ASK)
        return asked or words.say("We need something from you to go on. Look in your mail, or call us.")
    if item.kind is Kind.MISSED and item.at:
        said = words.say("We said %(when)s and did not make it.") % {"when": words.moment(item.at)}
        return f"{said} {words.say('You may call and ask.')}"
    if item.kind is Kind.MOVED and item.was:
        return words.say("Moved; it was %(when)s.") % {"when": words.day(item.was)}
    if item.kind is Kind.SOLVED:
        return words.say("Not right after all? Answer with its number, and we open it again.")
    if item.at is None and item.silent:
        said = words.count("No word for %(num)d working day.", "No word for %(num)d working days.", item.silent)
        return f"{said} {words.say('You may call and ask.')}"
    return _step(own, item)


def _date(own: Own, item: Item) -> tuple[datetime | None, str]:
    """The date that stands large beside a request, and what it is."""
    words = own.look.words
    if item.at is None or item.kind is Kind.MISSED:
        return None, ""
    if item.kind is Kind.TURN:
        return item.at, words.say("Please answer by")
    if item.kind is Kind.SOLVED:
        return item.at, words.say(meant("request", "Solved"))
    if item.kind in {Kind.DATE, Kind.MOVED}:
        takes_place = milestones.standing(item.ticket) is Milestone.SCHEDULED
        return item.at, words.say(_("Takes place") if takes_place else _("Expected to be finished"))
    return item.at, words.say(_("Usually you hear by") if item.is_usual else _("Next update by"))


def _subject(own: Own, items: tuple[Item, ...]) -> str:
    """The first date, and how many questions there are."""
    words = own.look.words
    turn = [item for item in items if item.kind is Kind.TURN]
    dated = [item for item in items if item.kind in {Kind.DATE, Kind.MOVED}]
    missed = [item for item in items if item.kind is Kind.MISSED]
    solved = [item for item in items if item.kind is Kind.SOLVED]
    said = []
    if turn:
        said.append(words.count("%(num)d question for you", "%(num)d questions for you", len(turn)))
    if missed:
        said.append(words.count("%(num)d promise to you missed", "%(num)d promises to you missed", len(missed)))
    has_date = bool(dated and dated[0].at)
    if solved and len(said) + has_date < 2:
        said.append(words.count("%(num)d request solved", "%(num)d requests solved", len(solved)))
    if has_date:
        said.insert(0, _dated(own, dated[0], said[:1]))
    going = sum(item.kind is Kind.GOING for item in items)
    if not said:
        said.append(words.count("We are at your request", "We are at your %(num)d requests", going))
    return "; ".join(said[:2])


def _dated(own: Own, item: Item, rest: list[str]) -> str:
    """The date of a request in a subject, with as much of its title as there is room for beside the rest."""
    words = own.look.words
    day = words.day(item.at) if item.at else ""
    room = SUBJECT - len("; ".join([words.label(day, ""), *rest]))
    return words.label(day, words.isolated(clean_line(_title(own, item), max(_LEAST, min(room, _TITLE)))))


def _headline(own: Own, items: tuple[Item, ...]) -> str:
    words = own.look.words
    turn = [item for item in items if item.kind is Kind.TURN]
    if len(turn) == 1:
        return words.say("%(title)s: we need your answer.") % {"title": words.isolated(_title(own, turn[0]))}
    if turn:
        return words.count("One request waits for you.", "%(num)d requests wait for you.", len(turn))
    going = sum(item.kind is not Kind.SOLVED for item in items)
    if not going:
        return words.count("Your request is solved.", "%(num)d requests of yours are solved.", len(items))
    return words.count("What happens next with your request", "What happens next with your requests", going)


def _next(own: Own, items: tuple[Item, ...]) -> str:
    """The first moment at which more is said or something happens."""
    words = own.look.words
    dates = [item.at for item in items if item.at and item.kind in {Kind.DATE, Kind.MOVED}]
    hears = [item.at for item in items if item.at and item.kind is Kind.GOING and not item.is_usual]
    if hears and (not dates or min(hears) < min(dates)):
        return words.say("You hear more by %(moment)s.") % {"moment": words.moment(min(hears))}
    if dates:
        return words.say("The next date is %(moment)s.") % {"moment": words.moment(min(dates))}
    asked = [item.at for item in items if item.at and item.kind is Kind.TURN]
    if asked:
        return words.say("Please answer by %(when)s") % {"when": words.moment(min(asked))}
    return ""


def _services(own: Own, period: Period) -> Iterator[Section]:
    """Faults and planned work that touch the services that the person uses."""
    rows = (*_troubles(own, period), *_works(own))[:_MOST_SERVICES]
    if rows:
        yield Section(heading=own.look.words.say("Your services"), rows=rows)


def _troubles(own: Own, period: Period) -> Iterator[Row]:
    look, words = own.look, own.look.words
    for incident in faults.happened(look.snapshot, period.start, look.now):
        if not own.services.isdisjoint(incident.services) and not look.is_notice(incident):
            title, over = look.phrase(incident.title), is_over(incident, look.now)
            yield Row(
                ref="",
                title=title.text,
                foreign=title.foreign,
                why="" if over else words.say("Going on"),
                at=incident.ended_at if over else incident.next_update_at,
                at_label=words.say(meant("problem", "Solved") if over else _("Next update by")),
                link=f"{own.base_url}{addresses.incident(incident.id)}",
            )


def _works(own: Own) -> Iterator[Row]:
    look = own.look
    for begins, _ends, work in faults.coming(look.snapshot, look.now, look.now + _AHEAD):
        if not own.services.isdisjoint(work.services):
            yield planned_row(look, begins, work, base_url=own.base_url)

"""The twins of the pages that say how things are: home, a service, an incident, planned work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from statusgen import addresses
from statusgen.channels.markdown.lines import happened, planned
from statusgen.channels.markdown.sheet import Sheet
from statusgen.text.commonmark import escape, link
from statusgen.views.facts import Fact, facts, promise
from statusgen.views.gauge import NO_DATA
from statusgen.views.home import HomePage, PastDay
from statusgen.views.incident import IncidentPage, PlannedPage, Station, UpdateLine
from statusgen.views.parts import Card, Link, PlannedLine, ServiceLine
from statusgen.views.service import DayLine, Need, Numbers, ServicePage


def head(sheet: Sheet, title: str, lede: str = "", last_change: datetime | None = None, *, foreign: str = "") -> None:
    """The sentence that says it all, what it means, and when something last changed. `foreign`: what language they are in."""
    sheet.heading(1, escape(title))
    sheet.add(escape(lede), sheet.spoken(foreign))
    changed = f"{sheet.say('Last change')} {sheet.times.moment(last_change)}" if last_change else ""
    checked = sheet.file(addresses.HEARTBEAT, sheet.words.say("When was this checked?"), top=True)
    sheet.add(sheet.parts(changed, checked))


def home(page: HomePage, sheet: Sheet) -> None:
    """What goes on, every service, what is planned, the last seven days."""
    head(sheet, page.headline, page.lede, page.last_change)
    sheet.heading(2, sheet.say("Happening now"))
    for card in page.cards:
        _card(card, sheet)
    if not page.cards:
        quiet = sheet.say("All quiet.") if page.look == "ok" else ""
        own = sheet.say("Does something not work for you? It may be just your device or account.")
        desk = f"{sheet.say('Tell the service desk:')} {sheet.reach()}" if sheet.reach() else ""
        sheet.add(" ".join(filter(None, (quiet, own, desk))))
    sheet.heading(2, sheet.say("All services"))
    for group in page.groups:
        if group.name:
            sheet.heading(3, escape(group.name))
        sheet.bullets(_service(line, sheet) for line in group.services)
    _soon(page.planned, sheet)
    sheet.heading(2, sheet.say("Last 7 days"))
    sheet.bullets(line for day in page.past for line in _day(day, sheet))
    sheet.add(sheet.page(Link(address=addresses.HISTORY, text=sheet.words.say("All history"))))
    sheet.heading(2, sheet.say("Get updates"))
    sheet.feeds()
    _all_feeds(sheet)


def service(page: ServicePage, sheet: Sheet) -> None:
    """How a service is, its last 90 days, its numbers, what happened, what it needs, what is planned."""
    head(sheet, page.headline, page.lede, page.last_change)
    if page.cards:
        sheet.heading(2, sheet.say("Happening now"))
        for card in page.cards:
            _card(card, sheet)
    sheet.heading(2, sheet.say("Last 90 days"))
    days = f"{sheet.times.day(page.gauge.first)} – {sheet.times.day(page.gauge.last)}"
    sheet.add(sheet.parts(days, escape(page.gauge.label)))
    sheet.bullets(_bar(day, sheet) for day in page.days)
    sheet.heading(2, sheet.say("In numbers"))
    sheet.bullets(_numbers(page, sheet))
    if page.past:
        sheet.heading(2, sheet.say("Problems and planned work"))
        sheet.bullets(happened(line, sheet, day=True) for line in page.past)
        if page.has_more:
            sheet.add(sheet.page(Link(address=addresses.HISTORY, text=sheet.words.say("Older problems"))))
    _about(page, sheet)
    _soon(page.planned, sheet, addresses.service(page.id))
    sheet.heading(2, sheet.say("Get updates on this service"))
    folder = addresses.service(page.id)
    sheet.feeds(folder)
    if page.by_mail:
        sheet.bullets((link(sheet.words.say("Mail: when something is wrong"), page.by_mail),))
    badges = (sheet.file(folder + name, top=True) for name in addresses.BADGES.values())
    sheet.bullets(
        (
            sheet.words.label(sheet.say("A badge"), sheet.words.join(badges)),
            sheet.words.label(sheet.say("A small page in a frame"), f"<{sheet.url}{addresses.embed(addresses.HOME)}>"),
            sheet.words.label(sheet.say("For programs"), sheet.file(folder + addresses.STATUS, top=True)),
        )
    )
    _all_feeds(sheet)


def incident(page: IncidentPage, sheet: Sheet) -> None:
    """An incident in short, where it stands, and every update."""
    words = sheet.words
    head(
        sheet,
        words.label(page.word, page.title) if page.over else page.title,
        page.lede.text,
        page.last_change,
        foreign=page.foreign or page.lede.foreign,
    )
    sheet.heading(2, sheet.say("In short"))
    state = () if page.over else (Fact(label=words.say("State"), text=page.word),)
    _facts((*state, *facts(page, sheet.times)), sheet)
    if page.line:
        step = words.say("Step %(step)s of %(steps)s: %(name)s")
        here = step % {"step": page.step, "steps": len(page.line), "name": page.here}
        sheet.heading(2, sheet.say("How it went") if page.over else escape(here))
        sheet.bullets(_station(station, sheet) for station in page.line)
    _log(page.updates, sheet)


def work(page: PlannedPage, sheet: Sheet) -> None:
    """Planned work in short, and every update."""
    title = page.title if page.tag.look == "plan" else sheet.words.label(page.tag.word, page.title)
    head(sheet, title, page.lede.text, page.last_change, foreign=page.foreign or page.lede.foreign)
    sheet.heading(2, sheet.say("In short"))
    _facts(facts(page, sheet.times), sheet)
    if page.road:
        sheet.heading(2, sheet.say("How it goes"))
        sheet.bullets(_station(station, sheet) for station in page.road)
    _log(page.updates, sheet)


def _all_feeds(sheet: Sheet) -> None:
    sheet.add(sheet.page(Link(address=addresses.UPDATES, text=sheet.words.say("All feeds, and how to use them"))))


def _card(card: Card, sheet: Sheet) -> None:
    sheet.heading(3, sheet.page(card.link))
    since = sheet.say("since %(when)s", when=sheet.times.moment(card.since))
    sheet.add(
        sheet.parts(
            f"**{escape(card.tag.word)}**", escape(sheet.words.join(card.services)), since, sheet.spoken(card.foreign)
        )
    )
    if card.say:
        sheet.text(card.say.text)
        sheet.add("" if card.say.foreign == card.foreign else sheet.spoken(card.say.foreign))
    if card.meanwhile.text:
        sheet.add(f"**{sheet.say('Meanwhile:')}** {escape(card.meanwhile.text)}")
    _facts(tuple(fact for fact in _owed(card, sheet) if fact.text), sheet)


def _owed(card: Card, sheet: Sheet) -> Iterator[Fact]:
    """By when more is said or the work ends, and who has it; nothing of a notice that promises nothing."""
    words = sheet.words
    if card.until:
        yield Fact(label=words.say("Until"), text=sheet.times.moment(card.until))
        yield Fact(label=words.say("Done by"), text=card.team)
    elif not card.notice or card.next:
        yield promise(card.next, sheet.times)
        yield Fact(label=words.say("Working on it"), text=card.team)


def _facts(told: tuple[Fact, ...], sheet: Sheet) -> None:
    sheet.bullets(sheet.fact(fact.label, _value(fact, sheet)) for fact in told)


def _value(fact: Fact, sheet: Sheet) -> str:
    if fact.named:
        named = (sheet.page(one) + (f" ({escape(state)})" if state else "") for one, state in fact.named)
        return sheet.words.join(named)
    text = link(fact.text, fact.url) if fact.url else escape(fact.text)
    return f"{text} ({sheet.spoken(fact.foreign)})" if fact.foreign else text


def _service(line: ServiceLine, sheet: Sheet) -> str:
    label = sheet.say("Available, 90 days") if line.measured else sheet.say("Trouble, 90 days")
    figure = sheet.words.label(label, escape(line.figure)) if line.figure else ""
    said = sheet.parts(f"**{escape(line.tag.word)}**", figure, escape(line.gauge.label), escape(line.note))
    return sheet.words.label(sheet.page(line.link), said)


def _day(day: PastDay, sheet: Sheet) -> Iterator[str]:
    days = sheet.times.day(day.day)
    if day.day != day.until:
        days = f"{sheet.times.day(day.until)} – {days}"
    if not day.lines:
        yield sheet.words.label(days, sheet.say("All quiet"))
    for line in day.lines:
        yield sheet.words.label(days, happened(line, sheet))


def _soon(lines: tuple[PlannedLine, ...], sheet: Sheet, folder: str = "") -> None:
    sheet.heading(2, sheet.say("Planned work"))
    sheet.bullets(planned(line, sheet) for line in lines)
    if not lines:
        sheet.add(sheet.say("Nothing is planned."))
    sheet.add(sheet.file(folder + addresses.CALENDAR, sheet.words.say("Add planned work to your calendar")))


def _bar(line: DayLine, sheet: Sheet) -> str:
    bar = line.bar
    days = sheet.times.day(bar.first)
    if bar.days > 1:
        days = f"{days} – {sheet.times.day(bar.last)}"
    lasted = sheet.say("no data") if bar.look == "none" else sheet.say("going on")
    if bar.minutes is not None:
        lasted = escape(sheet.words.duration(bar.minutes))
    what = (sheet.page(one.link) for one in line.what)
    return sheet.words.label(days, sheet.parts(escape(bar.word), lasted, *what))


def _numbers(page: ServicePage, sheet: Sheet) -> Iterator[str]:
    words, numbers = sheet.words, page.numbers
    yield from _shares(numbers, sheet)
    days = numbers.days_with_data
    of = words.count("of %(days)s day with data", "of %(days)s days with data", days, days=days)
    yield sheet.fact(words.say("Days with trouble"), f"{numbers.days_with_trouble} {escape(of)}")
    if numbers.usual_minutes is not None:
        count = numbers.solved
        middle = words.count("middle of %(count)s problem", "middle of %(count)s problems", count, count=count)
        usual = sheet.parts(escape(words.duration(numbers.usual_minutes)), escape(middle))
        yield sheet.fact(words.say("Usually solved in"), usual)
    yield sheet.page(Link(address=addresses.ABOUT, text=words.say("How these numbers are made")))


def _shares(numbers: Numbers, sheet: Sheet) -> Iterator[str]:
    """How much of the time it was there, where something measures that; else how long it had trouble."""
    say = sheet.words.say
    for label, trouble, percent, minutes in (
        (("Available, 30 days", "Trouble, 30 days"), numbers.trouble_30, numbers.percent_30, numbers.minutes_30),
        (("Available, 90 days", "Trouble, 90 days"), numbers.trouble_90, numbers.percent_90, numbers.minutes_90),
    ):
        time = sheet.words.duration(minutes)
        if percent == NO_DATA:
            about = say("no data")
        elif numbers.measured:
            about = say("%(time)s of outage") % {"time": time}
        else:
            about = say("%(time)s of outage, %(percent)s available") % {"time": time, "percent": percent}
        figure = percent if numbers.measured else trouble or say("none")
        yield sheet.fact(say(label[not numbers.measured]), sheet.parts(escape(figure), escape(about)))


def _about(page: ServicePage, sheet: Sheet) -> None:
    words = sheet.words
    sheet.heading(2, sheet.say("About this service"))
    if page.text:
        sheet.text(page.text.text, heading=3)
    told = (
        (words.say("For"), escape(page.audience.text)),
        (words.say("Looked after by"), escape(page.team)),
        (words.say("Help"), escape(sheet.frame.support.phone)),
        (words.say("It needs"), words.join(_need(one, sheet) for one in page.needs)),
        (words.say("Needed by"), words.join(_need(one, sheet) for one in page.needed_by)),
    )
    sheet.bullets(sheet.fact(label, text) for label, text in told if text)


def _need(need: Need, sheet: Sheet) -> str:
    return f"{sheet.page(need.link)} ({escape(need.tag.word)})"


def _station(station: Station, sheet: Sheet) -> str:
    state = {"done": "Done:", "now": "Now:"}.get(station.state, "Still to come:")
    at = f" {sheet.times.moment(station.at)}" if station.at else ""
    return f"{sheet.say(state)} **{escape(station.name)}**{at}"


def _log(updates: tuple[UpdateLine, ...], sheet: Sheet) -> None:
    sheet.heading(2, sheet.say("Updates, newest first"))
    for line in updates:
        sheet.heading(3, escape(line.word) or sheet.say("Update"))
        sheet.add(sheet.parts(sheet.times.moment(line.at), escape(line.author), sheet.spoken(line.said.foreign)))
        sheet.text(line.said.text)
    if not updates:
        sheet.add(sheet.say("Nobody has written about it yet."))

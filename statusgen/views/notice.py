"""A milestone of a request as its requester reads it in a mail: what happened, when more is said, who has it, what to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from statusgen import promises
from statusgen.model import Milestone, Ticket, Update
from statusgen.notices import Happening, Notice, TicketNews
from statusgen.text import first_paragraph, to_plain
from statusgen.views.common import Look
from statusgen.views.dates import KEPT
from statusgen.views.message import Appointment, Fact, Message, MessageKind, Recipient
from statusgen.views.ticket import foreign
from statusgen.wording import MILESTONES, Words, meant

SUBJECT = 60
"""The most characters of a subject, where the title can give way."""
_LEAST_TITLE = 16
_ASKED = 600
"""The most characters of what somebody wrote."""
_LONG = timedelta(minutes=30)
"""How long a date is in a calendar."""


def _(message: str) -> str:
    """Marks a message for extraction."""
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """For whom a message is made, and where.

    `base_url` is the site's root in the reader's language, `page` the whole address of the reader's own page. `keep_closed`: for
    how long something can be opened again. `can_call`: whether the reader finds a telephone number in each mail.
    """

    look: Look
    recipient: Recipient
    base_url: str
    page: str
    site_id: str
    keep_closed: timedelta
    can_call: bool = True

    @property
    def words(self) -> Words:
        """The words of the reader."""
        return self.look.words


class _Quote(NamedTuple):
    """What somebody wrote, and its language where that is not the reader's."""

    text: str = ""
    foreign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a kind of news says. Subject and headline differ, so that both tell something.

    `quote` None: what IT said since the reader was last told, if anything; then `with_word` is the headline, where it says one.
    """

    subject: str
    headline: str
    next: str = ""
    by: str = ""
    quote: _Quote | None = None
    with_word: str = ""
    facts: tuple[Fact, ...] = ()


_ADD = _("Want to add something? Answer this mail.")
_PROMISE = _("When there is a date, you get it by mail.")
_SUITS = _("Does that not suit you? Answer this mail.")
_NEXT = {"next": _ADD, "planned": _SUITS, "due": _SUITS}
_NO_DATE = _("No date yet")
_WITH_DATES = frozenset({Happening.RECEIVED, Happening.PROMISED, Happening.MOVED})
_SECRET_STEPS = {
    Happening.RECEIVED: meant("request", "Received"),
    Happening.PROMISED: _("A date is set"),
    Happening.MOVED: _("The date has moved"),
    Happening.YOUR_TURN: meant("request", "Your turn"),
    Happening.SOLVED: meant("request", "Solved"),
    Happening.MISSED: _("A date was missed"),
}
"""All that the mail says of a confidential request: it goes in clear."""


def ticket_message(setting: Setting, notice: Notice, news: TicketNews, *, anchor: str, is_secret: bool) -> Message:
    """The mail about one step of a request. Of a confidential one it tells number and step, and leads to the page."""
    words, ticket = setting.words, news.ticket
    made = Message(
        kind=MessageKind(news.happening.value),
        about=notice.thing,
        told=notice.step,
        made_at=news.at,
        recipient=setting.recipient,
        subject=words.label(_secret_step(words, news), ticket.number),
        headline=words.say(_("There is news of request %(number)s")) % {"number": words.isolated(ticket.number)},
        by=words.say(_("What happened stands on your page")),
        reason=words.say(_("You get this because %(number)s is your request."))
        % {"number": words.isolated(ticket.number)},
        list_name=words.say(_("The steps of your requests")),
        stop=words.say(_("Stop mail about the steps of your requests.")),
        link=f"{setting.page}#{anchor}",
        link_label=words.say(_("See your request")),
        reply_ref=ticket.number,
        urgent=notice.is_urgent,
    )
    return made if is_secret else _told(setting, notice, news, made, anchor)


def _secret_step(words: Words, news: TicketNews) -> str:
    if news.standing.where is Milestone.CANCELLED:
        return words.say(MILESTONES[Milestone.CANCELLED][1])
    return words.say(_("Open again") if news.again else _SECRET_STEPS[news.happening])


def _told(setting: Setting, notice: Notice, news: TicketNews, made: Message, anchor: str) -> Message:
    """The same with everything that there is to say."""
    ticket, words = news.ticket, setting.words
    says = _SAYS[news.happening](setting, news)
    quote = _word(setting, notice, news) if says.quote is None else says.quote
    request = Fact(
        label=words.say(_("Request %(number)s")) % {"number": words.isolated(ticket.number)},
        value=ticket.title or ticket.number,
        foreign=foreign(setting.look, ticket.language),
    )
    return replace(
        made,
        subject=_subject(words, says.subject, ticket),
        headline=says.with_word if quote.text and says.with_word else says.headline,
        text=quote.text,
        text_foreign=quote.foreign,
        next=says.next,
        by=says.by,
        facts=(request, *says.facts, *_other_date(setting, news)),
        person="" if news.happening is Happening.SOLVED else _holder(words, ticket),
        appointment=_appointment(setting, news, anchor),
    )


def _holder(words: Words, ticket: Ticket) -> str:
    """Who has it: never nobody."""
    named = words.join(dict.fromkeys(part for part in (ticket.assignee, ticket.team) if part))
    return named or words.say(_("The service desk"))


def _subject(words: Words, step: str, ticket: Ticket) -> str:
    """The step first, then the thing, then the number. A long title gives way, so that both others are seen."""
    if not ticket.title:
        return words.label(step, ticket.number)
    shape = _("%(step)s: %(title)s (%(number)s)")
    room = SUBJECT - len(words.say(shape) % {"step": step, "title": "", "number": ticket.number})
    title = cut(ticket.title, max(room, _LEAST_TITLE))
    return words.say(shape) % {"step": step, "title": words.isolated(title), "number": words.isolated(ticket.number)}


def cut(text: str, most: int) -> str:
    """A line of at most so many characters: cut at a word where there is one, with a sign that there is more."""
    if len(text) <= most:
        return text
    short = text[: most - 1]
    head, blank, _rest = short.rpartition(" ")
    return (head if blank and len(head) > most // 2 else short).rstrip(" ,;:-–") + "…"


# ---- what is said


def _received(setting: Setting, news: TicketNews) -> _Said:
    words = setting.words
    by = _by(setting, news)
    return _Said(
        subject=words.say(_("Open again")) if news.again else words.say(MILESTONES[Milestone.RECEIVED][1]),
        headline=words.say(_("Your request is open again") if news.again else _("We have your request")),
        next=words.say(_ADD) if by else f"{words.say(_PROMISE)} {words.say(_ADD)}",
        by=by or words.say(_NO_DATE),
    )


def _promised(setting: Setting, news: TicketNews) -> _Said:
    words = setting.words
    headlines = {
        "next": _("You know now when you hear more"),
        "planned": _("Your request has a day and a time"),
        "due": _("Your request has a date"),
    }
    return _Said(
        subject=_dated(setting, news, _ON),
        headline=words.say(headlines[news.on]),
        with_word=words.say(_("There is news of your request")) if news.on == "next" else "",
        next=words.say(_NEXT[news.on]),
        by=_by(setting, news),
    )


def _moved(setting: Setting, news: TicketNews) -> _Said:
    words, was = setting.words, news.was
    facts = (Fact(label=words.say(_("It was")), value=_when(words, was, news.on)),) if was else ()
    if news.broken and was:
        headline = words.say(_("We missed %(moment)s. There is a new date.")) % {"moment": words.moment(was)}
        facts = ()
    elif news.on == "next":
        headline = words.say(_("You hear from us at another time than we said"))
    else:
        headline = words.say(_("The date of your request has moved"))
    if news.withdrawn:
        return _Said(
            subject=words.say(_SECRET_STEPS[Happening.MOVED]),
            headline=headline,
            next=f"{words.say(_PROMISE)} {words.say(_ADD)}",
            by=_by(setting, news) or words.say(_("No new date yet")),
            facts=facts,
        )
    return _Said(
        subject=_dated(setting, news, _NOW_ON),
        headline=headline,
        next=words.say(_NEXT[news.on]),
        by=_by(setting, news),
        facts=facts,
    )


def _your_turn(setting: Setting, news: TicketNews) -> _Said:
    words, ticket = setting.words, news.ticket
    said = promises.words_by_it(ticket)
    ask = _Quote(words.say(_("We need something from you to go on.")))
    if said:
        ask = _quoted(setting, said[-1], ticket)
    elif ticket.hold_reason:
        ask = _Quote(cut(ticket.hold_reason, _ASKED), foreign(setting.look, ticket.language))
    by = ticket.next_update_at
    until = words.say(_("Please answer by %(when)s")) % {"when": words.moment(by)} if by else ""
    return _Said(
        subject=words.say(MILESTONES[Milestone.WAITING_CUSTOMER][1]),
        headline=words.say(_("We need your answer")),
        next=words.say(_("Answer this mail: your words go to your request.")),
        by=until if by and by > setting.look.now else words.say(_("It goes on when you have answered")),
        quote=ask,
    )


def _solved(setting: Setting, news: TicketNews) -> _Said:
    words, at = setting.words, news.standing.since["phase"] or news.at
    if news.standing.where is Milestone.CANCELLED:
        return _Said(
            subject=words.say(MILESTONES[Milestone.CANCELLED][1]),
            headline=words.say(_("Your request is cancelled")),
            next=words.say(_("Do you still need it? Answer this mail.")),
            by=words.say(_("Cancelled on %(day)s")) % {"day": words.day(at)},
        )
    until = words.day(at + setting.keep_closed)
    return _Said(
        subject=words.say(MILESTONES[Milestone.RESOLVED][1]),
        headline=words.say(_("Your request is solved")),
        next=words.say(_("Not right after all? Answer this mail, and we open it again.")),
        by=words.say(_("It can be opened again until %(day)s")) % {"day": until},
    )


def _missed(setting: Setting, news: TicketNews) -> _Said:
    words, missed = setting.words, news.standing.missed or news.at
    called = {"moment": words.moment(missed)}
    or_call = words.say(
        _("When there is a new date, you get it by mail. To know more now, answer this mail or call us.")
    )
    return _Said(
        subject=words.say(_("We missed %(moment)s")) % called,
        headline=words.say(_("You should have heard more by %(moment)s, and have not")) % called,
        next=or_call if setting.can_call else f"{words.say(_PROMISE)} {words.say(_ADD)}",
        by=_by(setting, news) or words.say(_("No new date yet")),
        quote=_Quote(),
    )


_SAYS = {
    Happening.RECEIVED: _received,
    Happening.PROMISED: _promised,
    Happening.MOVED: _moved,
    Happening.YOUR_TURN: _your_turn,
    Happening.SOLVED: _solved,
    Happening.MISSED: _missed,
}


# ---- dates and words

# Translators: the beginning of a subject, such as "News by Thu 26 Nov, 16:00: laptop dock (INC-4471)"
_ON = {
    "next": _("News by %(date)s"),
    "planned": _("Planned for %(date)s"),
    "due": _("Expected by %(date)s"),
}
# Translators: the same of a date that has moved
_NOW_ON = {
    "next": _("News now by %(date)s"),
    "planned": _("Moved to %(date)s"),
    "due": _("Moved to %(date)s"),
}


def _dated(setting: Setting, news: TicketNews, shapes: dict[str, str]) -> str:
    at = _date(news)
    return setting.words.say(shapes[news.on]) % {"date": _when(setting.words, at, news.on) if at else ""}


def _date(news: TicketNews) -> datetime | None:
    """The date that the news is about."""
    if news.on == "next":
        return news.standing.promise.by if news.standing.promise else None
    return news.standing.due


def _when(words: Words, at: datetime, on: str) -> str:
    return words.day(at) if on == "due" else words.moment(at)


def _first_date(news: TicketNews) -> str:
    """Which date is in large type: that of the news, else when it takes place, when more is said, when it should be done."""
    here = news.standing
    if here.due and here.is_planned and news.on != "next":
        return "planned"
    if here.promise and (news.on != "due" or not here.due):
        return "next"
    return "due" if here.due else ""


def _by(setting: Setting, news: TicketNews) -> str:
    """The one date in large type, in a sentence."""
    words, here, which = setting.words, news.standing, _first_date(news)
    if which == "next" and here.promise:
        return words.say(_("You hear more by %(moment)s")) % {"moment": words.moment(here.promise.by)}
    if which == "planned" and here.due:
        return words.say(_("Planned for %(date)s")) % {"date": words.moment(here.due)}
    if here.due:
        return words.say(_("Should be finished by %(day)s")) % {"day": words.day(here.due)}
    return ""


def _other_date(setting: Setting, news: TicketNews) -> tuple[Fact, ...]:
    """The date that stands beside the one in large type, where there is one: both count as told."""
    words, here = setting.words, news.standing
    if news.happening not in _WITH_DATES or not (here.due and here.promise):
        return ()
    if _first_date(news) != "next":
        return (Fact(label=words.say(_("Next update by")), value=words.moment(here.promise.by)),)
    label = words.say(_("Takes place") if here.is_planned else _("Expected to be finished"))
    return (Fact(label=label, value=_when(words, here.due, "planned" if here.is_planned else "due")),)


def _word(setting: Setting, notice: Notice, news: TicketNews) -> _Quote:
    """What IT said last, where the reader was told nothing since; it belongs to the end, too, where it was said with that."""
    said = promises.words_by_it(news.ticket)
    if not said:
        return _Quote()
    ended = news.standing.since.get("phase") if news.happening is Happening.SOLVED else None
    is_new = notice.before is None or said[-1].at > notice.before or (ended is not None and said[-1].at >= ended)
    return _quoted(setting, said[-1], news.ticket) if is_new else _Quote()


def _quoted(setting: Setting, update: Update, ticket: Ticket) -> _Quote:
    """What somebody wrote: the first paragraph, with who it was."""
    text = cut(to_plain(first_paragraph(update.text)), _ASKED)
    if update.author:
        text = setting.words.label(update.author, text)
    return _Quote(text, foreign(setting.look, update.text.language or ticket.language))


def _appointment(setting: Setting, news: TicketNews, anchor: str) -> Appointment | None:
    """The date for a calendar, where the news is about one: the same appointment as on the page, and it moves with it."""
    at = (news.withdrawn or _date(news)) if news.on else None
    if at is None:
        return None
    ending, message = KEPT[news.on]
    title = news.ticket.title or news.ticket.number
    return Appointment(
        uid=f"{anchor}-{ending}@{setting.site_id}",
        sequence=news.moves,
        stamp=news.at,
        starts=at,
        ends=at + _LONG,
        summary=setting.words.say(message) % {"title": title, "number": news.ticket.number},
        description=f"{setting.page}#{anchor}",
        cancelled=news.withdrawn is not None,
    )

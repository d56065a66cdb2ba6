"""A fault as somebody whom it touches reads it in a mail: what is wrong, since when, what to do meanwhile, when more is said."""

from __future__ import annotations

from statusgen import addresses
from statusgen.model import IncidentStage
from statusgen.notices import FaultNews, Happening, Notice
from statusgen.text import first_paragraph, to_plain
from statusgen.views.common import minutes_of
from statusgen.views.message import Fact, Message, MessageKind
from statusgen.views.notice import SUBJECT, Setting, cut
from statusgen.wording import STAGES, STATES

_MOST_NAMES = 3
_WROTE = 600


def _(message: str) -> str:
    """Marks a message for extraction."""
    return message


def fault_message(setting: Setting, notice: Notice, news: FaultNews) -> Message:
    """The mail about the start, a big change or the end of a fault. All of it stands on public pages, too."""
    look, words, incident = setting.look, setting.words, news.incident
    over = news.happening is Happening.FAULT_ENDED
    names = words.join(look.names(news.services[:_MOST_NAMES]))
    worst = words.join(look.names(_worst(news)[:_MOST_NAMES]))
    last = incident.updates[-1] if incident.updates else None
    # What was said while it went on is no news of its end.
    said = look.said(last) if last and not (over and last.at < news.at) else None
    title = look.text(incident.title) or incident.id
    meanwhile = look.phrase(incident.meanwhile)
    return Message(
        kind=MessageKind(news.happening.value),
        about=notice.thing,
        told=notice.step,
        made_at=news.at,
        recipient=setting.recipient,
        subject=cut(words.label(_step(setting, news), worst), SUBJECT),
        headline=words.label(words.say(STAGES[IncidentStage.RESOLVED]), title) if over else title,
        text=cut(to_plain(first_paragraph(said.text)), _WROTE) if said else "",
        text_foreign=said.foreign if said else "",
        next=words.say(_("Does it still not work for you? Answer this mail.")) if over else meanwhile.text,
        by=_by(setting, news),
        person="" if over else look.team(incident),
        facts=tuple(_facts(setting, news)),
        reason=_reason(setting, notice, news, names),
        list_name=words.say(_("Problems with services that you use")),
        stop=words.say(_("Stop mail about problems with services.")),
        link=setting.base_url + addresses.incident(incident.id),
        link_label=words.say(_("See how it stands")),
        urgent=notice.is_urgent,
    )


def _step(setting: Setting, news: FaultNews) -> str:
    if news.happening is Happening.FAULT_ENDED:
        return setting.words.say(_("Works again"))
    if news.is_repaired:
        return setting.words.say(_("Repaired, we keep watching"))
    return setting.words.say(STATES[news.worst][1])


def _worst(news: FaultNews) -> tuple[str, ...]:
    """The services of which the step is true: while it goes on, those that it hits hardest."""
    if news.happening is Happening.FAULT_ENDED or news.is_repaired:
        return news.services
    return tuple(one for one in news.services if news.incident.services[one] is news.worst)


def _by(setting: Setting, news: FaultNews) -> str:
    words = setting.words
    if news.happening is Happening.FAULT_ENDED:
        return words.say(_("Works again since %(moment)s")) % {"moment": words.moment(news.at)}
    told = setting.look.next_update(news.incident)
    if told is None or told.missed:
        return words.say(_("No time is set for the next update"))
    return words.say(_("Next update by %(moment)s")) % {"moment": words.moment(told.by)}


def _facts(setting: Setting, news: FaultNews) -> list[Fact]:
    words, incident = setting.words, news.incident
    every = words.join(setting.look.names(news.services))
    facts = [
        Fact(label=words.say(_("Services touched")), value=cut(every, _WROTE)),
        Fact(label=words.say(_("Since")), value=words.moment(incident.started_at)),
    ]
    minutes = minutes_of(incident, setting.look.now) if news.happening is Happening.FAULT_ENDED else None
    if minutes is not None:
        facts.append(Fact(label=words.say(_("It lasted")), value=words.duration(minutes)))
    return facts


def _reason(setting: Setting, notice: Notice, news: FaultNews, names: str) -> str:
    """Why this reader gets it."""
    words, services, reader = setting.words, frozenset(news.services), notice.reader
    if reader.asked & services:
        return words.say(_("You get this because you asked for mail about %(services)s.")) % {"services": names}
    if reader.services & services:
        return words.say(_("You get this because you use %(services)s.")) % {"services": names}
    return words.say(_("You get this because a request of yours is part of it."))

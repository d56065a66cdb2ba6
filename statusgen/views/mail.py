"""A message as a mail shows it: what its templates are given as `page`."""

from __future__ import annotations

from dataclasses import dataclass

from statusgen.views.message import Message, MessageKind, Section
from statusgen.views.parts import Support
from statusgen.wording import Words

_LOOKS = {
    MessageKind.PROMISED: "plan",
    MessageKind.MOVED: "plan",
    MessageKind.YOUR_TURN: "turn",
    MessageKind.SOLVED: "ok",
    MessageKind.MISSED: "warn",
    MessageKind.FAULT_BEGAN: "warn",
    MessageKind.FAULT_CHANGED: "warn",
    MessageKind.FAULT_ENDED: "ok",
}
"""By kind, the look of the band above it; the others have that of what is being worked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSite:
    """What every mail says about the site. `url` is the whole address of its root, `home` that of the reader's language."""

    title: str
    support: Support
    url: str
    home: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPage:
    """A message as a mail shows it.

    `glance` is what a list of mails shows after the subject. `stop_link` and `answer_link` are mailto addresses; none: "".
    `paragraphs` are those of the message's text. `file` is the name of the calendar file that comes with it, or "".
    """

    message: Message
    look: str
    glance: str
    paragraphs: tuple[str, ...] = ()
    stop_link: str = ""
    answer_link: str = ""
    file: str = ""

    @property
    def before(self) -> tuple[Section, ...]:
        """The sections that stand before the numbers, where there are any: those that somebody must act on; else all."""
        return tuple(one for one in self.message.sections if one.urgent or not self.message.measures)

    @property
    def after(self) -> tuple[Section, ...]:
        """The sections that stand behind the numbers."""
        return tuple(one for one in self.message.sections if self.message.measures and not one.urgent)

    @property
    def alarm(self) -> str:
        """The look of what is urgent in it: to its own requester their turn, to others what goes wrong."""
        return "turn" if self.message.kind is MessageKind.REQUESTER_DIGEST else "warn"

    @property
    def is_asked(self) -> bool:
        """Whether the answer is what it is about, which the program reads; answers to others are read by people."""
        return self.message.kind is MessageKind.CONFIRM

    @property
    def has_ticket(self) -> bool:
        """Whether there is anything for the box with what happens next."""
        one = self.message
        return bool(one.next or one.by or one.person or one.facts or one.code)


def mail_page(message: Message, words: Words, *, stop_link: str, answer_link: str, file: str) -> MailPage:
    """The page of a message that fits."""
    return MailPage(
        message=message,
        look=_look(message),
        glance=_glance(message, words),
        paragraphs=tuple(line for line in message.text.split("\n") if line.strip()),
        stop_link=stop_link,
        answer_link=answer_link,
        file=file,
    )


def _look(message: Message) -> str:
    """The look of the band: of a fault that began, what is told at night too is down."""
    is_down = message.kind is MessageKind.FAULT_BEGAN and message.urgent
    return "down" if is_down else _LOOKS.get(message.kind, "busy")


def _glance(message: Message, words: Words) -> str:
    """The first words that the subject does not say."""
    facts = (words.label(fact.label, fact.value) for fact in message.facts)
    said = (message.by, message.next, message.text.replace("\n", " "), *facts, message.headline)
    fresh = [one for one in said if one and one.casefold() not in message.subject.casefold()]
    return " · ".join(fresh[:2])[:140]

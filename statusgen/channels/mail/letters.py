"""A message -> a Letter: its bytes, and the page that shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2s
from html import unescape
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import FunctionLoader, Template

from statusgen import addresses, wording
from statusgen.channels.mail import mime, preview
from statusgen.channels.mail.sender import Sender
from statusgen.letters import Letter, Post, Skip
from statusgen.text.headers import address, header
from statusgen.text.ics import Invitation, invitation
from statusgen.theme import Theme
from statusgen.theme.composing import TEMPLATES as FOLDER
from statusgen.theme.contrast import colour_of, colours
from statusgen.theme.sandbox import Sandbox
from statusgen.theme.telling import telling
from statusgen.views.common import Support
from statusgen.views.fitting import fitted, safe_link
from statusgen.views.mail import MailPage, MailSite, mail_page
from statusgen.views.message import Message, MessageKind
from statusgen.wording import Words

__all__ = ["FILE", "LARGEST", "MOST_ROWS", "Mail", "Post"]

HTML, TEXT = "mail/message.html", "mail/message.txt"
MOST_ROWS, FEWEST_ROWS = 60, 5
"""How many rows a mail has at most, and how many it keeps however long they are."""
LARGEST = 60_000
"""Bytes of HTML. Gmail shows no more than about 102,000, and hides the way to stop a mail with the rest."""
FILE = "promise.ics"

_WITHOUT_THREAD = frozenset({"requester-digest", "manager-daily", "manager-weekly", "welcome", "confirm"})
_SUBJECT = 150
_EMPTY_LINES = re.compile(r"\n[ \t]*\n\s*\n")
_Key = tuple[str, str]


class Mail:
    """The mail of one site in one theme. `words` by language, the site's first one first."""

    def __init__(
        self, theme: Theme, words: Mapping[str, Words], *, sender: Sender, title: str, base_url: str, support: Support
    ) -> None:
        self._theme = theme
        self._words = words
        self._sender = sender
        self._base_url = base_url
        self._title = title
        self._support = support
        self._tokens = _plain_colours(theme)
        self._known: dict[_Key, tuple[Words, Template, Template]] = {}
        self._inliner = _inliner()

    def letter(self, message: Message, post: Post, *, shows: bool = False) -> Letter | Skip:
        """The letter of a message, with its page where `shows`; a Skip where mail cannot reach the address.

        Raises ThemeError that names the template and its line.
        """
        to = address(message.recipient.address)
        if to is None:
            return Skip(key=post.key, kind=message.kind.value, period=post.period, reason="address")
        subject = _subject(message)
        html, text = self._rendered(message, post.token)
        calendar = self._calendar(message)
        envelope = self._envelope(message, post, subject)
        page = preview.page(envelope, html, text, calendar[2] if calendar else b"") if shows else b""
        return post.letter(
            kind=message.kind.value,
            about=message.about,
            address=envelope.to[1],
            content=mime.written(envelope, text, html, calendar),
            preview=page,
            subject=subject,
            urgent=message.urgent,
        )

    def _rendered(self, message: Message, token: str) -> tuple[str, str]:
        """HTML and text; with fewer rows where they are long."""
        words, html, text = self._at(message.recipient.language, message.recipient.zone)
        rows = MOST_ROWS
        while True:
            page = self._page(fitted(message, words, rows), words, token)
            with telling(self._theme, HTML):
                made = self._inliner.inline(html.render(page=page))
            size = len(made.encode("utf-8", "replace"))
            if size <= LARGEST or rows <= FEWEST_ROWS:
                break
            rows = max(FEWEST_ROWS, min(rows - 1, rows * LARGEST // size))
        with telling(self._theme, TEXT):
            plain = unescape(text.render(page=page))  # templates escape whatever they say
        return made, _EMPTY_LINES.sub("\n\n", plain).strip() + "\n"

    def _page(self, message: Message, words: Words, token: str) -> MailPage:
        ref = message.reply_ref
        to = self._answers(message)
        return mail_page(
            message,
            words,
            stop_link=self._stop(message, token),
            answer_link=_mailto(to, f"[{ref}]") if ref else "",
            file=FILE if message.appointment else "",
        )

    def _answers(self, message: Message) -> str:
        """Who reads the answers: people, but for a mail that asks to be confirmed."""
        return self._sender.stops if message.kind is MessageKind.CONFIRM else self._sender.reply_to

    def _stop(self, message: Message, token: str) -> str:
        return _mailto(self._sender.stops, f"stop {message.series} {token}") if message.stop and token else ""

    def _envelope(self, message: Message, post: Post, subject: str) -> mime.Envelope:
        words, *_ = self._at(message.recipient.language, message.recipient.zone)
        return mime.Envelope(
            key=post.key,
            kind=message.kind.value,
            period=post.period,
            at=message.made_at.astimezone(words.zone),
            sender=(self._sender.name, self._sender.address),
            to=(message.recipient.name, message.recipient.address),
            reply_to=self._answers(message),
            subject=subject,
            language=words.language,
            list_name=message.list_name,
            series=message.series,
            domain=self._sender.domain,
            thread="" if message.kind in _WITHOUT_THREAD else _thread(message.about),
            stop=self._stop(message, post.token),
            help=self._home(words.language) + addresses.ABOUT,
        )

    def _calendar(self, message: Message) -> tuple[str, str, bytes] | None:
        date = message.appointment
        if date is None:
            return None
        made = Invitation(
            uid=date.uid,
            sequence=date.sequence,
            stamp=date.stamp,
            starts=date.starts,
            ends=date.ends,
            summary=date.summary,
            description=date.description,
            url=safe_link(message.link),
            organiser=(self._sender.name, self._sender.reply_to),
            cancelled=date.cancelled,
        )
        return FILE, made.method, invitation(made)

    def _home(self, language: str) -> str:
        first = next(iter(self._words), language)
        return self._base_url + ("" if language == first else addresses.edition(language))

    def _at(self, language: str, zone: str) -> tuple[Words, Template, Template]:
        """Words and templates of a language in a zone, made once."""
        known = self._known.get((language, zone))
        if known is None:
            words = _in_zone(self._words[wording.nearest(self._words, language) or next(iter(self._words))], zone)
            environment = self._environment(words)
            with telling(self._theme, HTML):
                known = words, environment.get_template(HTML), environment.get_template(TEXT)
            self._known[language, zone] = known
        return known

    def _environment(self, words: Words) -> Sandbox:
        environment = Sandbox(loader=FunctionLoader(self._load))
        environment.install_gettext_translations(words.catalogue, newstyle=True)  # type: ignore[attr-defined]
        right_to_left = words.direction == "rtl"
        environment.globals.update(
            site=MailSite(
                title=self._title, support=self._support, url=self._base_url, home=self._home(words.language)
            ),
            words=words,
            tokens=self._tokens,
            start="right" if right_to_left else "left",
            end="left" if right_to_left else "right",
        )
        return environment

    def _load(self, name: str) -> tuple[str, str, None] | None:
        found = self._theme.templates.get(name)
        return (found.text, FOLDER + name, None) if found else None


def _inliner() -> Any:
    from css_inline import CSSInliner  # noqa: PLC0415 - heavy, and a build without mail needs none

    return CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=False)


def _in_zone(words: Words, zone: str) -> Words:
    """The words of a reader who lives in a zone; in the site's own where it is none."""
    if zone in {"", words.zone.key}:
        return words
    try:
        return replace(words, zone=ZoneInfo(zone), zone_name=wording.zone_name(zone, words.language))
    except (ZoneInfoNotFoundError, ValueError):
        return words


def _subject(message: Message) -> str:
    """The subject, with the number that an answer must carry: an answer that carries it lands in the ticket."""
    ref = header(message.reply_ref, 60)
    if not ref or ref in header(message.subject, _SUBJECT):
        return header(message.subject, _SUBJECT)
    return f"{header(message.subject, _SUBJECT)} [{ref}]"


def _thread(about: str) -> str:
    """The name that all mails about one thing refer to. It says nothing about the thing."""
    return f"ticket.{blake2s(about.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"


def _mailto(to: str, subject: str) -> str:
    return f"mailto:{to}?subject={quote(subject, safe='')}"


def _plain_colours(theme: Theme) -> dict[str, dict[str, str]]:
    """The theme's colours as mail programs read them: #rrggbb, and nothing that is a colour only to a browser."""
    made: dict[str, dict[str, str]] = {}
    for mode, known in colours(theme).items():
        read = {name: colour_of(value, known) for name, value in known.items()}
        made[mode] = {
            name: "#" + "".join(f"{round(part * 255):02x}" for part in colour)
            for name, colour in read.items()
            if colour
        }
    return made

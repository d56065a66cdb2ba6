"""The messages that digests and notices really write, of every kind and in every language: what must hold for all mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from statusgen import config, fetch, mailroom
from statusgen.access import parse_secret
from statusgen.mailroom.digests import Wanted, compose
from statusgen.state import DirState, load
from statusgen.views.message import Message, MessageKind
from tests import notice_mails
from tests.paths import PROJECT
from tests.sites import NOW

_NOWHERE = TemporaryDirectory()
"""Where nothing is remembered."""
_DIGESTS = (MessageKind.MANAGER_WEEKLY, MessageKind.MANAGER_DAILY, MessageKind.REQUESTER_DIGEST)


@cache
def _room() -> mailroom.Room:
    settings = config.parse((PROJECT / "statusgen.toml").read_text("utf-8"))
    return mailroom.open_room(
        settings,
        root=PROJECT,
        memory=load(DirState(Path(_NOWHERE.name)), NOW),
        now=NOW,
        get=lambda source: fetch.fetch_path(PROJECT / str(source.path), now=NOW),
        secret=parse_secret((PROJECT / "content" / "demo-secret.txt").read_text("utf-8")),
    )


def digests(language: str) -> Iterator[Message]:
    """The digests of the demo, if everybody in it read this language."""
    room = _room()
    people = {name: replace(person, language=language) for name, person in room.people.items()}
    return (draft.message for draft in compose(replace(room, people=people), Wanted(is_due=False)).drafts)


@cache
def every(language: str) -> tuple[Message, ...]:
    """All of them, each kind at least once."""
    return (*notice_mails.mails(language).values(), *digests(language))


def one_of_each(language: str) -> dict[str, Message]:
    """The longest of each kind, by name."""
    found = dict(notice_mails.mails(language))
    for kind in _DIGESTS:
        found[kind.value] = max((one for one in digests(language) if one.kind is kind), key=lambda one: len(repr(one)))
    return {name.replace(" ", "-"): message for name, message in found.items()}

"""Writes one mail of each kind of the demo into mail/, as it would be sent and as a page: `python .ci/demo_mails.py [FOLDER]`.

No moment has them all: so a few of the demo's last days are gone through, as builds and sendings would have, with all that is
told in a state that is thrown away. Nothing is sent.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from statusgen import config, fetch, mailroom
from statusgen.access import parse_secret
from statusgen.cli import previews
from statusgen.letters import Letter
from statusgen.mailroom import Draft, Room, digests, notices, written
from statusgen.sources.common import Fetched
from statusgen.state import Changes, DirState, Told, load, save
from statusgen.views.message import MessageKind
from statusgen.views.welcome import confirm_message

ROOT = Path(__file__).resolve().parent.parent
NOW = "2026-11-24T10:20:00+01:00"
MOMENTS = (
    "2026-11-10T12:00:00+01:00",
    "2026-11-11T09:45:00+01:00",
    "2026-11-11T10:50:00+01:00",
    "2026-11-18T10:00:00+01:00",
    "2026-11-18T12:00:00+01:00",
    "2026-11-20T16:00:00+01:00",
    "2026-11-23T10:00:00+01:00",
    "2026-11-23T11:30:00+01:00",
    NOW,
)
"""Working hours at which something new is to be told."""
MOVED = (
    "INC-88031,Incident,j-bakker,Hand scanner loses Wi-Fi at dock 7,Planned,2026-11-20 15:30,2026-11-13 07:20,Network team,Anouk,2 - High,"
    "Network,Wi-Fi,Harbour,2026-11-30 08:00,2026-11-30 08:00,,The lift is in use on Friday; it becomes Monday 30 November at 08:00.,Anouk,yes,\n"
)
"""A date that moves: the demo itself moves none."""


def open_room(settings: config.Config, state: DirState, at: str) -> Room:
    """All that was known at a moment."""
    now = datetime.fromisoformat(at)
    secret = parse_secret((ROOT / (settings.privacy.secret.file or "")).read_text("utf-8"))

    def get(source: config.SourceConfig) -> Fetched:
        fetched = fetch.fetch_path(ROOT / (source.path or ""), max_size=source.max_size, now=now)
        if source.name != "servicedesk":
            return fetched
        return replace(fetched, files={name: data + MOVED.encode() for name, data in fetched.files.items()})

    return mailroom.open_room(settings, root=ROOT, memory=load(state, now), now=now, get=get, secret=secret)


def told(settings: config.Config, state: DirState) -> Iterator[tuple[Room, Draft]]:
    """Every notice of these days, each told once."""
    for at in MOMENTS:
        room = open_room(settings, state, at)
        noticed = notices.compose(room, notices.Wished()).composed
        yield from ((room, draft) for draft in noticed.drafts)
        tells = {**noticed.told, **{key: one for draft in noticed.drafts for key, one in draft.tells.items()}}
        marks = {key: Told(digest=digest, at=room.now) for key, digest in tells.items()}
        save(state, room.memory, Changes(built_at=room.now, sources=None, told=marks))


def question(room: Room) -> tuple[Room, Draft]:
    """What somebody is asked who asked for mail about a service by mail."""
    recipient = room.recipient(next(iter(room.people.values())))
    message = confirm_message(
        room.look(recipient),
        recipient,
        room.snapshot.services[0].id,
        base_url=room.absolute(room.prefix(recipient.language)),
        answer=room.access.mail_token("confirm", room.pseudonym(recipient)),
        made_at=room.now,
    )
    return room, Draft(message=message, period=room.now.date().isoformat(), good_until=room.now)


def summed_up(room: Room) -> Iterator[tuple[Room, Draft]]:
    """Every digest as it stands."""
    yield from ((room, draft) for draft in digests.compose(room, digests.Wanted(is_due=False)).drafts)


def main(folder: Path) -> None:
    """Write them, and say where."""
    text = (ROOT / "statusgen.toml").read_text("utf-8")
    settings = config.parse(text.replace("[privacy]\n", '[privacy]\nwelcome = "mail"\n', 1))
    found: dict[str, tuple[Room, Draft]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for room, draft in told(settings, DirState(Path(scratch))):
            found.setdefault(draft.message.kind, (room, draft))
        last = open_room(settings, DirState(Path(scratch)), NOW)
        for room, draft in (question(last), *summed_up(last)):
            kind = draft.message.kind
            if kind not in found or len(draft.message.sections) > len(found[kind][1].message.sections):
                found[kind] = (room, draft)
    letters = [next(iter(written(room, (draft,), shows=True))) for room, draft in found.values()]
    made = sorted((one for one in letters if isinstance(one, Letter)), key=lambda one: one.kind)
    for is_digest in (True, False):
        mine = [one for one in made if (one.kind in previews.DIGESTS) is is_digest]
        previews.write(folder, mine, title=settings.site.title, digests=is_digest)
    missing = sorted(set(MessageKind) - {one.kind for one in made})
    print(
        f"{len(made)} kinds of mail, one of each: {folder / previews.INDEX}"
        + (f" (missing: {', '.join(missing)})" if missing else "")
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / previews.FOLDER)

"""The way out: what was composed goes through the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from statusgen.cli.previews import FOLDER
from statusgen.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from statusgen.access import Access
    from statusgen.cli.mailing import Flags, Outcome
    from statusgen.config import Config
    from statusgen.letters import Letter, Skip
    from statusgen.mailroom import Composed, Room
    from statusgen.outbox import Delivered

JOURNAL = "sending.jsonl"
"""What a run of the outbox writes down as it goes, beside what this machine keeps of the state."""
_COUNTS = ("sent", "later", "refused", "in_doubt", "given_up", "skipped", "left", "waiting", "elsewhere")


def send(session: Session, room: Room, composed: Composed, flags: Flags) -> Outcome:
    """Send what was composed, exactly as the ledger allows. With --to it is a trial: nothing counts as told or skipped by it."""
    from statusgen.cli.mailing import Outcome, sorted_out
    from statusgen.mailroom import written
    from statusgen.outbox import ledger

    made = written(
        room, composed.drafts, is_known=lambda key: not flags.to and ledger.is_settled(room.memory, key), to=flags.to
    )
    letters, skips = sorted_out(list(made), () if flags.to else composed.skips)
    if flags.to:
        letters = tuple(replace(one, period=ledger.TRIAL) for one in letters)
    rehearses = ledger.is_first(room.memory.ledger) and not flags.to
    if not rehearses and _refused(session, letters, flags):
        session.terminal.result("nothing sent.")
        return Outcome(why="nothing was sent: it was not wanted.")
    done = hand_out(
        session,
        room.config,
        room.access,
        letters,
        skips,
        told={} if flags.to else composed.told,
        sure=flags.yes or bool(flags.to),
        rehearses=flags.rehearses,
    )
    if done.rehearsal:
        _rehearse(session, room, composed)
    say(session, done)
    if done.sent and any(letter.address for letter in letters) and not session.terminal.as_json:
        _say_where(session, room)
    words = {name: name.replace("_", " ") for name in _COUNTS}
    if done.rehearsal:
        words["left"] = "rehearsed: the next run sends them"
    rows = tuple(("letters", said, getattr(done, name)) for name, said in words.items() if getattr(done, name))
    return Outcome(rows=rows, why=done.why, rehearsed=done.rehearsal)


def _say_where(session: Session, room: Room) -> None:
    """Where mail is only written to a folder, nobody is to wait for it in a mailbox."""
    (_, channel), *_ = room.ways
    if channel is None or channel.kind == "folder":
        session.terminal.result(f"mail lies in {session.root / FOLDER}: there is no channel of kind smtp.")


def hand_out(
    session: Session,
    config: Config,
    access: Access,
    letters: Sequence[Letter],
    skips: Sequence[Skip] = (),
    *,
    told: Mapping[str, str] | None = None,
    sure: bool,
    rehearses: bool = False,
) -> Delivered:
    """One run of the outbox, with all channels of the configuration. SIGINT and SIGTERM let the letter at hand finish, for 5 s."""
    from statusgen.cli.progress import Progress
    from statusgen.cli.secrets import vault
    from statusgen.cli.signals import stoppable
    from statusgen.outbox import Post, Watch, deliver
    from statusgen.outbox.folder import check_folder
    from statusgen.outbox.ways import ways_of

    folder, kept = session.root / FOLDER, session.state_dir or session.root / config.state.path
    check_folder(folder, [session.root / config.site.output, kept])
    ways = ways_of(config, value=vault(session).value, folder=folder)
    with Progress(session.terminal, on_terminal=session.doors.is_terminal()) as progress, stoppable():
        post = Post(
            state=session.state(config),
            ways=ways,
            journal=kept / JOURNAL,
            access=access,
            watch=Watch(now=session.now),
            sure=sure,
            rehearses=rehearses,
            progress=progress,
        )
        return deliver(letters, skips, told=told, post=post)


def say(session: Session, done: Delivered) -> None:
    """What became of the letters, in counts only."""
    from statusgen.cli.mailing import in_words

    if session.terminal.as_json:
        session.terminal.json(asdict(done))
        return
    counts = {name: f"{getattr(done, name):,} {name.replace('_', ' ')}" for name in _COUNTS if getattr(done, name)}
    for name, codes in done.codes.items():
        counts[name] += f" ({', '.join(map(str, codes))})"
    if done.skipped:
        counts["skipped"] = f"skipped: {in_words(done.reasons)}"
    if done.rehearsal:
        session.terminal.result("nothing was ever sent from here, so this was a rehearsal; the next run sends.")
    session.terminal.result(", ".join(counts.values()) or "there is nothing to send")
    for warning in done.warnings:
        session.terminal.warning(warning)
    if done.why:
        session.terminal.warning(f"the run ended early. {done.why} The next run goes on.")


def _refused(session: Session, letters: Sequence[Letter], flags: Flags) -> bool:
    """Whether somebody sits there who was asked, and said no."""
    if flags.yes or not letters or not session.doors.is_terminal() or session.terminal.as_json:
        return False
    people = len({letter.recipient for letter in letters})
    return not session.doors.agrees(
        f"{len(letters):,} {'letter' if len(letters) == 1 else 'letters'} to {people:,} {'person' if people == 1 else 'people'}: send?"
    )


def _rehearse(session: Session, room: Room, composed: Composed) -> Path:
    """What would have gone out, to look at."""
    from statusgen.cli import previews
    from statusgen.cli.mailing import has_digests, sorted_out
    from statusgen.mailroom import written

    letters, _ = sorted_out(list(written(room, composed.drafts, shows=True)))
    title, is_digest = room.config.site.title, has_digests(composed)
    previews.write(session.root / FOLDER, letters, title=title, digests=is_digest)
    if not session.terminal.as_json:
        session.terminal.result(f"preview: {session.root / FOLDER / previews.INDEX}")
    return session.root / FOLDER / previews.INDEX

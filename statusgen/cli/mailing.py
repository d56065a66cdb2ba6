"""What `digest`, `notify` and `run` share: the flags, the room in which mail is made, and the way out or into a preview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from statusgen.cli.session import Session
from statusgen.errors import UsageError

if TYPE_CHECKING:
    from statusgen.config import Config
    from statusgen.letters import Letter, Skip
    from statusgen.mailroom import Composed, Room

_F = TypeVar("_F", bound=Callable[..., Any])


_WHY = {
    "address": "no e-mail address",
    "channel": "no such channel",
    "empty": "nothing to say",
    "late": "too late to be news",
    "most": "enough for today",
    "stale": "no fresh data",
    "stopped": "stopped by the reader",
    "suppressed": "a dead address",
    "unchanged": "nothing new",
    "unwanted": "not asked for",
}
"""Why somebody gets no letter: the word of the ledger in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What the flags of a mailing ask for. `rehearses`: another part of the same run did, so this one sends nothing either."""

    send: bool = False
    yes: bool = False
    only: tuple[str, ...] = ()
    to: str = ""
    open: bool = False
    behind_deploy: bool = False
    rehearses: bool = False


def mail_options(command: _F) -> _F:
    """The flags that every command has that makes mail."""
    for option in reversed(
        (
            click.option("--send", is_flag=True, help="Send; without it a preview is written, and nothing leaves."),
            click.option("--yes", is_flag=True, help="Do not ask, and send on an empty state too."),
            click.option("--only", metavar="PERSON", multiple=True, help="Only to this id or e-mail address."),
            click.option("--to", metavar="ADDRESS", default="", help="To this address instead, as a trial."),
            click.option("--open", is_flag=True, help="Open the preview in a browser."),
            click.option(
                "--behind-deploy",
                is_flag=True,
                help="Wait until the last site that was made is live, for five minutes at most.",
            ),
        )
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a mailing: how many by kind and result, for the summary of `run`; why it ended early, or "".

    `rehearsed`: nothing was sent, because nothing ever was.
    """

    rows: tuple[tuple[str, str, int], ...] = ()
    why: str = ""
    rehearsed: bool = False


def open_room(session: Session, config: Config) -> Room | None:
    """The room in which mail is made. None, with a warning, where there is no secret and so no mail."""
    from statusgen import mailroom
    from statusgen.access import Access
    from statusgen.cli.carrying import carry_over
    from statusgen.cli.secrets import privacy_secret, vault
    from statusgen.cli.sources_get import getter
    from statusgen.levels import refuse_open_pages
    from statusgen.state import load

    refuse_open_pages(config, session.doors.environ)
    now, secrets = session.now, vault(session)
    secret = privacy_secret(config, secrets, session.doors.environ, now)
    if secret is None:
        why = (
            "[privacy] level is off"
            if config.privacy.level == "off"
            else "there is no secret (set STATUSGEN_SECRET; `statusgen secret new` makes one)"
        )
        session.terminal.warning(f"there is no mail: {why}.")
        return None
    carry_over(session, config, Access(secret=secret, site_id=config.privacy.site_id))
    room = mailroom.open_room(
        config,
        root=session.root,
        memory=load(session.state(config), now),
        now=now,
        get=getter(session.root, now=now, vault=secrets),
        secret=secret,
    )
    for warning in (*room.memory.warnings, *room.warnings):
        session.terminal.warning(warning)
    return room


def meant(room: Room, flags: Flags) -> frozenset[str]:
    """Whom --only means: ids as they are, addresses in small letters too. Raises UsageError where nobody is such a one."""
    names = [{one, one.casefold()} if "@" in one else {one} for one in flags.only]
    managers = (found for team in room.snapshot.teams if (found := room.manager(team)))
    known = {name for one in (*room.people.values(), *managers) for name in (one.id, one.email.casefold())}
    known |= {one.address.casefold() for one in room.memory.subscriptions.values()}
    if not all(one & (known - {""}) for one in names):
        raise UsageError(
            "--only: nobody who gets mail has that id or e-mail address",
            help="Ids are taken as they are, upper and lower case included: those of [people], or without it of who asked for something.",
        )
    return frozenset().union(*names)


def hand_over(session: Session, room: Room, composed: Composed, flags: Flags) -> Outcome:
    """Send what was composed, or write it down as a preview; say what became of it."""
    if not flags.send:
        return _preview(session, room, composed, flags)
    from statusgen.cli.sending import send

    return send(session, room, composed, flags)


def _preview(session: Session, room: Room, composed: Composed, flags: Flags) -> Outcome:
    from statusgen.cli import previews
    from statusgen.mailroom import written

    made = list(written(room, composed.drafts, shows=True, to=flags.to))
    letters, skips = sorted_out(made, composed.skips)
    folder = session.root / previews.FOLDER
    names = previews.write(folder, letters, title=room.config.site.title, digests=has_digests(composed))
    if session.terminal.as_json:
        session.terminal.json(
            {
                "letters": [
                    {"kind": one.kind, "period": one.period, "file": f"{previews.FOLDER}/{name}.html"}
                    for name, one in zip(names, letters, strict=True)
                ],
                "skipped": dict(Counter(skip.reason for skip in skips)),
                "sent": 0,
            }
        )
    else:
        _say(session, letters, skips)
        session.terminal.result(f"preview: {folder / previews.INDEX}")
        session.terminal.result("nothing sent. Add --send to send.")
    if flags.open:
        session.doors.browse((folder / previews.INDEX).resolve().as_uri())
    return Outcome(
        rows=tuple((kind, "previewed", count) for kind, count in Counter(one.kind for one in letters).items())
    )


def has_digests(composed: Composed) -> bool:
    """Whether this is what `digest` made: it decides on everybody, be it with a reason to send nothing."""
    from statusgen.cli.previews import DIGESTS

    kinds = [draft.message.kind for draft in composed.drafts] + [skip.kind for skip in composed.skips]
    return any(kind in DIGESTS for kind in kinds)


def _say(session: Session, letters: Sequence[Letter], skips: Sequence[Skip]) -> None:
    """One line for each kind and period: how many, and why others get none."""
    counts = Counter((one.kind, one.period) for one in letters)
    reasons: dict[tuple[str, str], Counter[str]] = {}
    for skip in skips:
        reasons.setdefault((skip.kind, skip.period), Counter())[skip.reason] += 1
    for kind, period in dict.fromkeys([*counts, *reasons]):
        left = f"; none for {in_words(why)}" if (why := reasons.get((kind, period))) else ""
        session.terminal.result(f"  {kind:<18} {period:<12} {counts[kind, period]:,}{left}")
    if not counts and not reasons:
        session.terminal.result("  there is nothing to say to anybody")


def in_words(reasons: Mapping[str, int]) -> str:
    """How many get no letter, by why: "2 (nothing to say), 1 (no e-mail address)"."""
    return ", ".join(f"{number:,} ({_WHY.get(reason, reason)})" for reason, number in sorted(reasons.items()))


def sorted_out(
    made: Sequence[Letter | Skip], skips: Sequence[Skip] = ()
) -> tuple[tuple[Letter, ...], tuple[Skip, ...]]:
    """Letters and skips apart."""
    from statusgen.letters import Letter, Skip

    return (
        tuple(one for one in made if isinstance(one, Letter)),
        (*skips, *(one for one in made if isinstance(one, Skip))),
    )


def refuse(flags: Flags) -> None:
    """Raise UsageError where the flags contradict each other."""
    from statusgen.text import headers

    if flags.to and headers.address(flags.to) is None:
        raise UsageError("--to is not an e-mail address", help="Write one like you@example.org.")
    if flags.to and not (flags.only or flags.send is False):
        raise UsageError(
            "--to sends what others get to one address",
            help="Name whose mail with --only, so that it is not everybody's.",
        )
    if flags.open and flags.send:
        raise UsageError("--open opens a preview, and --send writes none", help="Leave out one of them.")

"""What is published now, by its own word: the heartbeat of the live site; and the ping that says that we still run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from statusgen import addresses
from statusgen.errors import SourceError

if TYPE_CHECKING:
    from statusgen.cli.session import Session
    from statusgen.config import Config

_SECONDS = 10.0
_MOST = 1 << 20
_DEPLOY = timedelta(minutes=10)  # after this long a deploy is over, one way or the other
_LOOKS, _PAUSE = 10, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A heartbeat: when the site that is live was built, until when it is to be believed, and its bytes."""

    built: datetime
    good_until: datetime
    simulated: bool
    content: bytes


def heartbeat(base_url: str, now: datetime) -> Beat:
    """The heartbeat of the site at this address. Raises SourceError where there is none that can be read.

    `now` is in the address that is asked, so that no cache on the way answers.
    """
    from statusgen.fetch import Line, fetch_url

    url = urljoin(base_url, f"{addresses.HEARTBEAT}?at={now:%Y%m%dT%H%M%SZ}")
    fetched = fetch_url(url, headers={}, max_size=_MOST, now=now, line=Line(deadline=_SECONDS, silence=_SECONDS))
    return read(fetched.only[1])


def read(content: bytes) -> Beat:
    """A heartbeat of these bytes. Raises SourceError where they are something else."""
    try:
        said = json.loads(content)
        built, good_until = (datetime.fromisoformat(said[name]) for name in ("built", "good_until"))
        simulated = bool(said["simulated"])
        whole = built.tzinfo is not None and good_until.tzinfo is not None
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise SourceError(f"{addresses.HEARTBEAT} is not one of ours", help="Publish the output folder whole.")
    return Beat(built=built, good_until=good_until, simulated=simulated, content=content)


def may_stay(beat: Beat, config: Config, now: datetime) -> bool:
    """Whether a site with this heartbeat needs no new one until the next build is due.

    One with a time to come is no witness of anything: some clock is wrong.
    """
    return timedelta(0) <= now - beat.built <= config.schedule.heartbeat - config.schedule.rebuild


def young_heartbeat(session: Session, config: Config, now: datetime) -> bytes | None:
    """The live heartbeat, where that is young enough to be left alone; else None, for whatever reason."""
    try:
        beat = heartbeat(config.site.base_url, now)
    except SourceError as error:
        session.terminal.note(f"the live site cannot be asked for its age: {error.message}", level=1)
        return None
    return beat.content if may_stay(beat, config, now) else None


def wait_for_deploy(session: Session, config: Config, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until the last site that was made is the live one, so that no mail links to a page that is not there yet.

    Only as long as a deploy can still be under way; where the live site cannot be asked, or it stays another one, mail goes
    out all the same: an old page is better than no word.
    """
    from statusgen.build import is_last
    from statusgen.state import load

    memory = load(session.state(config), session.now)
    if memory.built_at is None or session.now - memory.built_at > _DEPLOY:
        return
    for _ in range(_LOOKS):
        try:
            beat = heartbeat(config.site.base_url, session.now)
        except SourceError as error:
            session.terminal.note(f"the live site cannot be asked for its age: {error.message}", level=1)
            return
        if is_last(memory, beat.content):
            return
        session.terminal.note("the last site that was made is not live yet: waiting …")
        sleep(_PAUSE)
    session.terminal.warning("the last site that was made is not live; mail goes out all the same.")


def ping(session: Session, config: Config, *, well: bool) -> None:
    """Tell the watcher of `[schedule] ping` that a run went well, or (at /fail below it) did not. Failing is a warning.

    Nothing that is said holds the address: it is a secret.
    """
    from statusgen.cli.secrets import vault
    from statusgen.fetch import Line, probe

    if config.schedule.ping is None:
        return
    try:
        url = _whole(vault(session).value(config.schedule.ping), well=well)
        status = probe(url, max_size=_MOST, line=Line(deadline=_SECONDS, silence=_SECONDS)).status
    except SourceError:
        session.terminal.warning("the ping of [schedule] got no answer: its watcher may raise an alarm.")
        return
    if status >= 300:
        session.terminal.warning(
            f"the ping of [schedule] was answered with {status}: see whether its address is right."
        )


def _whole(url: str, *, well: bool) -> str:
    """The address to ask. Raises SourceError where it is none."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        known = False
    if not known:
        raise SourceError("the ping is no web address")
    return url if well else urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))

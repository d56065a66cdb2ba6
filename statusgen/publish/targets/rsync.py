"""The site on another machine, by rsync over ssh: only what differs by checksum is sent, and what is gone is removed.

    .statusgen      says that the folder is ours: the first thing that is put there

No shell is started here, and nobody is asked anything: ssh has a key, or it fails.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from statusgen.addresses import HEARTBEAT
from statusgen.errors import PublishError
from statusgen.publish.targets.order import Sent, Waves
from statusgen.publish.targets.output import Output

MARKER = ".statusgen"
_SAYS = "This folder is written by statusgen: publishing replaces all that is in it.\n"
_PARTLY = 23
_SECONDS = 30 * 60
_SILENT = 60
_HOW = (
    "--recursive",
    "--checksum",  # a fresh runner's files are all new: their times say nothing
    "--delay-updates",
    "--chmod=D755,F644",
    "--omit-dir-times",
    "--protect-args",
    f"--timeout={_SILENT}",
)
_WHY = {
    1: ("rsync does not know what was asked of it", "rsync 3.1 or later is needed on both sides."),
    3: ("there is no such folder", "Make it first, and set [publish] target right."),
    5: ("the server refused to begin", "Look at the server's rsyncd.conf."),
    10: ("the connection broke", "Try again; what was sent stays and is not sent twice."),
    11: ("a file could not be read or written", "See whether the disk there is full, and whose the folder is."),
    12: ("the two sides do not understand each other", "See whether rsync is installed there, and ssh is silent."),
    23: ("some files could not be written", "See whose the folder there is, and what rights it has."),
    30: (f"nothing was heard for {_SILENT} seconds", "Try again; what was sent stays and is not sent twice."),
    127: ("rsync is not installed there", "Install it on the other machine."),
    255: (
        "ssh could not sign in",
        "Try `ssh` by hand: it needs a key without a password, and the host among the known ones.",
    ),
}

Run = Callable[[Sequence[str], bytes], "subprocess.CompletedProcess[bytes]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where the site goes: `target` as rsync writes it, `port` of ssh."""

    target: str
    port: int = 22

    @property
    def folder(self) -> str:
        """The target, as a folder whose insides are meant."""
        return self.target.rstrip("/") + "/"

    @property
    def is_far(self) -> bool:
        """Whether ssh is needed."""
        return ":" in self.target and not self.target.startswith("rsync://")

    @property
    def way(self) -> tuple[str, ...]:
        """How rsync gets there."""
        return ("--rsh", f"ssh -p {self.port} -o BatchMode=yes -o ConnectTimeout=20") if self.is_far else ()


def publish(output: Output, machine: Machine, environ: Mapping[str, str], *, run: Run | None = None) -> Sent:
    """Make the folder there equal to this output. Raises PublishError; whatever was sent until then stands."""
    return _Site(output, machine, run or _runner(environ)).publish()


class _Site:
    def __init__(self, output: Output, machine: Machine, run: Run) -> None:
        self._output = output
        self._machine = machine
        self._run = run

    def publish(self) -> Sent:
        self._claim()
        waves = Waves.of(self._output.sizes)
        done = [self._send(wave) for wave in (waves.first, waves.then)]
        source = f"{self._output.folder}/"
        keep = (f"--exclude=/{HEARTBEAT}", f"--exclude=/{MARKER}")
        swept = self._call(*_HOW, "--delete-after", "--stats", *keep, source, self._machine.folder)
        done.append(self._send(waves.heartbeat))
        sent = sum(_figure(each, "regular files transferred") for each in (*done, swept))
        return Sent(
            kind="rsync",
            place=self._machine.target,
            sent=sent,
            unchanged=len(self._output.sizes) - sent,
            removed=_figure(swept, "deleted files"),
            size=sum(_figure(each, "transferred file size") for each in (*done, swept)),
        )

    def _send(self, paths: Sequence[str]) -> str:
        if not paths:
            return ""
        listed = b"".join(path.encode() + b"\0" for path in paths)
        words = (*_HOW, "--stats", "--from0", "--files-from=-", f"{self._output.folder}/", self._machine.folder)
        return self._call(*words, feed=listed)

    def _claim(self) -> None:
        """Mark an empty folder as ours; refuse one that holds something else, which would be removed."""
        words = ("--list-only", "--protect-args", f"--timeout={_SILENT}", self._machine.folder)
        listed = self._call(*words, looks=True)
        names = {line.split(maxsplit=4)[-1] for line in listed.splitlines() if len(line.split(maxsplit=4)) == 5}
        if MARKER in names:
            return
        if names - {"."}:
            raise PublishError(
                f"{self._machine.target} holds files that statusgen did not put there, and publishing would remove them",
                help=f"Name a folder of its own in [publish] target, or empty that one; or put a file {MARKER} in it.",
            )
        with TemporaryDirectory() as folder:
            marker = Path(folder, MARKER)
            marker.write_text(_SAYS, encoding="utf-8")
            self._call("--chmod=F644", "--protect-args", str(marker), self._machine.folder)

    def _call(self, *words: str, feed: bytes = b"", looks: bool = False) -> str:
        done = self._run(("rsync", *self._machine.way, *words), feed)
        if done.returncode:
            code = 3 if done.returncode == _PARTLY and looks else done.returncode
            why, help_ = _WHY.get(code, (f"rsync failed with {code}", "Run rsync by hand to see why."))
            raise PublishError(f"the site could not be published to {self._machine.target}: {why}", help=help_)
        return done.stdout.decode("utf-8", "replace")


def _figure(told: str, what: str) -> int:
    """A number out of `rsync --stats`."""
    found = re.search(rf"{what}: ([0-9,.]+)", told)
    return int(re.sub(r"[,.]", "", found[1])) if found else 0


def _runner(environ: Mapping[str, str]) -> Run:
    """Run rsync as a child that knows none of our secrets and speaks English."""
    known = {name: value for name, value in environ.items() if not name.startswith("STATUSGEN_")} | {"LC_ALL": "C"}

    def run(words: Sequence[str], feed: bytes) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                list(words), input=feed, capture_output=True, env=known, timeout=_SECONDS, check=False
            )
        except FileNotFoundError:
            raise PublishError(
                '[publish] kind = "rsync" needs rsync, and there is none here', help="Install rsync."
            ) from None
        except subprocess.TimeoutExpired:
            raise PublishError(
                f"rsync had not ended after {_SECONDS // 60} minutes", help="Try again; what was sent stays."
            ) from None

    return run

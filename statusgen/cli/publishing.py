"""From the output folder to where people read it, as `[publish]` says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from statusgen.cli.session import Session
from statusgen.errors import UsageError

if TYPE_CHECKING:
    from statusgen.config import Config
    from statusgen.publish.targets import Sent

KINDS = ("dir", "github-pages", "s3", "rsync")


def publish_site(session: Session, config: Config, output: Path, *, kind: str | None = None) -> Sent | None:
    """Publish the site in `output` to the target of this `kind` (None: the configuration's); None where it just stays there.

    Warns where the site comes near to what the host takes. Raises PublishError, SecretError, BusyError.
    """
    from statusgen.publish.targets import limits
    from statusgen.publish.targets.output import held

    kind = kind or config.publish.kind
    host = limits.host_of(kind, config.publish.host)
    if kind == "dir" and host == "none":
        return None
    with held(output) as site:
        for near in limits.near(site, host):
            over = " It will be refused." if near.is_over else ""
            session.terminal.warning(f"{near.said}.{over}")
        return _published(session, config, kind, site)


def as_json(sent: Sent) -> dict[str, Any]:
    """What was published, for `build --output-format json`. It is an interface, as the object that it stands in is."""
    return {
        "kind": sent.kind,
        "place": sent.place,
        "sent": sent.sent,
        "unchanged": sent.unchanged,
        "removed": sent.removed,
        "bytes": sent.size,
    }


def line(sent: Sent) -> str:
    """The same for people."""
    files = "file" if sent.sent == 1 else "files"
    removed = f", removed {sent.removed:,}" if sent.removed else ""
    return f"  published {sent.sent:,} {files}{removed} · {sent.place}"


def _published(session: Session, config: Config, kind: str, site: Any) -> Sent | None:
    if kind == "github-pages":
        from statusgen.publish.targets import pages

        return pages.publish(site, session.root / config.publish.artifact)
    if kind == "s3":
        from statusgen.cli.backends import bucket_place
        from statusgen.cli.secrets import vault
        from statusgen.publish.targets import store

        return store.publish(site, bucket_place(config.publish.bucket, vault(session), session.doors.environ))
    if kind == "rsync":
        from statusgen.publish.targets import rsync

        if config.publish.target is None:
            raise UsageError("[publish] names no target for rsync", help='Write target = "user@host:/folder".')
        machine = rsync.Machine(target=_target(session, config.publish.target), port=config.publish.port)
        return rsync.publish(site, machine, session.doors.environ)
    return None


def _target(session: Session, target: str) -> str:
    """A folder of this machine starts at the configuration's."""
    return target if ":" in target else str(session.root / target)

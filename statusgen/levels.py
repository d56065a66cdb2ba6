"""How private pages are guarded at this build: what the configuration asks for, as far as it can be believed.

"unlisted" is refused where others can read the files; "host" seals the pages until `statusgen verify` has seen that the server
really guards them. Everything fails towards sealed.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from statusgen.channels import hosting
from statusgen.channels.hosting import Home
from statusgen.config import Config
from statusgen.errors import PublishError, UsageError
from statusgen.files import REAL
from statusgen.state import Verified

BELIEVED = timedelta(days=30)
"""So long a passed check of the server counts."""
_OPEN = frozenset({"unlisted", "host"})
_CLOSED_REPOSITORIES = frozenset({"private", "internal"})


def effective(config: Config, verified: Verified | None, now: datetime) -> tuple[Config, tuple[str, ...]]:
    """The configuration with the level that counts, and what to warn of."""
    if config.privacy.level != "host" or is_believed(config, verified, now):
        return config, ()
    url = config.site.base_url
    why = f"no check of {url} has been passed"
    if verified and verified.base_url == url:
        why = f"the last check of {url} is of {verified.at:%Y-%m-%d}, more than {BELIEVED.days} days ago"
    sealed = config.model_copy(update={"privacy": config.privacy.model_copy(update={"level": "sealed"})})
    return sealed, (f'level "host": {why}, so personal pages are sealed. Publish, then `statusgen verify {url}`.',)


def is_believed(config: Config, verified: Verified | None, now: datetime) -> bool:
    """Whether the server at base-url was lately seen to guard personal pages."""
    return verified is not None and verified.base_url == config.site.base_url and now - verified.at <= BELIEVED


def refuse_open_pages(config: Config, environ: Mapping[str, str]) -> None:
    """Raise UsageError where personal pages would be readable by whoever can read the repository.

    In GitHub Actions the files of the site lie in an artifact. An event without the repository's visibility is of a public one.
    """
    if config.privacy.level not in _OPEN or not in_open_repository(environ):
        return
    visibility = repository_visibility(environ)
    said = f"is {visibility}" if visibility else "may be public: the event does not say what it is"
    raise UsageError(
        f'level "{config.privacy.level}" is refused here: the repository {said}, and everybody could read personal pages '
        "in its artifacts",
        help='Use [privacy] level = "sealed"; nothing was written.',
    )


def in_open_repository(environ: Mapping[str, str]) -> bool:
    """Whether this is a job of GitHub Actions in a repository that everybody can read, or that may be one."""
    in_actions = environ.get("GITHUB_ACTIONS", "").lower() in {"1", "true"}
    return in_actions and repository_visibility(environ) not in _CLOSED_REPOSITORIES


def repository_visibility(environ: Mapping[str, str]) -> str:
    """What the event of GitHub Actions says of it: public, private or internal; "" where it says nothing."""
    try:
        event = json.loads(Path(environ.get("GITHUB_EVENT_PATH", "")).read_text(encoding="utf-8"))
        found = event["repository"]["visibility"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return found if isinstance(found, str) and found.isalpha() else ""


def write_rules(config: Config, homes: Iterable[Home], *, root: Path, output: Path) -> tuple[str, ...]:
    """Write what a web server needs to guard personal pages. What to warn of comes back.

    Only their owner can read the files; where the group was let into the folder, it can: Apache reads its map as its own user.
    Raises PublishError where they cannot be written.
    """
    privacy = config.privacy
    folder = (root / privacy.rules).absolute()
    known, odd = hosting.usable(homes)
    place = privacy.served_from or str(output.absolute())
    server = hosting.Server(base_path=urlsplit(config.site.base_url).path, root=place, sign_in=privacy.sign_in)
    files = {
        "nginx-map.conf": hosting.nginx_map(known),
        "nginx-locations.conf": hosting.nginx_locations(server),
        "apache-map.txt": hosting.apache_map(known),
        "apache-vhost.conf": hosting.apache_vhost(server, str(folder / "apache-map.txt")),
    }
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = 0o640 if folder.stat().st_mode & stat.S_IRGRP else 0o600
        for name, text in files.items():
            beside = str(folder / f"{name}.new")
            REAL.write(beside, text.encode(), mode)
            REAL.rename(beside, str(folder / name))
    except OSError as error:
        raise PublishError(
            f"the rules for the web server could not be written to {privacy.rules}: {error.strerror}",
            help="Make room or set the rights right; the site itself was published.",
        ) from error
    if not odd:
        return ()
    who = "an e-mail address" if privacy.identity == "email" else "an id"
    return (
        f'level "host": {odd:,} people have {who} that a web server cannot tell from others; nobody is let in under it.',
    )

"""`statusgen verify`: is a published site guarded as it should be? Asked from outside, by somebody whom it does not know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import click

from statusgen import addresses
from statusgen.cli.personal import needed_access
from statusgen.cli.session import Session, with_session
from statusgen.errors import SealError, SourceError, UsageError

if TYPE_CHECKING:
    from statusgen.access import Access, Lock
    from statusgen.config import Config
    from statusgen.fetch import Answer

_MOST = 4 << 20
_TOKENS = re.compile(rb"(?<![a-z0-9])[a-z2-7]{32}(?![a-z0-9])")
_SEALED = re.compile(rb'id="sealed">([^<]*)<')
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_GUARDED = frozenset({401, 403, 404, 410})
NEVER = (
    ".statusgen/index.zst",
    ".output.statusgen/lock",
    ".git/HEAD",
    "statusgen.toml",
    ".htaccess",
    "access/nginx-map.conf",
)
"""What lies beside a site and must never lie in it."""
_CLAIMED = "verify@status.invalid"
_CLAIMS = dict.fromkeys(
    ("X-Auth-Request-Email", "X-Auth-Request-User", "X-Forwarded-User", "X-Remote-User", "Remote-User"), _CLAIMED
)
"""Headers by which a proxy tells who is signed in. Sent from outside they must change nothing."""
_PROMISED = ("cache-control", "x-robots-tag", "x-frame-options", "referrer-policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong (`level` error), or that could be better (note)."""

    level: str
    what: str
    help: str


@dataclass(slots=True, kw_only=True)
class Asker:
    """Asks one site, each address once."""

    base_url: str
    ask: Callable[[str, Mapping[str, str]], Answer]
    known: dict[tuple[str, bool], Answer] = field(default_factory=dict)

    def at(self, address: str, *, claiming: bool = False) -> Answer:
        """What this address below the base answers. Raises SourceError where nothing does.

        `claiming`: to somebody who says in headers that they are signed in.
        """
        key = address, claiming
        if key not in self.known:
            self.known[key] = self.ask(urljoin(self.base_url, address), _CLAIMS if claiming else {})
        return self.known[key]

    def shows(self, address: str) -> bool:
        """Whether something of its own lies there: a host that answers everything with one page shows nothing."""
        answer, nothing = self.at(address), self.at("no-such-page-here/")
        return answer.status == 200 and answer.body != nothing.body


@click.command("verify")
@click.argument("url", required=False)
@with_session
def command(session: Session, /, *, url: str | None) -> int:
    """Check a published site: is it guarded as it should be.

    Asks URL (default: base-url) without any password: for a page that is nobody's, for the folders of private pages, for what
    must never be published, and for the headers that were promised. Exits with 1 when something is wrong. With level "host",
    personal pages are sealed until this has been passed.
    """
    from statusgen.fetch import probe

    config = session.config()
    base_url = _address(url or config.site.base_url)
    access = needed_access(session, config)
    asker = Asker(base_url=base_url, ask=lambda address, headers: probe(address, max_size=_MOST, headers=headers))
    try:
        findings = [*everything(asker, config, access, now=session.now)]
    except SourceError as error:
        findings = [Finding(level="error", what=error.message, help="See the address; has the site been published?")]
    passed = not any(finding.level == "error" for finding in findings)
    if config.privacy.level == "host":
        findings = [*findings, *_remember(session, config, base_url, passed=passed)]
    _tell(session, base_url, findings, passed=passed)
    return 0 if passed else 1


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{url!r} is no web address", help="Write it whole: https://status.example.org/")
    return url if url.endswith("/") else f"{url}/"


def everything(asker: Asker, config: Config, access: Access, *, now: datetime) -> Iterator[Finding]:
    """Every finding about one published site."""
    yield from _line(asker)
    yield from _canary(asker, config, access.canary_lock())
    yield from _folders(asker)
    yield from _strangers(asker, config)
    yield from _indexes(asker)
    yield from _headers(asker, config, access.canary_lock())
    yield from _heartbeat(asker, now)


def _line(asker: Asker) -> Iterator[Finding]:
    parts = urlsplit(asker.base_url)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        yield _error(
            "the site is served over plain http: sealed pages do not open there, and everybody on the way reads along",
            "Serve it over https only.",
        )
    home = asker.at("")
    if home.status != 200:
        yield _error(
            f"the home page answers {home.status}", "See the address, and whether the site has been published."
        )


def _canary(asker: Asker, config: Config, lock: Lock) -> Iterator[Finding]:
    answer = asker.at(addresses.person(lock.token))
    if config.privacy.level == "host":
        yield from _guards(asker, config, answer)
        return
    if answer.status != 200:
        yield _error(
            f"the page that is nobody's answers {answer.status}",
            "The site that is published was built with another secret or site-id, or is older than this statusgen, or the host leaves u/ out.",
        )
    elif not _opens(answer.body, lock):
        yield _error(
            "the page that is nobody's does not open with its code",
            "The host changes files, or the site was built with another secret.",
        )


def _guards(asker: Asker, config: Config, page: Answer) -> Iterator[Finding]:
    """What a server lets a stranger see that should ask who it is. `page`: what the page that is nobody's answers."""
    rules = f"Include the rules of {config.privacy.rules}/ in the web server and reload it. Until this is passed, pages are sealed."
    feeds = asker.at(addresses.PEOPLES_FEEDS)
    for what, answer in (("a personal page", page), (addresses.PEOPLES_FEEDS, feeds)):
        if answer.status not in _GUARDED and not _sends_away(answer):
            yield _error(f"{what} answers {answer.status} to somebody who is not signed in", rules)
    for address in (addresses.MY_PAGE, addresses.MY_FEED):
        mine = asker.at(address)
        if not _asks(mine):
            said = f"{address} answers {mine.status} to somebody who is not signed in; it should ask who it is"
            yield _error(said, rules)
        elif not _asks(asker.at(address, claiming=True)):
            yield _error(
                f"{address} believes a header in which anybody can say who they are",
                "Take who is signed in from the sign-in itself ($remote_user, auth_request_set), never from a header of the request.",
            )


def _asks(answer: Answer) -> bool:
    """Whether it asks who it is, and shows nothing before it knows."""
    return answer.status in {401, 403} or _sends_away(answer)


def _sends_away(answer: Answer) -> bool:
    """Whether it leads to a sign-in: a redirect shows nothing of the page."""
    return answer.status in {302, 303, 307} and len(answer.body) < 4096


def _opens(page: bytes, lock: Lock) -> bool:
    from statusgen.access import open_sealed
    from statusgen.site.private import CANARY

    found = _SEALED.search(page)
    try:
        return (
            bool(found)
            and open_sealed(
                (found[1] if found else b"").decode("ascii", "replace"),
                site_id=lock.site_id,
                token=lock.token,
                code=lock.code,
            )
            == CANARY
        )
    except SealError:
        return False


def _folders(asker: Asker) -> Iterator[Finding]:
    for folder in (addresses.PEOPLE, addresses.PEOPLES_FEEDS):
        answer = asker.at(folder)
        listed = len(set(_TOKENS.findall(answer.body)))
        if answer.status == 200 and listed:
            yield _error(
                f"{folder} lists {listed} secret addresses",
                "Switch directory listings off, then rotate everybody: a list was public.",
            )


def _strangers(asker: Asker, config: Config) -> Iterator[Finding]:
    beside = [config.people.path] if config.people else []
    rules = (f"{config.privacy.rules.rstrip('/')}/{name}" for name in ("nginx-map.conf", "apache-map.txt"))
    for name in dict.fromkeys((*NEVER, *rules, *beside, config.privacy.revoked)):
        if ".." not in name and not name.startswith("/") and asker.shows(name):
            yield _error(
                f"{name} is published", "Publish the output folder alone, nothing beside it, and see who has read it."
            )


def _indexes(asker: Asker) -> Iterator[Finding]:
    for name in ("robots.txt", "sitemap.xml", "llms.txt", "feed.rss", "status.json"):
        answer = asker.at(name)
        folders = rb"/(?:u|f)/[a-z2-7]{32}"
        if answer.status == 200 and re.search(folders, answer.body):
            yield _error(f"{name} names secret addresses", "This should not be possible: please report it.")


def _headers(asker: Asker, config: Config, lock: Lock) -> Iterator[Finding]:
    is_promised = config.privacy.level == "host"
    where = addresses.MY_PAGE if is_promised else addresses.person(lock.token)
    answer = asker.at(where)
    missing = [name for name in _PROMISED if name not in answer.headers]
    if is_promised and missing and not _sends_away(answer):
        yield _error(
            f"private pages come without {', '.join(missing)}, so that a cache between may show them to somebody else",
            f"Include the rules of {config.privacy.rules}/ as they are; a page of yours that says no needs these headers as well.",
        )
    elif missing and answer.status == 200:
        yield Finding(
            level="note",
            what=f"private pages come without {', '.join(missing)}",
            help="`_headers` and staticwebapp.config.json in the output set them where the host reads such files; GitHub Pages cannot.",
        )


def _heartbeat(asker: Asker, now: datetime) -> Iterator[Finding]:
    import json

    answer = asker.at(addresses.HEARTBEAT)
    try:
        good_until = datetime.fromisoformat(json.loads(answer.body)["good_until"])
    except (ValueError, KeyError, TypeError, RecursionError):
        yield _error("there is no heartbeat.json that can be read", "Publish the output folder whole.")
        return
    if good_until.tzinfo and good_until < now:
        yield Finding(
            level="note",
            what=f"the site is out of date since {good_until:%Y-%m-%d %H:%M}",
            help="See whether the scheduled job still runs.",
        )


def _error(what: str, next_step: str) -> Finding:
    return Finding(level="error", what=what, help=next_step)


def _remember(session: Session, config: Config, base_url: str, *, passed: bool) -> Iterator[Finding]:
    """State knows whether the server can be believed: only then the next build writes pages in clear."""
    from statusgen.state import Changes, Verified, load, save

    if base_url != config.site.base_url:
        yield Finding(
            level="note",
            what="this is not base-url, so the next build is not told of it",
            help="Check base-url itself.",
        )
        return
    state = session.state(config)
    with state.lock():
        memory = load(state, session.now)
        verified = (Verified(base_url=base_url, at=session.now),) if passed else ()
        if bool(memory.verified) or passed:
            save(state, memory, Changes(built_at=session.now, sources=None, verified=verified))


def _tell(session: Session, base_url: str, findings: list[Finding], *, passed: bool) -> None:
    terminal = session.terminal
    if terminal.as_json:
        terminal.json({"url": base_url, "passed": passed, "findings": [asdict(finding) for finding in findings]})
        return
    for finding in findings:
        terminal.result(f"{finding.level}: {finding.what}\n  {finding.help}")
    wrong = sum(finding.level == "error" for finding in findings)
    terminal.result(
        f"{base_url} is guarded as it should be."
        if passed
        else f"{base_url}: {wrong} thing{'' if wrong == 1 else 's'} wrong."
    )

"""Opens sealed pages of a built site, as a browser does with the right code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from html import unescape
from pathlib import Path

from statusgen import addresses
from statusgen.access import DEMO_SITE_ID, Access, Lock, open_sealed, parse_secret, written
from tests.paths import PROJECT

DEMO_TEAMS = {"workplace": "m-jansen", "applications": "c-vermeer"}
"""The demo's teams, and who manages each."""
_FIELDS = re.compile(r'id="gate" data-site="([^"]*)" data-token="([^"]*)" data-check="([^"]*)"')
_SEALED = re.compile(r'id="sealed">([^<]*)<')


@cache
def demo() -> Access:
    """The access of the demo."""
    secret = parse_secret((PROJECT / "content" / "demo-secret.txt").read_text("utf-8"))
    return Access(secret=secret, site_id=DEMO_SITE_ID)


def file_of(lock: Lock) -> str:
    """Where the page of a lock lies in the output."""
    return addresses.file_of(addresses.person(lock.token))


def is_sealed(html: str) -> bool:
    """Whether a page opens with a code."""
    return bool(_SEALED.search(html))


def sealed_in(html: str) -> str:
    """What is sealed in a page, in base64."""
    found = _SEALED.search(html)
    assert found, "no sealed page"
    return found[1]


def opened(html: str, lock: Lock) -> str:
    """What stands on a sealed page, opened with what the page itself says of its site and token."""
    fields = _FIELDS.search(html)
    assert fields, "no sealed page"
    site_id, token, check = map(unescape, fields.groups())
    assert (token, check) == (lock.token, lock.check)
    return open_sealed(sealed_in(html), site_id=site_id, token=token, code=lock.code).decode()


def everyone(
    output: Path, access: Access, people: Iterable[str], teams: Mapping[str, str] | None = None
) -> dict[str, str]:
    """By id, what stands on the page of each of these people who has one; every page under u/ is theirs or one of these teams'."""
    found: dict[str, str] = {}
    left = {path.parent.name for path in (output / "u").glob("*/index.html")} - {access.canary_lock().token}
    left -= {access.team_lock(*one).token for one in (teams or {}).items()}
    for person in people:
        lock = access.page_lock(person)
        if lock.token in left:
            left.remove(lock.token)
            html = (output / file_of(lock)).read_text("utf-8")
            found[person] = opened(html, lock) if is_sealed(html) else html
    assert not left, "somebody else has a page"
    return found


def demo_people() -> list[str]:
    """The ids of the demo's people."""
    return [line.split(",")[0] for line in (PROJECT / "content" / "people.csv").read_text("utf-8").splitlines()[1:]]


def link_of(person: str) -> str:
    """The address, with the code in it, of the page of one of the demo's people."""
    lock = demo().page_lock(person)
    return f"{addresses.person(lock.token)}#k={written(lock.code).replace('-', '')}"

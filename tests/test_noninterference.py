"""Nobody's data touches another's page: what is private to one person changes that person's files only, and is in no others.

In memory for any organisation that hypothesis invents; and once as a whole, through the command line, with every byte that
comes out of it: the output, file names, both streams of the terminal, and what is remembered.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from functools import cache

import pytest
import zstandard
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from statusgen import addresses, cli, config, site, sources
from statusgen.access import Access, new_secret
from statusgen.build import surroundings
from statusgen.cli.doors import Doors
from statusgen.config import Config
from statusgen.people import read_people
from statusgen.snapshot import Told, take
from statusgen.sources.common import Fetched
from tests.canaries import (
    CONFIG,
    FIELDS,
    Organisation,
    Someone,
    addresses_in,
    canary,
    organisations,
    someones,
    told_of,
    whose,
)
from tests.paths import PROJECT
from tests.sites import INCIDENT, NOW, SECRET, Site
from tests.sites import site as written_site
from tests.unsealing import file_of, opened, sealed_in

ACCESS = Access(secret=SECRET, site_id="status.example.org")
WRITTEN = new_secret(SECRET)
quick = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""Shrinking a whole organisation takes minutes, and a canary says by itself where it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A site in memory: by path, what each file was made from and its bytes; and everything that was said."""

    inputs: Mapping[str, str]
    files: Mapping[str, bytes]
    said: tuple[str, ...]


@cache
def configured() -> Config:
    return config.parse(CONFIG)


_rendered: dict[tuple[str, str], bytes] = {}
"""Bytes by path and inputs. Files that were made from the same are the same: test_build holds pages to that."""


def build(organisation: Organisation) -> Made:
    """All that one build makes of an organisation, without a disk."""
    files = organisation.written()
    made = configured()
    content = {"incidents/p-1.md": INCIDENT.encode()}
    by_hand = config.SourceConfig.model_validate({"name": "content", "kind": "markdown", "path": "content"})
    readings = [
        sources.read(Fetched(files=content, as_of=NOW), by_hand, made, NOW),
        sources.read(Fetched(files={"tickets.csv": files["tickets.csv"]}, as_of=NOW), made.sources[0], made, NOW),
    ]
    people, warnings = read_people(files["people.csv"], "people.csv")
    taken = take([Told(reading=one) for one in readings], made, now=NOW, people=people, statuses=(), gaps={})
    around, notes = surroundings(made, taken.snapshot, root=PROJECT, secret=SECRET, simulated=False)
    plan = site.plan(taken.snapshot, made, around)
    pages = list(plan.pages)
    for page in pages:
        key = page.path, page.inputs
        if key not in _rendered:
            _rendered[key] = page.render()
    said = (*warnings, *notes, *plan.warnings, *taken.snapshot.warnings)
    return Made(
        inputs={page.path: page.inputs for page in pages},
        files={page.path: _rendered[page.path, page.inputs] for page in pages},
        said=said,
    )


def own(someone: Someone) -> dict[str, bool]:
    """The files of a person, and whether all of it may be there: a feed is a notice that tells numbers."""
    return {
        file_of(ACCESS.page_lock(someone.id)): True,
        addresses.person_feed(ACCESS.feed_token(someone.id)): False,
    }


def team_file(team: str) -> str:
    """Where the page of a team lies."""
    return file_of(ACCESS.team_lock(team, manager=""))


def for_managers(page: str, organisation: Organisation) -> None:
    """Take out of the page of the team what its manager may read: number, title and holder of tickets that are not confidential."""
    inside = opened(page, ACCESS.team_lock("desk", manager="")).encode()
    assert told_of(inside) <= {b"number", b"title", b"assignee", b"url"}
    assert not addresses_in(inside)
    for someone in organisation.people:
        for ticket in someone.tickets:
            if ticket["category"].startswith("HR"):
                assert not [word for word in ("number", "title", "assignee") if ticket[word].encode() in inside]


def is_clean(name: str, data: bytes) -> bool:
    """Whether nothing in a file that everybody can read is about somebody: not in its bytes, and not in its name."""
    return not whose(data) and not whose(name.encode()) and not addresses_in(data)


@quick
@given(st.data())
def test_what_is_private_to_one_changes_that_ones_files_only(data: st.DataObject) -> None:
    before = data.draw(organisations())
    who = data.draw(st.sampled_from(before.people))
    after = before.with_(data.draw(someones(who.number, by_email=who.by_email)))
    was, now = build(before), build(after)
    changed = {
        path
        for path in was.inputs.keys() | now.inputs.keys()
        if was.inputs.get(path) != now.inputs.get(path) or was.files.get(path) != now.files.get(path)
    }
    assert changed <= own(who).keys() | {team_file("desk")}


@quick
@given(st.data())
def test_who_somebody_is_and_what_is_confidential_touches_no_page_of_a_team(data: st.DataObject) -> None:
    """What of a person's data does not belong to a ticket that others may know of is nothing to a manager either."""
    before = data.draw(organisations())
    who = data.draw(st.sampled_from(before.people))
    hidden = [ticket for ticket in who.tickets if ticket["category"].startswith("HR")]
    words = {"title": canary(who.number, "title", 9), "assignee": canary(who.number, "assignee", 9), "status": "Done"}
    after = replace(
        who,
        row={**who.row, "name": "cq9zname9q", "email": "cq9zmail9q@example.org"},
        tickets=tuple({**ticket, **words} if ticket in hidden else ticket for ticket in who.tickets),
    )
    was, now = build(before).inputs, build(before.with_(after)).inputs
    for team in ("desk", "other"):
        assert was[team_file(team)] == now[team_file(team)]


@quick
@given(organisations())
def test_nobody_finds_anything_of_another_anywhere(organisation: Organisation) -> None:
    made = build(organisation)
    left = dict(made.files)
    page = left.pop(team_file("desk")).decode()
    for_managers(page, organisation)
    assert is_clean(team_file("desk"), page.replace(sealed_in(page), "").encode())
    for someone in organisation.people:
        page, feed = own(someone)
        if page in left:
            sealed = left.pop(page).decode()
            assert is_clean(page, sealed.replace(sealed_in(sealed), "").encode())
            inside = opened(sealed, ACCESS.page_lock(someone.id)).encode()
            assert whose(inside) <= {someone.number}
            assert not addresses_in(inside), "nobody needs to be told their own address"
            notice = left.pop(feed)
            numbers = {ticket["number"] for ticket in someone.tickets}
            for number in numbers:
                notice = notice.replace(number.encode(), b"").replace(addresses.ticket_anchor(number).encode(), b"")
            assert is_clean(feed, notice), "a feed tells numbers and nothing else"
    assert not [path for path, content in left.items() if not is_clean(path, content)]
    assert not [line for line in made.said if not is_clean("", line.encode())]


@pytest.mark.proof
@pytest.mark.parametrize(
    "law",
    [test_what_is_private_to_one_changes_that_ones_files_only, test_nobody_finds_anything_of_another_anywhere],
    ids=lambda law: law.__name__,
)
def test_the_same_for_many_more_organisations(law: Callable[[], None]) -> None:
    """In `make proof` hypothesis draws 200 examples, and new ones each time."""
    law()


# ---- the whole program: every byte that comes out of it


def someone(number: int, *, by_email: bool = False) -> Someone:
    """A person with two tickets, all of whose values are canaries."""
    row = {"id": canary(number, "id"), "email": f"{canary(number, 'mail')}@example.org", "name": canary(number, "name")}
    tickets = []
    for each in range(2):
        own_words = {what: canary(number, what.replace("-", ""), each) for what in FIELDS}
        when = dict.fromkeys(("opened-at", "updated-at"), "2026-11-23T09:00:00Z")
        later = dict.fromkeys(("due-at", "next-update-at", "resolved-at", "closed-at"), "")
        who = {"requester": "" if by_email else row["id"], "requester-email": row["email"], "language": ""}
        status = ("Active", own_words["status"])[each]
        tickets.append({**own_words, **when, **later, **who, "status": status, "update-public": "true"})
    return Someone(number=number, row=row, tickets=tuple(tickets), by_email=by_email)


EVERYBODY = Organisation(people=tuple(someone(number, by_email=number % 2 == 1) for number in range(4)))


def cut_off_header(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data.partition(b"\r\n")[2] for name, data in files.items()}


def never_closed_quote(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data + b'"cq9ztitle0q' for name, data in files.items()}


def everything_twice(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data + data.partition(b"\r\n")[2].upper() for name, data in files.items()}


def no_times(files: dict[str, bytes]) -> dict[str, bytes]:
    return files | {"tickets.csv": files["tickets.csv"].replace(b"2026-11-23T09:00:00Z", b"cq2zopenedat0q")}


def no_text(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data.decode().encode("utf-16-le") for name, data in files.items()}


def cells_too_many(files: dict[str, bytes]) -> dict[str, bytes]:
    return {
        name: data.replace(b"\r\n", b",cq1zname0q\r\n").replace(b",cq1zname0q", b"", 1) for name, data in files.items()
    }


def run(made: Site, *words: str) -> str:
    """Both streams of a command, as the log of a job shows them."""
    log = io.StringIO()
    doors = Doors(clock=lambda: NOW, environ={"CI": "true", "GITHUB_ACTIONS": "true", "STATUSGEN_SECRET": WRITTEN})
    with redirect_stdout(log), redirect_stderr(log):
        code = cli.main(["-C", str(made.root), *words], doors=doors)
    assert code in {0, 2, 3}, log.getvalue()
    return log.getvalue()


@pytest.mark.parametrize("output_format", ["text", "json", "github"])
@pytest.mark.parametrize(
    "damage",
    [dict, cut_off_header, never_closed_quote, everything_twice, no_times, no_text, cells_too_many],
    ids=lambda damage: damage.__name__,
)
def test_no_log_names_anybody_whatever_is_wrong_with_the_feeds(
    damage: Callable[[dict[str, bytes]], dict[str, bytes]], output_format: str, logged: Site
) -> None:
    """Neither what a build says nor what a check says: ids and titles of tickets, names, addresses and ids of people."""
    for name, data in damage(EVERYBODY.written()).items():
        (logged.root / name).write_bytes(data)
    for words in (("-vv", "--output-format", output_format, "build"), ("--output-format", output_format, "check")):
        log = run(logged, *words)
        found = [line for line in log.splitlines() if not is_clean("", line.encode())]
        assert not found


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site of which only the log is looked at: each build finds what the one before it left."""
    return written_site(tmp_path_factory.mktemp("logged"), CONFIG, {**EVERYBODY.written()})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The whole of a site after three builds: everybody, one who left, and a feed that broke."""
    made = written_site(tmp_path_factory.mktemp("whole"), CONFIG, {**EVERYBODY.written()})
    run(made, "build")
    for name, data in Organisation(people=EVERYBODY.people[:-1]).written().items():
        (made.root / name).write_bytes(data)
    run(made, "build")
    (made.root / "tickets.csv").write_bytes(b"\xff\xfe\x00")
    run(made, "build")
    return made


def test_every_file_of_the_output_is_clean_but_for_what_its_owners_code_opens(whole: Site) -> None:
    files = whole.tree(heartbeat=True)
    for_managers(files.pop(team_file("desk")).decode(), EVERYBODY)
    for one in EVERYBODY.people[:-1]:
        page, feed = own(one)
        sealed = files.pop(page).decode()
        assert whose(opened(sealed, ACCESS.page_lock(one.id)).encode()) == {one.number}
        assert is_clean(page, sealed.replace(sealed_in(sealed), "").encode())
        notice = files.pop(feed)
        for ticket in one.tickets:
            notice = notice.replace(ticket["number"].encode(), b"")
        assert is_clean(feed, notice)
    assert len(files) > 60
    assert not [name for name, data in files.items() if not is_clean(name, data)]


def remembered(made: Site) -> dict[str, bytes]:
    """Every file of the state, unpacked where it is packed."""
    found = {}
    for path in (made.root / ".statusgen").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found[path.name] = data
            if path.suffix == ".zst":
                with suppress(zstandard.ZstdError):  # what is sealed cannot be unpacked, and that is the point
                    packed = data[8 + int.from_bytes(data[4:8], "little") :]
                    found[f"{path.name} (unpacked)"] = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    assert found
    return found


def test_what_is_remembered_is_called_by_no_ones_name_and_read_by_its_owner_only(whole: Site) -> None:
    for path in (whole.root / ".statusgen").rglob("*"):
        assert is_clean(path.name, b"")
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_what_is_remembered_of_people_is_sealed(whole: Site) -> None:
    files = remembered(whole)
    assert any(name.endswith("(unpacked)") for name in files), "what is about nobody can be read"
    assert not [name for name, data in files.items() if not is_clean(name, data)]

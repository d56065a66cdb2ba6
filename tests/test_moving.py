"""Moving here: what another page told is told by our files, word for word and minute for minute, and nothing is lost in silence."""

from __future__ import annotations

import contextlib
import io
import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import config, fetch, moving, sources
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.errors import SourceError
from statusgen.model import Incident, IncidentStage, PlannedWork, Reading, ServiceState, Update
from statusgen.sources.common import Fetched
from statusgen.text import clean_line, to_plain
from tests import peers
from tests.paths import SHARED, SPECIMENS
from tests.servers import listening
from tests.sites import Site
from tests.test_statuspage import as_v2

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
PAGES = SHARED / "status-pages"
STATUSFY = SPECIMENS / "moving" / "statusfy"
UPPTIME = SPECIMENS / "peers" / "upptime"
TOML = '[site]\ntitle = "Test status"\ntime-zone = "Europe/Amsterdam"\n'
CONTENT = TOML + '[[sources]]\nname = "content"\nkind = "markdown"\npath = "content"\n'


def there(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"{path.name} is not there: the shared data lies outside the repository")
    return path


def moved(peer: Any, path: Path | dict[str, bytes], toml: str = TOML) -> tuple[Reading, moving.Moved]:
    parsed = config.parse(toml)
    files = path if isinstance(path, dict) else fetch.fetch_path(path, now=NOW).files
    reading = moving.read(peer, Fetched(files=files, as_of=NOW), parsed, path="old")
    return reading, moving.moved(reading, parsed)


def read_back(made: moving.Moved, now: datetime = NOW, toml: str = CONTENT) -> Reading:
    """What content/ says that holds these files."""
    parsed = config.parse(toml)
    source = next(source for source in parsed.sources if source.kind == "markdown")
    raw = {name: text.encode() for name, text in made.files.items()}
    return sources.read(Fetched(files=raw, as_of=now), source, parsed, now)


def facts(one: Incident | PlannedWork) -> Any:
    """All that a page tells about it, with the words instead of their markup."""
    said = [(update.at, to_plain(update.text), update.author) for update in one.updates]
    if isinstance(one, Incident):
        around: tuple[Any, ...] = (one.stage, one.started_at, one.ended_at, one.notice)
    else:
        around = (one.stage, one.starts_at, one.ends_at, one.published_at)
    return one.id, list(one.title.values()), dict(one.services), around, said, one.url


def told(reading: Reading) -> list[Any]:
    return sorted(map(facts, (*reading.incidents, *reading.planned)), key=lambda one: str(one[0]))


def names(reading: Reading) -> dict[str, Any]:
    return {one.id: (list(one.name.values()), list(one.group.values())) for one in reading.services}


# -- the real thing -------------------------------------------------------------------------------------------------------


def test_jenkins_297_incidents_are_told_as_cstate_told_them() -> None:
    _, made = moved("cstate", there(PAGES / "jenkins-infra-status"))
    assert (made.incidents, made.planned, made.left_out) == (297, 0, ())
    parsed = config.parse(TOML + '[[sources]]\nname = "c"\nkind = "cstate"\npath = "c"\n')
    files = fetch.fetch_path(PAGES / "jenkins-infra-status", now=NOW)
    theirs = sources.read(files, parsed.sources[0], parsed, NOW)
    ours = read_back(made)
    assert (ours.skipped, ours.warnings) == ((), ())
    assert told(ours) == told(theirs)
    assert names(ours) == names(theirs)


def test_a_site_is_built_from_jenkins_files_and_shows_all_297(tmp_path: Path) -> None:
    _, made = moved("cstate", there(PAGES / "jenkins-infra-status"))
    for name, text in {
        "statusgen.toml": TOML,
        **{f"content/{name}": text for name, text in made.files.items()},
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    report = Site(tmp_path).build(secret=None)
    assert (report.incidents, report.services, report.warnings) == (297, 92, ())


def test_githubs_819_incidents_are_told_as_statuspage_told_them() -> None:
    recorded = there(PAGES / "github-statuspage-mrshu" / "incidents.jsonl").read_text("utf-8").splitlines()
    shapes = [as_v2(json.loads(line)) for line in recorded]
    works = [one for one in shapes if one["impact"] == "maintenance"]
    files = {
        "incidents.json": json.dumps({"page": {}, "incidents": [one for one in shapes if one not in works]}).encode(),
        "scheduled-maintenances.json": json.dumps({"page": {}, "scheduled_maintenances": works}).encode(),
    }
    theirs, made = moved("statuspage", files)
    assert (made.incidents, made.planned, made.left_out, made.warnings) == (801, 18, (), ())
    ours = read_back(made)
    assert (ours.skipped, ours.warnings) == ((), ())
    assert told(ours) == told(theirs)
    assert [[u.stage for u in one.updates] for one in ours.incidents] == [
        [u.stage for u in one.updates] for one in sorted(theirs.incidents, key=lambda one: one.id)
    ]


def test_a_real_summary_and_a_real_feed_are_moved_too() -> None:
    theirs, made = moved("statuspage", there(PAGES / "githubstatus-v2-json" / "gh-summary-1.json"))
    assert (made.incidents, len(made.services)) == (1, 9)
    assert made.left_out[0].why.startswith("it follows from a state")
    theirs, made = moved("statuspage", PAGES / "githubstatus-atom" / "latest-2026-08-22.atom")
    assert told(read_back(made)) == told(theirs)
    assert made.incidents == 25


def test_of_a_real_upptime_the_minutes_without_times_are_left_out_and_told() -> None:
    _, made = moved("upptime", there(PAGES / "tjcsl-upptime"))
    assert (made.incidents, len(made.services)) == (0, 7)
    assert [(one.where, one.why, one.count) for one in made.left_out] == [
        ("ion", "230 minutes down on 2 days, of which nobody says from when to when", 2),
        ("director", "17 minutes down on 1 day, of which nobody says from when to when", 1),
    ]
    assert "since: 2020-12-17" in made.files["services/ion.md"]


# -- each peer ------------------------------------------------------------------------------------------------------------


def test_an_upptime_with_issues_is_told_as_it_told() -> None:
    theirs, made = moved("upptime", UPPTIME)
    kept = replace(theirs, incidents=tuple(one for one in theirs.incidents if one.id == "issue-31"))
    assert told(read_back(made)) == told(kept)
    assert [one.where for one in made.left_out] == ["what is down now", "e-mail"]


def test_a_statusfy_project_is_read_with_its_languages() -> None:
    reading, made = moved("statusfy", STATUSFY)
    assert peers.lines(replace(reading, services=())) == [
        (
            "incident 382ee1ab: API issues; api degraded_performance, cdn degraded_performance; 28 18:28:48 to 28 23:58:48; "
            "18:28 investigating: Our file conversion was slow. | 23:10 investigating: **A word of thanks** ## To all You were | "
            "23:28 monitoring: It runs again, and we watch it. | 23:58 resolved: The conversion of files is back to norma"
        ),
        "incident 2018-04-01-down: Systems are down; api major_outage; 01 10:00:00 to 01 11:30:00; 10:00 investigating: Nothing answers.",
        "incident 2018-05-01-open: Site delivery is slow; site-delivery partial_outage; 01 10:00:00 to goes on; 10:00 investigating: We look into it.",
        (
            'planned 55aa: New "edge" servers; cdn; 14 21:00 to 14 22:30; completed; '
            "09:00 scheduled: We replace two servers. | 22:10 completed: Done."
        ).replace("; completed;", "; scheduled;"),
        "set aside content/2018-06-01_broken.md:1: it has no `date`",
        "warning import: 1 incident resolved without a time, shown as over when last changed.",
    ]
    ours = read_back(made)
    [api] = [one for one in ours.incidents if one.id == "382ee1ab"]
    assert api.title == {"en": "API issues", "nl": "Problemen met de API"}
    assert [update.translations["nl"].body.split("\n")[-1] for update in api.updates] == [
        "Onze bestandsconversie was traag.", "Dank voor het geduld.", "Het loopt weer.", "De conversie werkt weer.",
    ]  # fmt: skip
    assert names(ours)["api"] == (["Public API", "Openbare API"], [])
    assert made.files["incidents/2018-04-01-down.md"].startswith("---\ntitle: Systems are down\n")


def test_the_content_folder_of_a_statusfy_project_alone_is_enough() -> None:
    whole, _ = moved("statusfy", STATUSFY)
    alone, _ = moved("statusfy", STATUSFY / "content")
    assert [one.id for one in alone.incidents] == [one.id for one in whole.incidents]


@pytest.mark.parametrize("files", [{}, {"README.md": b"x"}, {"a.txt": b"---\n---\n"}])
def test_a_folder_without_incidents_of_statusfy_says_so(files: dict[str, bytes]) -> None:
    with pytest.raises(SourceError) as caught:
        moved("statusfy", files)
    assert "content/" in caught.value.help


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("no front matter", "does not begin with front matter"),
        ("---toml\na = \n---\n", "it is no TOML"),
        ("---json\n{\n---\n", "is no whole JSON"),
        ("---\n- a\n---\n", "is no list of keys"),
        ("---\ndate: soon\n---\n", "`date` 'soon' is no time"),
        ("---\ndate: 2018-01-01\n---\n::: update Resolved | soon\nx\n:::\n", "is no time"),
        (b"\xff", "codec"),
    ],
)
def test_a_file_of_statusfy_that_cannot_be_used_is_set_aside(head: str | bytes, why: str) -> None:
    good = b"---\ndate: 2018-01-01T00:00:00Z\ntitle: x\n---\n"
    files = {"content/a.md": good, "content/b.md": head if isinstance(head, bytes) else head.encode()}
    reading, made = moved("statusfy", files)
    assert len(reading.incidents) == 1
    assert made.left_out[0].where.startswith("content/b.md:")
    assert why in made.left_out[0].why


BITS = st.sampled_from(["---\n", "---toml\n", "---json\n", "title: x\n", "date: 2018-01-01\n", "date: ", "{", "}", "affectedsystems: [a, {b: c}]\n", "severity: under-maintenance\n",
    "scheduled: 2018-01-02\n", "duration: 99999\n", "duration: x\n", "resolved: true\n", "::: update Resolved | 2018-01-01T00:00:00Z\n", ":::\n", "x | y\n", "<!--", "\ud800", "\x00"])  # fmt: skip


@given(st.lists(BITS, max_size=12))
def test_no_file_of_statusfy_breaks_the_reading(bits: list[str]) -> None:
    good = b"---\ndate: 2018-01-01T00:00:00Z\ntitle: x\n---\n"
    text = "".join(bits).encode("utf-8", "surrogatepass")
    reading, made = moved("statusfy", {"content/a.md": good, "content/b.md": text, "content/nl/a.md": text})
    assert len(reading.incidents) + len(reading.planned) + len(reading.skipped) <= 2
    read_back(made)


# -- what is written ------------------------------------------------------------------------------------------------------


def test_services_of_the_configuration_keep_their_name_there_and_get_the_text_of_the_peer() -> None:
    toml = TOML + '[[services]]\nid = "openapi"\nname = "Our API"\naliases = ["Public API"]\n'
    _, made = moved("statusfy", STATUSFY, toml)
    assert made.files["services/openapi.md"] == "What other programs use.\n"
    assert {one.id for one in made.services} == {"cdn", "site-delivery"}
    assert "services: { openapi: major_outage }" in made.files["incidents/2018-04-01-down.md"]


def test_services_may_be_tables_to_paste_instead() -> None:
    parsed = config.parse(TOML)
    reading, _ = moved("statusfy", STATUSFY)
    made = moving.moved(reading, parsed, with_services=False)
    assert not [name for name in made.files if name.startswith("services/")]
    pasted = moving.toml(made.services, parsed)
    assert tomllib.loads(pasted)["services"][0] == {"id": "api", "name": {"en": "Public API", "nl": "Openbare API"}}
    assert {one.id for one in config.parse(TOML + pasted).services} == {"api", "cdn", "site-delivery"}


@given(st.lists(st.text("aA-_ .é/", min_size=1, max_size=8).filter(lambda one: one == clean_line(one)), max_size=8))
def test_every_thing_gets_a_file_of_its_own(ids: list[str]) -> None:
    many = tuple(
        Incident(
            id=one,
            source="import",
            title={"": "x"},
            services={"mail": ServiceState.MAJOR_OUTAGE},
            stage=IncidentStage.RESOLVED,
            started_at=NOW,
            ended_at=NOW,
        )
        for one in ids
    )
    made = moving.moved(Reading(source="import", as_of=NOW, incidents=many), config.parse(TOML))
    files = [name for name in made.files if name.startswith("incidents/")]
    assert len({name.casefold() for name in files}) == len(ids)
    assert sorted(one.id for one in read_back(made).incidents) == sorted(ids)


# -- the command ----------------------------------------------------------------------------------------------------------


def run(folder: Path, *words: str) -> tuple[int, str, str]:
    doors = Doors(clock=lambda: NOW, environ={}, is_terminal=lambda: False, read_stdin=lambda: "")
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = main(["-C", str(folder), *words], doors=doors)
    return code, out.getvalue(), err.getvalue()


def as_json(folder: Path, *words: str) -> dict[str, Any]:
    code, out, err = run(folder, "--output-format", "json", "import", *words)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def test_it_says_what_it_wrote_and_what_it_left_out_and_why(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, "import", "statusfy", str(STATUSFY))
    assert code == 0
    assert out == f"3 incidents, 1 planned, 3 new services, 1 left out: wrote 8 files to {tmp_path / 'content'}\n"
    assert "left out: content/2018-06-01_broken.md:1: it has no `date`" in err
    assert "Next: statusgen check" in err
    assert len(list((tmp_path / "content").rglob("*.md"))) == 8


def test_a_dry_run_writes_nothing_and_says_what_it_would(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, "import", "upptime", str(UPPTIME), "--dry-run")
    assert (code, list(tmp_path.iterdir())) == (0, [])
    assert f"would write {tmp_path / 'content' / 'incidents' / 'issue-31.md'}" in out
    assert "Nothing was written" in err


def test_what_is_there_is_never_overwritten_but_with_force(tmp_path: Path) -> None:
    words = ("upptime", str(UPPTIME), "--into", "c")
    assert len(as_json(tmp_path, *words)["written"]) == 4
    again = as_json(tmp_path, *words)
    assert (again["written"], again["kept"], len(again["unchanged"])) == ([], [], 4)
    mine = tmp_path / "c" / "incidents" / "issue-31.md"
    mine.write_text("mine")
    assert as_json(tmp_path, *words)["kept"] == ["incidents/issue-31.md"]
    assert mine.read_text() == "mine"
    _, _, err = run(tmp_path, "import", *words)
    assert "1 file there already and not overwritten (incidents/issue-31.md); --force overwrites them." in err
    assert as_json(tmp_path, *words, "--force")["written"] == ["incidents/issue-31.md"]
    assert mine.read_text() != "mine"


def test_tables_to_paste_are_the_result(tmp_path: Path) -> None:
    code, out, _ = run(tmp_path, "import", "upptime", str(UPPTIME), "--services", "toml")
    assert code == 0
    pasted = out.rpartition("\n\n")[0]
    assert [one["id"] for one in tomllib.loads(pasted)["services"]] == ["e-mail", "wiki"]
    assert tomllib.loads(pasted)["services"][0]["since"].isoformat() == "2026-01-07"


def test_times_without_a_zone_are_in_the_one_that_is_said(tmp_path: Path) -> None:
    issue = "---\ntitle: x\ndate: 2026-01-01 12:00:00\nresolved: false\nseverity: down\n---\nx\n"
    (tmp_path / "old" / "content" / "issues").mkdir(parents=True)
    (tmp_path / "old" / "content" / "issues" / "a.md").write_text(issue)
    run(tmp_path, "import", "cstate", "old", "--time-zone", "Europe/Amsterdam")
    assert "started: 2026-01-01T11:00+00:00" in (tmp_path / "content" / "incidents" / "a.md").read_text()
    code, _, err = run(tmp_path, "import", "cstate", "old", "--time-zone", "Mars")
    assert code == 2
    assert "--time-zone Mars: there is no such" in err


def test_what_says_no_language_is_in_the_one_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "statusgen.toml").write_text(TOML + 'languages = ["en", "nl"]\n')
    run(tmp_path, "import", "upptime", str(UPPTIME), "--language", "nl")
    files = {path.name: path.read_text() for path in (tmp_path / "content").rglob("*.md")}
    assert "language: nl\ntitle: E-mail is down\n" in files["issue-31.md"]
    assert files["wiki.md"].startswith("---\nlanguage: nl\nname: Wiki\n")
    assert run(tmp_path, "import", "upptime", str(UPPTIME), "--language", "Dutch!")[0] == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("cstate", "nowhere"), 1, "there is no nowhere"),
        (("cstate", "https://status.example.org"), 2, "Clone its repository"),
        (("statuspage", "."), 1, "holds no Statuspage v2 JSON"),
        (("cachet", "."), 2, "'cachet'"),
        (("cstate",), 2, "Missing argument 'PATH'"),
    ],
)
def test_what_cannot_be_moved_says_why_and_what_next(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    found = run(tmp_path, "import", *words)
    assert found[0] == code
    assert said in found[2]
    assert "help: " in found[2]


def test_the_help_shows_an_example(tmp_path: Path) -> None:
    code, out, _ = run(tmp_path, "import", "--help")
    assert code == 0
    assert "statusgen import cstate ../old-status --dry-run" in out


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and its address on the loopback."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    served = tmp_path / "served"
    served.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Quiet(*args, directory=str(served)))
    with listening(server):
        yield served, f"http://127.0.0.1:{server.server_address[1]}"


def test_a_statuspage_is_moved_from_its_address(tmp_path: Path, address: tuple[Path, str]) -> None:
    served, url = address
    (served / "api" / "v2").mkdir(parents=True)
    one = {"id": "i1", "name": "Mail", "status": "resolved", "impact": "major", "created_at": "2026-11-24T08:00:00Z", "resolved_at": "2026-11-24T08:30:00Z", "components": [{"name": "E-mail"}]}  # fmt: skip
    listed = {"page": {}, "components": [{"id": "c", "name": "E-mail", "status": "operational"}], "incidents": [], "scheduled_maintenances": []}  # fmt: skip
    (served / "api" / "v2" / "summary.json").write_text(json.dumps(listed))
    (served / "api" / "v2" / "incidents.json").write_text(json.dumps({"page": {}, "incidents": [one]}))
    code, out, err = run(tmp_path, "import", "statuspage", url)
    assert code == 0, err
    assert out.startswith("1 incident, 0 planned, 1 new service")
    assert "scheduled-maintenances.json answers 404, so what it holds is missing." in err
    code, _, err = run(tmp_path, "import", "statuspage", f"{url}/api/v2/incidents.json", "--into", "other")
    assert (code, (tmp_path / "other" / "incidents" / "i1.md").exists()) == (0, True)
    assert run(tmp_path, "import", "statuspage", f"{url}/nothing")[0] == 1


def test_every_update_is_in_one_piece() -> None:
    """None that has words loses them on the way; a stage that nobody told is that of an end where it ended."""
    reading, made = moved("cstate", {"config.yml": b"title: x\n", "content/issues/a.md": b"---\ntitle: a\ndate: 2026-01-01T00:00:00Z\nresolved: true\nresolvedWhen: 2026-01-01T01:00:00Z\nseverity: down\n---\n## Why\nx\n"})  # fmt: skip
    [update] = read_back(made).incidents[0].updates
    assert isinstance(update, Update)
    assert (update.stage, update.text.body) == ("resolved", "### Why\nx")
    assert reading.incidents[0].updates[0].stage == ""

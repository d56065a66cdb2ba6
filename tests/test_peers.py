"""What peers say, in specimens beside what they mean; and the examples of the manual, read."""

import json
import re
import runpy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from statusgen import config, sources
from statusgen.sources.common import Fetched
from tests import peers
from tests.paths import PROJECT, SPECIMENS
from tests.peers import NOW
from tests.sites import Site, site

FOLDER = SPECIMENS / "peers"
KINDS = ("alertmanager", "feed", "gatus", "upptime")


@pytest.mark.parametrize("path", peers.each(FOLDER), ids=lambda path: path.name)
def test_a_specimen_means_what_is_written_beside_it(path: Path) -> None:
    meaning = runpy.run_path(str(path.with_name(f"{path.name}.py")))
    found = peers.read(meaning["KIND"], peers.files_at(path), more=meaning.get("MORE", ""))
    assert "\n".join(peers.lines(found)) == meaning["MEANS"].strip()


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_the_manual_reads_a_specimen(kind: str) -> None:
    text = (PROJECT / "docs" / "feeds.md").read_text("utf-8")
    block = next(one for one in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if f'kind = "{kind}"' in one)
    parsed = config.parse(f"[site]\ntitle = 'x'\n{block}")
    path = next(path for path in peers.each(FOLDER) if path.name.startswith(kind))
    found = sources.read(Fetched(files=peers.files_at(path), as_of=NOW), parsed.sources[0], parsed, NOW)
    assert found.incidents
    assert any(one.services for one in found.incidents)
    assert found.skipped == ()


# -- in a build -----------------------------------------------------------------------------------------------------------

HEAD = '[site]\ntitle = "Test status"\n[[services]]\nid = "mail"\nname = "E-mail"\n'
SUPPLIER = '[[sources]]\nname = "cloud"\nkind = "feed"\npath = "cloud.atom"\nservice = "mail"\n'
PROBES = '[[sources]]\nname = "probes"\nkind = "gatus"\npath = "gatus.json"\n'
UP = '[{"name": "E-mail", "key": "_e-mail", "results": [{"success": true, "timestamp": "2026-11-24T09:19:00Z"}]}]'


def state(made: Site, service: str = "mail") -> str:
    """The state of a service as its file for programs says it."""
    found: dict[str, Any] = json.loads((made.output / "services" / service / "status.json").read_text("utf-8"))
    return str(found["state"])


def test_a_service_is_unknown_while_the_feed_that_was_never_read_is_silent(tmp_path: Path) -> None:
    made = site(tmp_path, HEAD + SUPPLIER, {"content/incidents/p-1.md": ""})
    (tmp_path / "content" / "incidents" / "p-1.md").unlink()
    report = made.build(secret=None)
    assert [one.state.value for one in report.sources if one.name == "cloud"] == ["down"]
    assert state(made) == "unknown"
    (tmp_path / "cloud.atom").write_bytes((FOLDER / "feed-statuspage.atom").read_bytes())
    made.build(secret=None)
    assert state(made) == "operational"


def test_a_broken_feed_keeps_its_last_good_reading(tmp_path: Path) -> None:
    made = site(tmp_path, HEAD + SUPPLIER, {"cloud.atom": (FOLDER / "feed-statuspage.atom").read_bytes()})
    first = made.build(secret=None)
    (tmp_path / "cloud.atom").write_text("<!DOCTYPE html><title>Sign in</title>")
    report = made.build(NOW + timedelta(minutes=15), secret=None)
    assert report.incidents == first.incidents
    [status] = [one for one in report.sources if one.name == "cloud"]
    assert (status.state.value, status.records) == ("down", 1)
    assert (made.output / "incidents" / "90210" / "index.html").exists()


def test_a_service_is_unknown_when_gatus_has_stopped_to_look_and_a_gap_stands_in_its_days(tmp_path: Path) -> None:
    made = site(tmp_path, HEAD + PROBES, {"gatus.json": UP, "content/incidents/p-1.md": ""})
    (tmp_path / "content" / "incidents" / "p-1.md").unlink()
    made.build(secret=None)
    assert state(made) == "operational"
    later = made.build(NOW + timedelta(hours=3), secret=None)
    assert [one.state.value for one in later.sources if one.name == "probes"] == ["stale"]
    assert state(made) == "unknown"

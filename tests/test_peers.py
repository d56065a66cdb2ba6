"""What peers say, in specimens beside what they mean; and the examples of the manual, read."""

import re
import runpy
from pathlib import Path

import pytest

from statusgen import config, sources
from statusgen.sources.common import Fetched
from tests import peers
from tests.paths import PROJECT, SPECIMENS
from tests.peers import NOW

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

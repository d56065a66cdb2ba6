"""What docs/feeds.md says of feeds is what the demo's feeds are."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from statusgen import config
from tests.feed_files import NOW_OF_DEMO, pages
from tests.paths import PROJECT

DOCS = (PROJECT / "docs" / "feeds.md").read_text("utf-8")
SECTION = DOCS[DOCS.index("## What people can subscribe to") : DOCS.index("## The calendar")]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's JSON feeds in output/."""
    made = pages(config.parse((PROJECT / "statusgen.toml").read_text("utf-8")), PROJECT, NOW_OF_DEMO)
    folder = tmp_path_factory.mktemp("feeds")
    (folder / "output").mkdir()
    for name in ("feed.json", "updates.json"):
        (folder / "output" / name).write_bytes(made[name].render())
    (folder / "paths").write_text("\n".join(made))
    return folder


def test_the_entry_shown_is_the_demos(output: Path) -> None:
    """Up to where it is cut off ("…"), and with no key more or less."""
    (block,) = blocks("json")
    shown = json.loads(block)
    items = json.loads((output / "output" / "feed.json").read_text("utf-8"))["items"]
    (item,) = [one for one in items if one["id"] == shown["id"]]
    assert shown.keys() == item.keys()
    for key, value in shown.items():
        if isinstance(value, str) and value.endswith("…"):
            assert item[key].startswith(value[:-1].rstrip()), key
        else:
            assert item[key] == value, key


def test_the_commands_shown_print_what_they_promise(output: Path) -> None:
    (block,) = blocks("console")
    said = [
        subprocess.run(
            line.removeprefix("$ ").replace("python3", sys.executable, 1),
            shell=True,
            cwd=output,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for line in block.strip().splitlines()
    ]
    assert said[0] == ["Printing is down in the Harbour building"]
    assert said[1][0] == "2026-11-24T09:05:00+00:00 Cause found: Printing is down in the Harbour building"
    assert len(said[1]) == 3


def test_every_file_named_in_the_table_is_made(output: Path) -> None:
    there = set((output / "paths").read_text().splitlines())
    table = "\n".join(line for line in SECTION.splitlines() if line.startswith("| `"))
    for name in re.findall(r"`/([^`]*)`", table):
        path = name.replace("<id>", "printing").replace("*", "atom")
        assert path in there or path.startswith("f/"), name

"""The manual is true: every command shown runs, every configuration shown is valid, every link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from statusgen import config, theme
from statusgen.access import new_secret
from statusgen.cli import main
from statusgen.cli.doors import Doors
from tests import remotes, sites
from tests.paths import PROJECT
from tests.sites import TICKETS, Site

DOCS = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")), PROJECT / ".github" / "CONTRIBUTING.md"]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(path: Path, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(path.read_text("utf-8")) if kind == language]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8")):
        assert target.startswith("http") or (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_configuration_shown_is_valid(path: Path) -> None:
    """A whole configuration as it stands; a part of one inside the smallest that there is."""
    for block in blocks(path, "toml"):
        if block.startswith("# themes/"):
            assert theme.parse(block.encode(), path.name).name or "contrast" in block
            continue
        text = block if "config-version" in block or "[site]" in block else f'[site]\ntitle = "x"\n{block}'
        config.parse(text)


def test_the_ten_lines_of_the_readme_build_a_site(tmp_path: Path) -> None:
    (block,) = blocks(PROJECT / "README.md", "toml")
    assert len(block.strip().splitlines()) <= 12
    (tmp_path / "statusgen.toml").write_text(block)
    (tmp_path / "tickets.csv").write_text(TICKETS)
    made = Site(tmp_path)
    report = made.build(secret=None)
    assert (report.tickets, report.open_tickets) == (4, 3)
    assert not [warning for warning in report.warnings if "does not know" in warning]


def test_every_command_of_the_quick_start_runs(tmp_path: Path) -> None:
    """In the order shown, in the folder that it makes; `serve` alone is only asked for its help, because it does not end."""
    folder = tmp_path
    for line in "".join(blocks(PROJECT / "docs" / "quick-start.md", "console")).splitlines():
        assert line.startswith("$ "), line
        command = line.removeprefix("$ ")
        if command.startswith("cd "):
            folder = folder / command.removeprefix("cd ")
            continue
        if command.startswith("statusgen serve"):
            command = "statusgen serve --help"
        done = subprocess.run(
            f"{sys.executable} -m {command}",
            shell=True,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_every_command_about_state_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order shown, on a site that keeps its state on a branch."""
    root = remotes.clone(remotes.bare(tmp_path / "remote.git"), tmp_path / "site")
    sites.site(root, sites.HEAD + sites.DESK + '[state]\nbackend = "git-branch"\n')
    doors = Doors(environ={**remotes.CLEAN, "STATUSGEN_SECRET": new_secret(sites.SECRET)}, is_terminal=lambda: False)
    assert main(["-C", str(root), "build"], doors=doors) == 0
    lines = "".join(blocks(PROJECT / "docs" / "state.md", "console")).splitlines()
    assert len(lines) == 5
    for line in lines:
        words = line.removeprefix("$ statusgen ").split()
        assert main(["-C", str(root), *words], doors=doors) == 0, f"{line}\n{capsys.readouterr().err}"


def test_the_readme_names_the_two_commands_and_what_lies_where() -> None:
    text = (PROJECT / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text
    for folder in ("statusgen/", "content/", "themes/", "docs/"):
        assert f"`{folder}`" in text
        assert (PROJECT / folder).is_dir()

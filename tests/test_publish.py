"""Publishing: the whole tree is ours, and what did not change is not touched."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.errors import BusyError, PublishError
from statusgen.model import PageEntry
from statusgen.publish import publish, rollback
from statusgen.publish.tree import PathGuard
from tests.faults import FaultyFiles, pages, tree_of
from tests.paths import PROJECT

BEAT = {"heartbeat.json": b'{"built": "2026-11-24T09:20:00Z"}'}
SITE = {**BEAT, "index.html": b"home", "u/ab12/index.html": b"Ann", "feed.rss": b"<rss/>"}


@dataclass(frozen=True)
class Unrenderable:
    """A page that must be carried over unseen."""

    path: str
    inputs: str

    @property
    def render(self):
        def fail():
            raise AssertionError(f"{self.path} was rendered")

        return fail


def carried(tree):
    return [Unrenderable(path, content.hex()) for path, content in tree.items()]


def stats(root: Path):
    return {
        path.relative_to(root).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in [root, *root.rglob("*")]
    }


@pytest.fixture
def output(tmp_path):
    return tmp_path / "site" / "output"


def test_the_first_publication_makes_the_output_and_its_folders(output):
    """Nothing has to be there before."""
    published = publish(pages(SITE), output, known={})

    assert tree_of(output) == SITE
    assert (published.written, published.unchanged, published.removed) == (4, 0, 0)
    assert published.pages.keys() == SITE.keys()


def test_an_empty_folder_is_as_good_as_none(output):
    """A folder that somebody made for us, with the rights they gave it."""
    output.mkdir(parents=True, mode=0o750)
    output.chmod(0o750)

    publish(pages(SITE), output, known={})

    assert tree_of(output) == SITE
    assert stat.S_IMODE(output.stat().st_mode) == 0o750


def test_nothing_is_rendered_or_touched_when_nothing_changed(output):
    """Same inputs, and the output holds what the manifest names: not one file, folder or time in it changes."""
    first = publish(pages(SITE), output, known={})
    before = stats(output)
    files = FaultyFiles()

    again = publish(carried(SITE), output, known=first.pages, files=files)

    assert stats(output) == before
    assert (again.written, again.unchanged, again.removed) == (0, 4, 0)
    assert again.pages == first.pages
    assert {"rename", "exchange", "link"}.isdisjoint(files.calls)


def test_unchanged_files_are_carried_over_not_rewritten(output):
    """When one page changes, the others keep their inode and their time."""
    first = publish(pages(SITE), output, known={})
    before = stats(output)

    new = {**SITE, "index.html": b"home, changed"}
    published = publish(
        [*pages({"index.html": new["index.html"]}), *carried({p: c for p, c in SITE.items() if p != "index.html"})],
        output,
        known=first.pages,
    )

    assert tree_of(output) == new
    assert (published.written, published.unchanged, published.removed) == (1, 3, 0)
    after = stats(output)
    assert [path for path in SITE if after[path] != before[path]] == ["index.html"]


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 300_000])
def test_a_file_of_any_size_is_verified_whole(output, size):
    """Empty ones, and those that take more than one read: the last byte counts."""
    tree = {**BEAT, "big.bin": b"x" * size}
    first = publish(pages(tree), output, known={})
    assert publish(carried(tree), output, known=first.pages).unchanged == 2

    (output / "big.bin").write_bytes(b"x" * max(size - 1, 0) + b"y")
    assert publish(pages(tree), output, known=first.pages).written == 1
    assert tree_of(output) == tree


def test_other_inputs_that_make_the_same_bytes_write_nothing(output):
    """A page that is rendered again and comes out the same is unchanged; the manifest learns the new inputs."""
    publish(pages(SITE), output, known={})
    before = stats(output)

    lost = publish(pages(SITE), output, known={})

    assert (lost.written, lost.unchanged) == (0, 4)
    assert stats(output) == before


def test_a_page_is_rendered_when_the_output_does_not_hold_what_the_manifest_names(output):
    """Inputs alone prove nothing: a file that was edited, emptied, linked away or lost is made again."""
    first = publish(pages(SITE), output, known={})
    (output / "index.html").write_bytes(b"edited by hand")
    (output / "feed.rss").unlink()
    (output / "u/ab12/index.html").unlink()
    (output / "u/ab12/index.html").symlink_to("/etc/hostname")

    published = publish(pages(SITE), output, known=first.pages)

    assert tree_of(output) == SITE
    assert published.written == 3
    assert not (output / "u/ab12/index.html").is_symlink()


def test_the_manifest_of_another_output_is_not_believed(output):
    """A fresh machine with an old manifest and no site renders everything."""
    known = {path: PageEntry(inputs=content.hex(), digest="0" * 40) for path, content in SITE.items()}
    assert publish(pages(SITE), output, known=known).written == 4


def test_who_is_removed_is_gone(output):
    """So are files that strayed into the tree, and empty folders go with them."""
    first = publish(pages(SITE), output, known={})
    (output / "stray.txt").write_text("mine?")
    stay = {path: content for path, content in SITE.items() if not path.startswith("u/")}

    published = publish(pages(stay), output, known=first.pages)

    assert tree_of(output) == stay
    assert published.removed == 2
    assert not (output / "u").exists()


def test_a_new_heartbeat_alone_is_swapped_in_place(output):
    """A build that finds nothing new writes one file, and `previous` stays the last site that was another."""
    publish(pages({**SITE, "index.html": b"before"}), output, known={})
    first = publish(pages(SITE), output, known={})
    before = stats(output)
    beat = {"heartbeat.json": b'{"built": "2026-11-24T09:35:00Z"}'}

    published = publish(pages({**SITE, **beat}), output, known=first.pages)

    assert tree_of(output) == {**SITE, **beat}
    assert (published.written, published.unchanged) == (1, 3)
    after = stats(output)
    assert [path for path in SITE if after[path] != before[path]] == ["heartbeat.json"]
    rollback(output)
    assert tree_of(output)["index.html"] == b"before"


@pytest.mark.parametrize("mode", ["exchange", "renames"])
def test_rollback_returns_to_the_release_before_and_back(output, mode):
    """The release before is kept whole, though the two share what is the same; a build after it is right."""
    new = {**SITE, "index.html": b"new", "added.html": b"added"}
    files = FaultyFiles(exchange=mode == "exchange")
    publish(pages(SITE), output, known={}, files=files)
    second = publish(pages(new), output, known={}, files=files)

    rollback(output, files=files)
    assert tree_of(output) == SITE
    rollback(output, files=files)
    assert tree_of(output) == new
    rollback(output, files=files)
    publish(pages(new), output, known=second.pages, files=files)
    assert tree_of(output) == new


def test_rollback_without_a_release_before_says_so(output):
    """A first site has nothing to go back to."""
    publish(pages(SITE), output, known={})
    with pytest.raises(PublishError, match="no release before"):
        rollback(output)
    assert tree_of(output) == SITE


@pytest.mark.parametrize("exchange", [True, False])
def test_an_output_that_is_a_link_stays_one(tmp_path, exchange):
    """With or without RENAME_EXCHANGE the link leads to the whole new site, release after release."""
    (tmp_path / "disk" / "site").mkdir(parents=True)
    output = tmp_path / "www"
    output.symlink_to(tmp_path / "disk" / "site")
    for number in range(4):
        files = FaultyFiles(exchange=exchange)
        tree = {**SITE, "index.html": b"%d" % number}
        publish(pages(tree), output, known={}, files=files)
        assert output.is_symlink()
        assert tree_of(output) == tree
    rollback(output, files=FaultyFiles(exchange=exchange))
    assert tree_of(output)["index.html"] == b"2"
    assert len(list((tmp_path / "disk").iterdir())) <= 2


def test_without_hard_links_unchanged_files_are_copied_with_their_time(output):
    """A file system without links, or a file that may not be linked, costs the inode only."""

    class NoLinks(FaultyFiles):
        def link(self, old, new):
            raise PermissionError("no links here")

    publish(pages(SITE), output, known={})
    before = (output / "feed.rss").stat().st_mtime_ns
    publish(pages({**SITE, "index.html": b"new"}), output, known={}, files=NoLinks())

    assert tree_of(output) == {**SITE, "index.html": b"new"}
    assert (output / "feed.rss").stat().st_mtime_ns == before


def test_what_lies_beside_the_output_is_closed_to_others_and_to_git(output):
    """The release before holds pages that are gone from the site; no server may show it and nobody may commit it."""
    publish(pages(SITE), output, known={})
    ours = output.parent / ".output.statusgen"

    assert [path.name for path in output.parent.iterdir() if path != output] == [ours.name]
    assert stat.S_IMODE(ours.stat().st_mode) == 0o700
    assert (ours / ".gitignore").read_text() == "*\n"


# ------------------------------------------------------------------------------------------------------- what is refused


def test_a_folder_with_other_things_in_it_is_refused(output):
    """They would be gone. One that holds a heartbeat of ours is a site, wherever it came from."""
    output.mkdir(parents=True)
    (output / "thesis.odt").write_text("three years")
    with pytest.raises(PublishError, match="did not make") as refused:
        publish(pages(SITE), output, known={})
    assert "-o" in refused.value.help
    assert (output / "thesis.odt").read_text() == "three years"

    (output / "heartbeat.json").write_bytes(BEAT["heartbeat.json"])
    publish(pages(SITE), output, known={})
    assert tree_of(output) == SITE


@pytest.mark.parametrize("pulse", [b"", b"[]", b"{}", b"{", b'"built"', b"\xff"])
def test_a_heartbeat_of_something_else_does_not_make_a_folder_ours(output, pulse):
    """The file must say when it was built."""
    output.mkdir(parents=True)
    (output / "heartbeat.json").write_bytes(pulse)
    with pytest.raises(PublishError, match="did not make"):
        publish(pages(SITE), output, known={})


@pytest.mark.parametrize("name", ["statusgen.toml", ".git"])
def test_the_project_itself_is_never_the_output(output, name):
    """Even with a heartbeat in it."""
    output.mkdir(parents=True)
    (output / "heartbeat.json").write_bytes(BEAT["heartbeat.json"])
    (output / name).write_text("")
    with pytest.raises(PublishError, match="cannot be the output"):
        publish(pages(SITE), output, known={})


@pytest.mark.parametrize("place", [Path("/"), Path.home()])
def test_root_and_home_are_never_the_output(place):
    """Whatever they hold."""
    with pytest.raises(PublishError, match="not a folder for a site"):
        publish(pages(SITE), place, known={})


def test_what_must_stay_may_not_lie_in_the_output(output):
    """State or content inside would be swapped away with the old site."""
    with pytest.raises(PublishError, match=r"\.statusgen lies in it"):
        publish(pages(SITE), output, known={}, outside=[output.parent, output / ".statusgen"])
    assert not output.exists()


def test_a_file_is_no_output(output):
    """It says so and keeps the file."""
    output.parent.mkdir(parents=True)
    output.write_text("hello")
    with pytest.raises(PublishError, match="is a file"):
        publish(pages(SITE), output, known={})
    assert output.read_text() == "hello"


def test_an_empty_site_is_never_published(output):
    """No page at all is a mistake, not a wish to remove everything."""
    publish(pages(SITE), output, known={})
    with pytest.raises(PublishError, match="nothing to publish"):
        publish([], output, known={})
    assert tree_of(output) == SITE


def test_a_page_that_cannot_be_rendered_leaves_the_old_site(output):
    """Its error comes through as it is, and nothing is left behind."""
    publish(pages(SITE), output, known={})
    with pytest.raises(AssertionError, match="was rendered"):
        publish([*pages({"index.html": b"new"}), Unrenderable("feed.rss", "new")], output, known={})
    assert tree_of(output) == SITE
    assert {path.name for path in (output.parent / ".output.statusgen").iterdir()} == {".gitignore", "lock"}


BAD_PATHS = [
    "", "/etc/passwd", "../up", "a/../../up", "a//b", "a/", "./a", "a/.", "..", ".", "a\\b", "a\nb", "a\x00b", "a\x7fb",
    "a\u202eb", "a\ud800b", "x" * 256, "é" * 128,
]  # fmt: skip


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_path_that_leaves_the_site_or_means_something_else_is_refused(path):
    """A mistake of ours must not become a hole."""
    with pytest.raises(PublishError, match="cannot be published"):
        PathGuard().admit(path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "a"),
        ("A.html", "a.html"),
        ("Straße", "STRASSE"),
        ("é", "e\u0301"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("a/b/c", "a/B"),
    ],
)
def test_two_pages_that_are_one_on_some_disk_are_refused(one, other):
    """Upper and lower case, composed and decomposed, a file where a folder must be."""
    guard = PathGuard()
    guard.admit(one)
    with pytest.raises(PublishError, match="cannot be published"):
        guard.admit(other)


@given(st.text(max_size=40))
@settings(max_examples=300)
def test_an_admitted_path_never_leaves_the_site(path):
    """Whatever the guard lets through lies below the root."""
    try:
        PathGuard().admit(path)
    except PublishError:
        return
    root = "/srv/site"
    assert os.path.normpath(f"{root}/{path}") == f"{root}/{path}"
    assert f"{root}/{path}".startswith(root + "/")


# ------------------------------------------------------------------------------------------------------------- the lock

HOLD = """
import sys, time
from pathlib import Path
from statusgen.publish import publish
from tests.faults import Page

class Slow(Page):
    @property
    def render(self):
        print("rendering", flush=True)
        time.sleep(60)

publish([Slow("index.html", b"x")], Path(sys.argv[1]), known={})
"""


def test_a_second_build_at_once_is_told_who_works_there_and_a_killed_one_leaves_no_lock(output):
    """BusyError names the process; after kill -9 the next build goes ahead and sweeps up."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(output)], cwd=PROJECT, stdout=subprocess.PIPE)
    assert holder.stdout
    holder.stdout.readline()
    try:
        with pytest.raises(BusyError, match=f"process {holder.pid}") as busy:
            publish(pages(SITE), output, known={})
        assert busy.value.exit_code == 5
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()

    publish(pages(SITE), output, known={})
    assert tree_of(output) == SITE

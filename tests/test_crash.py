"""A crash at any point leaves the old site or the new one, whole, and loses nothing that cannot be had again.

Every scenario is first run once to count its file-system calls; then each call is made to fail (EIO), to find the disk
full from there on (ENOSPC), or to be where SIGKILL hits. `make proof` tries every call, `make test` a seeded sample.
"""

from __future__ import annotations

import os
import random
import threading
from datetime import UTC, datetime, timedelta

import pytest

from statusgen.errors import StatusgenError
from statusgen.model import Milestone, PageEntry, Reached, Reading
from statusgen.publish import publish, rollback
from statusgen.state import Changes, DirState, Remembered, Seen, load, save
from tests.faults import FAIL, FULL, HOWS, KILL, FaultyFiles, in_child, pages, tree_of

T0 = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)

OLDER = {"heartbeat.json": b'{"built": 0}', "index.html": b"zero", "u/leaver/index.html": b"a leaver's page"}
OLD = {
    "heartbeat.json": b'{"built": 1}',
    "index.html": b"one",
    "feed.rss": b"same",
    "u/leaver/index.html": b"a leaver's page",
}
NEW = {
    "heartbeat.json": b'{"built": 2}',
    "index.html": b"two",
    "feed.rss": b"same",
    "services/mail/index.html": b"mail",
}
PULSE = {**OLD, "heartbeat.json": b'{"built": 2}'}

SAMPLE = 6


def sampled(how: str, calls: int) -> list[int]:
    return sorted(random.Random(f"{how} {calls}").sample(range(calls), min(SAMPLE, calls)))


# ---------------------------------------------------------------------------------------------------------- publish


class Site:
    """An output with releases behind it, and how it is swapped."""

    def __init__(self, root, mode, releases):
        self.root = root
        self.mode = mode
        self.output = root / "output"
        self.exchange = mode == "exchange"
        if mode == "link":
            (root / "elsewhere").mkdir(parents=True)
            (root / "elsewhere" / "first").mkdir()
            self.output.symlink_to("elsewhere/first")
        self.known = {}
        for release in releases:
            self.known = self.publish(release, FaultyFiles(exchange=self.exchange)).pages

    def publish(self, tree, files):
        return publish(pages(tree), self.output, known=self.known, files=files)

    def ours(self):
        folders = [path for path in self.root.rglob(".output.statusgen") if path.is_dir()]
        return folders[0] if folders else None


MODES = ("exchange", "link", "renames")
CHANGES = {"release": ([OLDER, OLD], NEW), "first": ([], NEW), "heartbeat": ([OLDER, OLD], PULSE)}


def faulty_publish(tmp_path, mode, change, how, at):
    """One publication with one fault. Gives back what it made of it."""
    releases, new = CHANGES[change]
    site = Site(tmp_path, mode, releases)
    files = FaultyFiles(at=at, how=how, exchange=site.exchange)
    outcome = in_child(lambda: site.publish(new, files))
    return site, releases, new, outcome


def check_publish(tmp_path, mode, change, how, at):
    site, releases, new, outcome = faulty_publish(tmp_path, mode, change, how, at)
    old = releases[-1] if releases else None
    stands = tree_of(site.output)

    allowed = [new] if outcome == "done" else [old, new]
    if not releases:
        allowed.append({})
        allowed.append(None)
    if mode == "renames" and outcome == "killed":
        allowed.append(None)  # between two renames there is none: the next run brings it back
    assert stands in allowed, (outcome, stands)
    if outcome == "failed":
        assert stands == old or not releases, "a failed run leaves the site that was there"

    again = site.publish(new, FaultyFiles(exchange=site.exchange))

    assert tree_of(site.output) == new
    assert dict(again.pages).keys() == new.keys()
    left = {path.name for path in site.ours().iterdir()} - {".gitignore", "lock", "previous"}
    assert left == set(), "a run leaves nothing but its lock and the release before"
    hidden = {path.name for path in site.output.resolve().parent.iterdir() if path.name.startswith(".")}
    assert hidden <= {".output.statusgen", ".output.statusgen-a", ".output.statusgen-b"}
    assert len([name for name in hidden if name.endswith(("-a", "-b"))]) <= 1
    assert tree_of(site.ours() / "previous") in [None, *releases, new]


def calls_of_publish(tmp_path, mode, change):
    releases, new = CHANGES[change]
    site = Site(tmp_path, mode, releases)
    files = FaultyFiles(exchange=site.exchange)
    site.publish(new, files)
    return len(files.calls)


SCENARIOS = [(mode, change) for mode in MODES for change in CHANGES]


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("mode", "change"), SCENARIOS)
def test_a_publication_that_fails_or_dies_leaves_the_old_site_or_the_new_one(tmp_path, mode, change, how):
    """A seeded sample of the calls; the next run heals what is left."""
    for at in sampled(how, calls_of_publish(tmp_path / "count", mode, change))[:: 1 if mode == "exchange" else 2]:
        check_publish(tmp_path / f"{at}", mode, change, how, at)


@pytest.mark.proof
@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("mode", "change"), SCENARIOS)
def test_every_call_of_a_publication_may_fail_or_die(tmp_path, mode, change, how):
    """The same at every call."""
    for at in range(calls_of_publish(tmp_path / "count", mode, change)):
        check_publish(tmp_path / f"{at}", mode, change, how, at)


@pytest.mark.proof
@pytest.mark.parametrize("mode", MODES)
def test_a_second_crash_while_the_first_is_healed(tmp_path, mode):
    """Two kills in a row, the second anywhere in the run that heals: still one site or the other, and the third run is right."""
    draw = random.Random(mode)
    calls = calls_of_publish(tmp_path / "count", mode, "release")
    for first in range(calls):
        for second in draw.sample(range(calls + 10), 3):
            site, (_, old), new, _ = faulty_publish(tmp_path / f"{first}-{second}", mode, "release", KILL, first)
            in_child(
                lambda site=site, at=second: site.publish(NEW, FaultyFiles(at=at, how=KILL, exchange=site.exchange))
            )
            assert tree_of(site.output) in [old, new] or mode == "renames"
            site.publish(new, FaultyFiles(exchange=site.exchange))
            assert tree_of(site.output) == new
            assert tree_of(site.ours() / "previous") in [OLDER, OLD, NEW]


def test_a_publication_makes_enough_calls_to_be_worth_breaking(tmp_path):
    """The seam is really used: were the calls made past it, the tests above would prove nothing."""
    assert calls_of_publish(tmp_path, "exchange", "release") > 30


ROLLBACK_CALLS = 16


def check_rollback(tmp_path, mode, how, at):
    site = Site(tmp_path, mode, [OLD, NEW])
    faulty = FaultyFiles(at=at, how=how, exchange=site.exchange)
    outcome = in_child(lambda: rollback(site.output, files=faulty))

    stands = tree_of(site.output)
    assert stands in ([OLD] if outcome == "done" else [OLD, NEW]) or (mode != "exchange" and stands is None)
    site.publish(NEW, FaultyFiles(exchange=site.exchange))
    assert tree_of(site.output) == NEW


@pytest.mark.parametrize("how", [FAIL, KILL])
@pytest.mark.parametrize("mode", MODES)
def test_a_rollback_that_fails_or_dies_leaves_a_whole_site(tmp_path, mode, how):
    """A seeded sample of its calls: the site is one of the two releases, and the next build is right."""
    for at in sampled(how, ROLLBACK_CALLS)[::2]:
        check_rollback(tmp_path / f"{at}", mode, how, at)


@pytest.mark.proof
@pytest.mark.parametrize("how", [FAIL, KILL])
@pytest.mark.parametrize("mode", MODES)
def test_every_call_of_a_rollback_may_fail_or_die(tmp_path, mode, how):
    """The same at every call."""
    for at in range(ROLLBACK_CALLS):
        check_rollback(tmp_path / f"{at}", mode, how, at)


def test_a_reader_never_sees_half_of_one_release_and_half_of_another(tmp_path):
    """Whoever opens the site while it is swapped reads one release whole, from the first file to the last."""
    output = tmp_path / "output"
    names = [f"page{n}.html" for n in range(12)]

    def release(number):
        body = b"%d" % number
        return {"heartbeat.json": b'{"built": %d}' % number, **dict.fromkeys(names, body)}

    publish(pages(release(0)), output, known={})
    mixed, read = [], []
    done = threading.Event()

    def watch():
        while not done.is_set():
            handle = os.open(output, os.O_RDONLY)
            try:
                seen = set()
                for name in names:
                    page = os.open(name, os.O_RDONLY, dir_fd=handle)
                    seen.add(os.read(page, 64))
                    os.close(page)
                (read if len(seen) == 1 else mixed).append(seen)
            except FileNotFoundError:
                pass  # two releases later the tree that was opened is gone; a server opens anew
            finally:
                os.close(handle)

    reader = threading.Thread(target=watch)
    reader.start()
    try:
        for number in range(1, 40):
            publish(pages(release(number)), output, known={}, durable=False)
    finally:
        done.set()
        reader.join()

    assert mixed == []
    assert len(read) > 10


# ------------------------------------------------------------------------------------------------------------ state


def seen(*numbers, at=T0):
    return {f"INC{n}": Seen(journey=(Reached(milestone=Milestone.IN_PROGRESS, at=at),)) for n in numbers}


def remembered(at):
    reading = Reading(source="desk", as_of=at, warnings=(f"read at {at}",))
    return Remembered(reading=reading, fingerprint=str(at), config_fingerprint="c", fetched_at=at, read_at=at)


def changes(at, *numbers):
    return Changes(
        built_at=at,
        sources={"desk": remembered(at)},
        seen={"desk": seen(*numbers, at=at)},
        pages={"index.html": PageEntry(inputs=str(at), digest="d")},
    )


def check_state(folder, how, at, *, saved_before):
    """One save with one fault on top of one that was good, or on nothing."""
    place = DirState(folder)
    if saved_before:
        save(place, load(place, T0), changes(T0, 1, 2))
    later = T0 + timedelta(minutes=15)
    faulty = DirState(folder, files=FaultyFiles(at=at, how=how))

    def work():
        with faulty.lock():
            save(faulty, load(faulty, later), changes(later, 2, 3))

    outcome = in_child(work)

    after = load(place, later)
    known = after.seen("desk")
    before = {"INC1", "INC2"} if saved_before else set()
    assert before <= known.keys(), "what was first seen is there, whatever happened"
    assert all(known[number].journey[0].at == T0 for number in before), "and it is what was seen first"
    if outcome == "done":
        assert known.keys() == before | {"INC2", "INC3"}
    assert known.keys() in (before, before | {"INC2", "INC3"}), "a save is whole or not at all"
    if saved_before:
        assert after.remembered("desk") in [remembered(T0), remembered(later)]
        assert after.warnings == (), "a crash is not damage"

    with place.lock():
        assert save(place, load(place, later), changes(later + timedelta(minutes=1), 4))
    assert load(place, later + timedelta(hours=1)).seen("desk").keys() >= before | {"INC4"}
    assert not list(folder.glob("*.new"))


def calls_of_state(folder, *, saved_before):
    place = DirState(folder)
    if saved_before:
        save(place, load(place, T0), changes(T0, 1, 2))
    files = FaultyFiles()
    counted = DirState(folder, files=files)
    with counted.lock():
        save(counted, load(counted, T0 + timedelta(minutes=15)), changes(T0 + timedelta(minutes=15), 2, 3))
    return len(files.calls)


@pytest.mark.parametrize("saved_before", [True, False])
@pytest.mark.parametrize("how", [FAIL, FULL, KILL])
def test_a_save_that_fails_or_dies_loses_nothing_that_was_first_seen(tmp_path, how, saved_before):
    """A seeded sample of the calls."""
    for at in sampled(how, calls_of_state(tmp_path / "count", saved_before=saved_before)):
        check_state(tmp_path / f"{at}", how, at, saved_before=saved_before)


@pytest.mark.proof
@pytest.mark.parametrize("saved_before", [True, False])
@pytest.mark.parametrize("how", [FAIL, FULL, KILL])
def test_every_call_of_a_save_may_fail_or_die(tmp_path, how, saved_before):
    """The same at every call."""
    for at in range(calls_of_state(tmp_path / "count", saved_before=saved_before)):
        check_state(tmp_path / f"{at}", how, at, saved_before=saved_before)


def test_what_a_user_sees_of_a_full_disk_says_what_to_do(tmp_path):
    """ENOSPC is a sentence with a next step, not a traceback."""
    site = Site(tmp_path, "exchange", [OLD])
    with pytest.raises(StatusgenError) as raised:
        site.publish(NEW, FaultyFiles(at=12, how=FULL))
    assert "could not be written" in raised.value.message
    assert "The old site stands" in raised.value.help

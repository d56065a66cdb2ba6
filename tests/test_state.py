"""State: what must be remembered comes back equal, is never lost to a race, and damage to it is healed and said."""

from __future__ import annotations

import itertools
import json
import stat
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from statusgen import __version__
from statusgen.errors import BusyError, StateError
from statusgen.model import (
    AuthorRole,
    ContentPage,
    Incident,
    IncidentStage,
    Milestone,
    PageEntry,
    PlannedStage,
    PlannedWork,
    Reached,
    Reading,
    Service,
    ServiceState,
    Skipped,
    SourceState,
    Text,
    TextFormat,
    Ticket,
    TicketEvent,
    TicketType,
    Update,
)
from statusgen.state import Changes, DirState, Remembered, Seen, catch_up, load, merging, records, save
from tests.faults import FaultyFiles
from tests.paths import PROJECT

T0 = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
LATER = T0 + timedelta(minutes=15)

TEXT = Text(body="Línea 1\nline 2 \U0001f5a8 <b>", format=TextFormat.MARKDOWN, language="es")
UPDATE = Update(at=T0, text=TEXT, stage="identified", author="Ann", role=AuthorRole.CUSTOMER, translations={"nl": TEXT})
EVENT = TicketEvent(at=T0, status="Active", milestone=Milestone.IN_PROGRESS, team="Group 56", next_update_at=LATER)
UNKNOWN = TicketEvent(at=None, status="-100", milestone=None)
TICKET = Ticket(
    source="desk",
    number='INC"1',
    type=TicketType.SERVICE_REQUEST,
    title='"number":"INC2"',
    services=("mail", "vpn"),
    priority=2,
    opened_at=T0.replace(microsecond=123456),
    events=(UNKNOWN, EVENT),
    updates=(UPDATE,),
)
READING = Reading(
    source="desk",
    as_of=T0,
    tickets=(TICKET, Ticket(source="desk", number="INC2", events=(EVENT,))),
    incidents=(
        Incident(
            id="i1",
            source="desk",
            title={"en": "Mail", "nl": "Post"},
            services={"mail": ServiceState.MAJOR_OUTAGE},
            stage=IncidentStage.IDENTIFIED,
            started_at=T0,
            updates=(UPDATE,),
        ),
    ),
    planned=(
        PlannedWork(
            id="p1",
            source="desk",
            title={"": "Patch"},
            services=MappingProxyType({"mail": ServiceState.UNDER_MAINTENANCE}),
            stage=PlannedStage.SCHEDULED,
            starts_at=T0,
            ends_at=LATER,
        ),
    ),
    services=(Service(id="mail", name={"en": "Mail"}, since=date(2025, 1, 1), text={"en": TEXT}),),
    pages=(ContentPage(id="about", title={"en": "About"}, text={"en": TEXT}),),
    skipped=(Skipped(where="row 7", why="no number", count=2),),
    warnings=("one",),
    valid_until=LATER,
)


def remembered(reading=READING, at=T0, **more):
    return Remembered(reading=reading, fingerprint="f", config_fingerprint="c", fetched_at=at, read_at=at, **more)


def reached(milestone, at):
    return Reached(milestone=Milestone(milestone), at=at)


def seen(*journey, events=()):
    return Seen(journey=tuple(reached(*each) for each in journey), events=tuple(events))


def changes(at=T0, **what):
    return Changes(built_at=at, **({"sources": {"desk": remembered(at=at)}} | what))


@pytest.fixture
def state(tmp_path):
    return DirState(tmp_path / ".statusgen")


# ------------------------------------------------------------------------------------------------------ what comes back


def test_what_was_saved_comes_back_equal(state):
    """Every type of the model, mappings, enums, times with microseconds and without, text with quotes and emoji."""
    entry = PageEntry(inputs="i", digest="d")
    gaps = {"mail": ((T0, LATER), (LATER, None))}
    table = {"INC2": seen(("received", T0), ("in_progress", None), events=[EVENT, UNKNOWN])}
    kept = remembered(state=SourceState.SUSPICIOUS, reason="6 % bad", shrink_count=2, error_since=T0, error="timed out")

    assert save(
        state, load(state, T0), changes(sources={"desk": kept}, seen={"desk": table}, pages={"a": entry}, gaps=gaps)
    )

    memory = load(state, LATER)
    assert memory.remembered("desk") == kept
    assert memory.seen("desk") == table
    assert memory.pages == {"a": entry}
    assert memory.gaps == gaps
    assert memory.built_at == T0
    assert memory.engine == __version__
    assert memory.warnings == ()
    assert memory.facts["desk"].valid_until == LATER
    assert memory.facts["desk"].records == READING.records


def test_the_facts_about_a_reading_are_all_that_is_remembered_with_it():
    """A field added to one and not to the other would be lost on the way."""
    extra = {"as_of", "valid_until", "records"}
    assert {f.name for f in fields(records.Facts)} - extra == {f.name for f in fields(Remembered)} - {"reading"}


def test_text_that_is_no_unicode_is_refused_before_anything_is_written(state):
    """It should have been cleaned at ingest; a half of a pair must not make the state unreadable."""
    broken = replace(READING, warnings=("\ud800",))
    with pytest.raises(StateError, match="not Unicode"):
        save(state, load(state, T0), changes(sources={"desk": remembered(broken)}))
    assert load(state, T0).built_at is None


def test_before_the_first_build_everything_is_empty(state):
    """Nothing is made by looking."""
    memory = load(state, T0)

    assert (memory.built_at, memory.remembered("desk"), dict(memory.seen("desk")), dict(memory.pages)) == (
        None,
        None,
        {},
        {},
    )
    assert (dict(memory.gaps), memory.find("INC2"), memory.warnings) == ({}, (), ())
    assert not Path(state.place).exists()


def test_one_ticket_is_found_without_decoding_the_others(state):
    """By its own number, even where another ticket's text looks like the field."""
    journey = seen(("received", T0))
    save(state, load(state, T0), changes(seen={"desk": {"INC2": journey}}))
    memory = load(state, T0)

    assert memory.find("INC2") == ((READING.tickets[1], journey),)
    assert memory.find('INC"1') == ((TICKET, Seen()),)
    assert memory.find("INC") == ()


def test_the_same_number_in_two_sources_is_two_tickets(state):
    """Key: (source, number)."""
    other = replace(READING, source="hr", tickets=(replace(READING.tickets[1], source="hr"),))
    save(state, load(state, T0), changes(sources={"desk": remembered(), "hr": remembered(other)}))
    assert [ticket.source for ticket, _ in load(state, T0).find("INC2")] == ["desk", "hr"]


def test_records_can_be_read_with_zstd_and_jq(state):
    """The header is a skippable frame: any zstd tool steps over it."""
    save(state, load(state, T0), changes())
    path = next(p for p in sorted(Path(state.place).iterdir()) if p.name.startswith("reading-desk"))
    blob = path.read_bytes()
    frame = blob[8 + int.from_bytes(blob[4:8], "little") :]
    assert json.loads(zstandard.decompress(frame))["tickets"][1]["number"] == "INC2"


# ------------------------------------------------------------------------------------------------- what is written, and when


def files_of(state):
    return {p.name: p.stat().st_ino for p in Path(state.place).iterdir() if p.name not in {"lock", "saving"}}


def test_a_record_is_written_only_when_it_changed(state):
    """A later build of the same reading writes the index alone; a journey that grew, the journeys."""
    save(state, load(state, T0), changes(seen={"desk": {"INC2": seen(("received", T0))}}, pages={}))
    before = files_of(state)

    memory = load(state, LATER)
    again = replace(memory.remembered("desk"), fetched_at=LATER)
    again = replace(again, reading=replace(again.reading, as_of=LATER))
    save(state, memory, Changes(built_at=LATER, sources={"desk": again}, seen={"desk": memory.seen("desk")}, pages={}))
    after = files_of(state)

    assert {name for name in after if after[name] != before.get(name)} == {"index.zst"}
    assert load(state, LATER).remembered("desk").reading.as_of == LATER

    memory = load(state, LATER)
    grown = {"INC2": seen(("received", T0), ("resolved", LATER))}
    save(state, memory, Changes(built_at=LATER, sources={"desk": memory.remembered("desk")}, seen={"desk": grown}))
    last = files_of(state)
    assert {name.split(".")[0] for name in last if last[name] != after.get(name)} == {"index", "seen-desk"}
    assert load(state, LATER).seen("desk") == grown


def test_a_build_that_changes_nothing_writes_nothing(state):
    """The same build once more, at the same moment."""
    save(state, load(state, T0), changes(pages={}))
    before = files_of(state)
    assert save(state, load(state, T0), changes(pages={})) is False
    assert files_of(state) == before


def test_an_unchanged_rebuild_reads_only_what_it_asks_for(state):
    """The index is one read; a reading is another, when it is asked for."""
    save(state, load(state, T0), changes(seen={"desk": {"INC2": seen(("received", T0))}}, pages={}))
    files = FaultyFiles()
    memory = load(DirState(Path(state.place), files=files), LATER)
    assert memory.facts["desk"].fingerprint == "f"
    assert files.calls == ["read"]
    memory.remembered("desk")
    memory.remembered("desk")
    assert files.calls == ["read", "read"]


def test_the_reading_of_a_source_that_is_gone_is_dropped_and_its_first_sights_are_kept(state):
    """A reading can be had again and holds what people wrote; when a milestone was first seen cannot."""
    table = {"INC2": seen(("received", T0))}
    save(state, load(state, T0), changes(seen={"desk": table}))
    save(state, load(state, LATER), Changes(built_at=LATER))
    memory = load(state, LATER)
    assert memory.remembered("desk") is None
    assert memory.seen("desk") == table
    assert not [name for name in files_of(state) if name.startswith("reading")]


def test_only_the_owner_can_look_into_state(state):
    """It holds what tickets say."""
    save(state, load(state, T0), changes())
    assert stat.S_IMODE(Path(state.place).stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in Path(state.place).iterdir()} == {0o600}


# ------------------------------------------------------------------------------------------------------ state from later


def test_state_newer_than_now_is_neither_read_nor_written(state):
    """A build for an earlier day must not know the later one, nor undo it; one note says so."""
    save(state, load(state, LATER), changes(LATER, seen={"desk": {"INC2": seen(("received", T0))}}, pages={}))
    before = files_of(state)

    memory = load(state, T0)

    assert memory.read_only
    assert (memory.remembered("desk"), dict(memory.seen("desk")), dict(memory.pages)) == (None, {}, {})
    assert len(memory.warnings) == 1
    assert "neither read nor written" in memory.warnings[0]
    assert save(state, memory, changes(T0)) is False
    assert files_of(state) == before


def test_state_of_now_itself_is_known(state):
    """The demo is built again and again for the same moment."""
    save(state, load(state, T0), changes())
    assert load(state, T0).remembered("desk") == remembered()


def test_later_state_without_its_index_is_still_later(state):
    """Healing looks at the records' own time."""
    save(state, load(state, LATER), changes(LATER))
    Path(state.place, "index.zst").unlink()
    assert load(state, T0).read_only


def test_state_of_a_later_statusgen_is_refused_with_a_next_step(state):
    """Exit 5, and nothing is touched: to heal it would be to lose it."""
    save(state, load(state, T0), changes())
    index = Path(state.place, "index.zst")
    content = index.read_bytes()
    head = content[8 : 8 + int.from_bytes(content[4:8], "little")]
    packed = content[8 + len(head) :]
    line = head.partition(b" ")[2].replace(b"statusgen-state 1 ", b"statusgen-state 9 ")
    head = records._checksum(line, packed) + b" " + line
    index.write_bytes(content[:4] + len(head).to_bytes(4, "little") + head + packed)

    with pytest.raises(StateError, match="later statusgen") as refused:
        load(state, LATER)
    assert "--state-dir" in refused.value.help
    assert refused.value.exit_code == 5


# -------------------------------------------------------------------------------------------------------------- damage


def damage(content, how):
    if how == "truncated":
        return content[: len(content) // 2]
    if how == "flipped":
        middle = len(content) // 2
        return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    return {"empty": b"", "garbage": b"\x00garbage" * 30, "other zstd": b"\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00hi"}[how]


HARM = ["truncated", "flipped", "empty", "garbage", "other zstd"]


def two_builds(state):
    first = {"INC1": seen(("received", T0))}
    save(state, load(state, T0), changes(T0, seen={"desk": first}, pages={"a": PageEntry(inputs="i", digest="d")}))
    second = {"INC2": seen(("received", LATER))}
    save(state, load(state, LATER), changes(LATER, seen={"desk": second}))


def harm(state, prefix, how):
    names = load(state, LATER).index.records if prefix != "index" else {"index": "index.zst"}
    path = Path(state.place, next(name for record, name in names.items() if record.startswith(prefix)))
    path.write_bytes(damage(path.read_bytes(), how))
    return path


@pytest.mark.parametrize("how", HARM)
def test_a_damaged_reading_is_read_anew(state, how):
    """The source is as if it had never been read; what was first seen stays."""
    two_builds(state)
    path = harm(state, "reading", how)
    memory = load(state, LATER)

    assert memory.remembered("desk") is None
    assert memory.find("INC2") == ()
    assert memory.seen("desk").keys() == {"INC1", "INC2"}
    assert len(memory.warnings) == 1
    assert "the last reading of desk" in memory.warnings[0]

    save(state, memory, changes(LATER))
    assert path.with_name(path.name + ".damaged-1").exists()
    healed = load(state, LATER)
    assert healed.remembered("desk") == remembered(at=LATER)
    assert healed.warnings == ()


@pytest.mark.parametrize("how", HARM)
def test_damaged_first_sights_are_healed_from_the_save_before(state, how):
    """They can be had nowhere else, so one generation is kept; what is healed is written by the next save."""
    two_builds(state)
    path = harm(state, "seen", how)
    memory = load(state, LATER)

    assert memory.seen("desk").keys() == {"INC1"}
    assert "healed from the save before" in memory.warnings[0]

    save(state, memory, changes(LATER))
    assert path.with_name(path.name + ".damaged-1").exists()
    healed = load(state, LATER)
    assert healed.seen("desk").keys() == {"INC1"}
    assert healed.warnings == ()


@pytest.mark.parametrize("how", HARM)
def test_a_damaged_list_of_pages_means_that_all_are_made_anew(state, how):
    """And nothing else."""
    two_builds(state)
    harm(state, "pages", how)
    memory = load(state, LATER)
    assert dict(memory.pages) == {}
    assert "every page is made anew" in memory.warnings[0]
    assert memory.remembered("desk") is not None


@pytest.mark.parametrize("how", [*HARM, "gone"])
def test_a_damaged_index_is_healed_from_the_records_that_are_left(state, how):
    """All that was remembered is there again, but that every source is read anew."""
    two_builds(state)
    path = harm(state, "index", "truncated" if how == "gone" else how)
    if how == "gone":
        path.unlink()
    memory = load(state, LATER)

    assert memory.seen("desk").keys() == {"INC1", "INC2"}
    assert memory.remembered("desk").reading.tickets == READING.tickets
    assert memory.remembered("desk").fingerprint == ""
    assert memory.pages.keys() == {"a"}
    assert "healed from the 3 records" in memory.warnings[0]

    assert save(state, memory, changes(LATER))
    assert Path(state.place, "index.zst.damaged-1").exists() is (how != "gone")
    healed = load(state, LATER)
    assert healed.warnings == ()
    assert healed.seen("desk").keys() == {"INC1", "INC2"}


def test_an_index_and_a_record_damaged_at_once_are_both_set_aside(state):
    """What is whole is kept, what is not is kept out of the way."""
    two_builds(state)
    reading = harm(state, "reading", "flipped")
    harm(state, "index", "flipped")
    memory = load(state, LATER)

    assert memory.remembered("desk") is None
    assert memory.seen("desk").keys() == {"INC1", "INC2"}
    save(state, memory, changes(LATER))
    assert reading.with_name(reading.name + ".damaged-1").exists()
    assert load(state, LATER).warnings == ()


def test_damage_a_second_time_is_set_aside_beside_the_first(state):
    """NAME.damaged-1, -2: nothing is overwritten."""
    two_builds(state)
    for number in (1, 2):
        path = harm(state, "index", "flipped")
        save(state, load(state, LATER), changes(LATER))
        assert path.with_name(f"index.zst.damaged-{number}").exists()


def test_any_one_byte_that_is_wrong_and_any_cut_is_noticed():
    """Flip every byte of a small record, cut it at every length."""
    sealed = records.seal("seen/desk", b'{"INC1":{}}', written_at=T0)
    assert records.unseal(sealed)[1] == b'{"INC1":{}}'
    for at in range(len(sealed)):
        for wrong in (sealed[:at], sealed[:at] + bytes([sealed[at] ^ 0x41]) + sealed[at + 1 :]):
            with pytest.raises(records.DamagedError):
                records.unseal(wrong)


def test_a_record_of_another_shape_is_damage_not_a_crash():
    """Whole bytes that no longer fit the model, too."""
    for payload in (b"[]", b'{"INC1": {"journey": [{"milestone": "nonsense", "at": null}]}}', b"{", b""):
        with pytest.raises(records.DamagedError):
            records.decode_seen(payload)


def test_a_place_that_cannot_be_read_says_what_to_do(tmp_path):
    """A file where the directory should be: exit 5, with a next step."""
    (tmp_path / "state").write_text("")
    place = DirState(tmp_path / "state")
    with pytest.raises(StateError, match="could not be") as raised, place.lock():
        save(place, load(place, T0), changes())
    assert raised.value.exit_code == 5
    assert "--state-dir" in raised.value.help


# ------------------------------------------------------------------------------------------------------------- merging

MOMENTS = [T0 + timedelta(minutes=n) for n in range(4)]
JOURNEYS = st.lists(
    st.builds(Reached, milestone=st.sampled_from(list(Milestone)[:5]), at=st.sampled_from([None, *MOMENTS])), max_size=6
).map(tuple)
EVENTS = st.lists(
    st.builds(
        TicketEvent,
        at=st.sampled_from([None, *MOMENTS]),
        status=st.sampled_from(["New", "Active"]),
        milestone=st.sampled_from([None, Milestone.RECEIVED]),
        due_at=st.sampled_from([None, T0]),
    ),
    max_size=4,
).map(tuple)
SEEN = st.builds(Seen, events=EVENTS, journey=JOURNEYS)
TABLES = st.dictionaries(st.sampled_from(["INC1", "INC2", "INC3"]), SEEN, max_size=3)


@given(TABLES, TABLES)
def test_merging_does_not_depend_on_who_comes_first(a, b):
    """Commutative."""
    assert merging.merge_tables(a, b) == merging.merge_tables(b, a)


@given(TABLES, TABLES, TABLES)
def test_merging_does_not_depend_on_the_order_of_races(a, b, c):
    """Associative."""
    merge = merging.merge_tables
    assert merge(merge(a, b), c) == merge(a, merge(b, c))


@given(TABLES, TABLES)
def test_merging_again_changes_nothing(a, b):
    """Idempotent; and what is known already gives the same object back, so that nothing is written."""
    merged = merging.merge_tables(a, b)
    assert merging.merge_tables(merged, a) is merged
    assert merging.merge_tables(merged, b) is merged
    assert merging.merge_tables(a, a) is a


@given(TABLES, TABLES)
def test_merging_loses_no_record(a, b):
    """Every ticket, milestone and event of either side is in the union, as often as on the side that has it more often."""
    merged = merging.merge_tables(a, b)
    assert merged.keys() == a.keys() | b.keys()
    for side, number in itertools.chain(itertools.product([a], a), itertools.product([b], b)):
        for part in ("journey", "events"):
            ours, theirs = getattr(merged[number], part), getattr(side[number], part)
            assert all(ours.count(each) >= theirs.count(each) for each in theirs)
    assert all(
        set(merged[n].journey) <= set(a.get(n, Seen()).journey) | set(b.get(n, Seen()).journey) for n in merged
    ), "and nothing is made up"


@given(JOURNEYS, JOURNEYS)
def test_a_journey_that_only_grew_keeps_its_order(known, more):
    """Two steps of the same minute stay in the order of their source."""
    grown = only(known + more)
    assert merging.merge_seen(only(known), grown) in (grown, only(known))


def only(journey):
    return Seen(journey=journey)


def test_two_sights_of_one_step_leave_the_earlier_one_first():
    """Two builds raced; a reader that collapses equal neighbours finds when it was first seen."""
    early, late = (
        seen(("received", T0), ("in_progress", MOMENTS[1])),
        seen(("received", T0), ("in_progress", MOMENTS[2])),
    )
    merged = merging.merge_seen(late, early)
    assert merged == seen(("received", T0), ("in_progress", MOMENTS[1]), ("in_progress", MOMENTS[2]))


def test_a_step_without_a_time_comes_after_received_and_before_all_that_was_watched():
    """It was there at the first reading."""
    merged = merging.merge_seen(
        seen(("received", T0), ("in_progress", None)),
        seen(
            ("resolved", MOMENTS[3]),
        ),
    )
    assert [each.milestone for each in merged.journey] == ["received", "in_progress", "resolved"]


# ---------------------------------------------------------------------------------------------------- races and the lock


def test_a_save_that_loses_a_race_is_merged_and_tried_again(state):
    """Two builds start from the same memory; the second to save loses no record of the first, and adds its own."""
    save(state, load(state, T0), changes(seen={"desk": {"INC1": seen(("received", T0))}}))
    one, other = load(state, LATER), load(state, LATER)

    save(
        state,
        one,
        changes(LATER, seen={"desk": {"INC2": seen(("received", LATER))}, "hr": {"INC1": seen(("closed", None))}}),
    )
    mine = changes(LATER, sources={"desk": remembered(at=T0)}, seen={"desk": {"INC3": seen(("received", LATER))}})
    assert save(state, other, mine)

    memory = load(state, LATER)
    assert memory.seen("desk").keys() == {"INC1", "INC2", "INC3"}
    assert memory.seen("hr").keys() == {"INC1"}
    assert memory.remembered("desk").fetched_at == LATER, "the newer reading stays"


def test_a_build_that_never_wins_gives_up_with_a_next_step(state):
    """Ten lost races, exit 5."""

    class Contested(DirState):
        def pull(self):
            root = super().pull()
            return replace(root, version="somebody else's")

    contested = Contested(Path(state.place))
    with pytest.raises(StateError, match="10 times"):
        save(contested, load(contested, T0), changes())


def test_who_looks_without_the_lock_reads_on_when_a_build_saves(state):
    """`why` while a build sweeps up what it replaced: it reads the new records, and could not save on the old facts."""
    save(state, load(state, T0), changes(seen={"desk": {"INC2": seen(("received", T0))}}))
    looking = load(state, LATER)
    fresh = replace(READING, as_of=LATER, warnings=("new",))
    save(state, load(state, LATER), changes(LATER, sources={"desk": remembered(fresh, at=LATER)}))

    assert looking.remembered("desk").reading == fresh
    assert looking.find("INC2")
    assert looking.warnings == ()


HOLD = """
import sys, time
from pathlib import Path
from statusgen.state import DirState
with DirState(Path(sys.argv[1])).lock():
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_second_build_at_once_is_told_who_holds_state_and_a_killed_one_leaves_no_lock(state):
    """The message names the process; exit 5; the kernel lets go after kill -9."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, state.place], cwd=PROJECT, stdout=subprocess.PIPE)
    assert holder.stdout
    holder.stdout.readline()
    try:
        with pytest.raises(BusyError, match=f"process {holder.pid}") as busy, state.lock():
            pass
        assert busy.value.exit_code == 5
        load(state, T0)  # looking needs no lock
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    with state.lock():
        assert save(state, load(state, T0), changes())


def test_a_build_by_the_clock_that_another_machine_overtook_goes_on_from_what_that_one_saw(state):
    """Two runners, or two clocks; an hour is no such thing, and stays unread."""
    save(state, load(state, LATER), changes(LATER, seen={"desk": {"INC1": seen(("received", T0))}}))
    now, memory = catch_up(state, LATER - timedelta(seconds=40))
    assert now == LATER
    assert memory.seen("desk").keys() == {"INC1"}
    early = LATER - timedelta(hours=2)
    now, memory = catch_up(state, early)
    assert now == early
    assert memory.read_only
    assert catch_up(state, LATER + timedelta(minutes=1))[0] == LATER + timedelta(minutes=1)

"""statusgen.toml becomes a frozen Config, or every problem at once, each pointed at in the file (DESIGN §4.1)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import config
from statusgen.config import spans
from statusgen.config.tables import keys_of, shapes
from statusgen.config.toml_text import toml
from statusgen.model import Milestone, TicketType, WorkingSpan
from tests import regenerate
from tests.paths import PROJECT, SHARED, SPECIMENS

FULL = (SPECIMENS / "config" / "full.toml").read_text("utf-8")
SMALL = '[site]\ntitle = "T"\n'
SOURCE = '[[sources]]\nname = "desk"\nkind = "csv"\npath = "a.csv"\n'
SCHEMA = json.loads(json.dumps(config.schema()))


# ---- what a good file means


def test_every_key_has_the_default_of_the_design() -> None:
    made = config.parse(SMALL)
    assert made.model_dump(by_alias=True, exclude={"promises", "privacy"}) == {
        "config-version": 1,
        "site": {
            "title": "T",
            "base-url": "http://localhost:8008/",
            "languages": ("en",),
            "time-zone": "UTC",
            "theme": "default",
            "support": {"email": "", "phone": ""},
            "ticket-counts": False,
            "content": "content",
            "output": "output",
        },
        "calendar": {"hours": "mo-fr 08:00-18:00", "holidays": ()},
        "people": None,
        "state": {
            "backend": "dir",
            "path": ".statusgen",
            "branch": "statusgen-state",
            "remote": "origin",
            "token": {"env": "STATUSGEN_GIT_TOKEN", "file": None, "command": None},
            "bucket": None,
            "in-clear": False,
        },
        "schedule": {"rebuild": "15m", "heartbeat": "1h", "good-for": "3h", "ping": None},
        "services": (),
        "teams": (),
        "milestones": {"mail": "off", "quiet-hours": "19:00-07:00", "max-per-day": 3},
        "digests": (),
        "channels": {},
        "feeds": {"entries": 50},
        "publish": {
            "kind": "dir",
            "artifact": "artifact.tar",
            "bucket": None,
            "target": None,
            "port": 22,
            "host": None,
        },
        "planned": (),
        "sources": (),
    }
    days = WorkingSpan(days=5)
    usual = {1: WorkingSpan(hours=4), 2: WorkingSpan(days=1), 3: WorkingSpan(days=2), 4: days, 5: days}
    assert made.promises.next_update == usual
    privacy = made.privacy
    assert (privacy.level, privacy.hosting, privacy.welcome, privacy.revoked) == (
        "sealed",
        "public",
        "desk",
        "revoked.txt",
    )
    assert privacy.secret == config.Secret(env="STATUSGEN_SECRET")
    assert privacy.keep_closed == timedelta(days=14)


def test_every_source_and_channel_has_the_defaults_of_the_design() -> None:
    made = config.parse(SMALL + SOURCE + '[sources.fields]\nnumber = "n"\n[channels.x]\nkind = "folder"\n')
    (source,) = made.sources
    assert (source.shape, source.missing, source.items, source.as_of, source.gone) == (
        "snapshot",
        ("", "?", "N/A"),
        "",
        "read",
        "closed",
    )
    assert (source.stale_after, source.max_size, source.time_zone, source.date_format) == (None, None, None, None)
    channel = made.channels["x"]
    assert (channel.connections, channel.rate, channel.max_per_run, channel.in_doubt) == (1, "60/m", 500, "retry")


def test_a_url_is_stale_after_two_hours_and_capped_at_64_megabytes() -> None:
    made = config.parse(SMALL + '[[sources]]\nname = "a"\nkind = "statuspage"\nurl = "https://x.example.org/"\n')
    assert made.sources[0].stale_after == timedelta(hours=2)
    assert made.sources[0].max_size == 64_000_000


def test_the_full_example_uses_every_key_there_is() -> None:
    data = tomllib.loads(FULL)

    def used(path: str) -> set[str]:
        tables = [data]
        for part in path.split(".") if path else []:
            inner = [
                value for table in tables for value in (table.values() if part == "NAME" else [table.get(part, [])])
            ]
            tables = [one for value in inner for one in (value if isinstance(value, list) else [value])]
        return {key for table in tables for key in table}

    for shape in shapes():
        assert set(keys_of(shape.table)) <= used(shape.path), shape.header


def test_the_full_example_is_read_as_it_is_meant() -> None:
    made = config.parse(FULL)
    assert made.site.base_url == "https://status.example.org/it/"
    assert made.site.time_zone == "Europe/Amsterdam"
    assert made.calendar.holidays == (date(2026, 12, 25), date(2027, 1, 1))
    assert made.calendar.weekly[3] == ((time(8, 30), time(17, 30)),)
    assert made.calendar.weekly[4] == ((time(8, 30), time(16)),)
    assert made.promises.next_update[5] == WorkingSpan(hours=1.5)
    assert made.privacy.confidential == {"category": ("HR*",), "hold_reason": ("medical",)}
    assert made.services[0].name == {"en": "E-mail and calendar", "nl": "E-mail en agenda"}
    assert made.services[1].name == {"": "Sign-in"}
    assert made.services[0].since == date(2025, 1, 1)
    patches, move = made.planned
    assert (patches.starts, patches.ends) == (datetime(2026, 12, 6, 21), datetime(2026, 12, 6, 23))
    assert patches.published == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert (patches.except_, patches.cancelled) == ((date(2026, 12, 27),), (date(2027, 1, 3),))
    assert patches.moved == {date(2026, 12, 20): datetime(2026, 12, 21, 21)}
    assert (move.repeats, move.cancelled) == (None, True)
    assert made.channels["email"].from_ == "IT status <status@example.org>"
    desk, facilities, alerts, supplier = made.sources
    assert alerts.severity == {"major_outage": ("page", "critical"), "operational": ("info",)}
    assert (alerts.service, alerts.impact, supplier.service) == (("mail",), "partial_outage", ("mail", "sign-in"))
    assert desk.fields["updated_at"] == "sys_updated_at"
    assert desk.status == {
        Milestone.RECEIVED: ("New",),
        Milestone.WAITING_CUSTOMER: ("Awaiting User Info",),
        Milestone.CLOSED: ("Closed*", "Archived"),
    }
    assert desk.priority == {1: ("1 - Critical",)}
    assert desk.type == {TicketType.SERVICE_REQUEST: ("Request*",), TicketType.INCIDENT: ("*",)}
    assert desk.services[0].when == {"category": ("Category 26",), "team": ("Mail*", "Exchange")}
    assert (desk.max_size, desk.stale_after) == (5_000_000, timedelta(hours=36))
    assert facilities.headers == {"Authorization": config.Secret(env="DESK_AUTH"), "Accept": "application/json"}


def test_the_site_id_is_the_host_of_the_address_unless_said() -> None:
    assert (
        config.parse(SMALL + 'base-url = "https://Status.Example.org:8443/x"\n').privacy.site_id == "status.example.org"
    )
    assert config.parse(FULL).privacy.site_id == "status"


def test_the_demo_the_sample_and_the_design_are_good() -> None:
    config.parse((PROJECT / "statusgen.toml").read_text("utf-8"))
    design = SHARED.parent / "DESIGN.md"
    if not design.exists():
        pytest.skip("the design is not beside the project")
    block = re.search(r"```toml\n(config-version.*?)```", design.read_text("utf-8"), re.DOTALL)
    assert block
    config.parse(block[1].replace("[[teams]]", '[[services]]\nid = "sign-in"\nname = "Sign-in"\n[[teams]]', 1))


@pytest.mark.parametrize(
    "kind",
    [
        "csv json jsonl markdown statuspage feed cstate upptime alertmanager gatus",
        "servicenow jira topdesk zammad glpi github freshservice zendesk",
    ],
)
def test_every_kind_of_the_design_is_legal(kind: str) -> None:
    for one in kind.split():
        text = f'{SMALL}[[sources]]\nname = "a"\nkind = "{one}"\npath = "x"\nfields = {{ number = "n" }}\n'
        assert config.parse(text).sources[0].kind == one


def test_a_config_is_frozen() -> None:
    made = config.parse(SMALL)
    with pytest.raises(ValueError, match="frozen"):
        made.site.title = "other"


def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing() -> None:
    assert config.parse("\ufeff" + FULL.replace("\n", "\r\n")) == config.parse(FULL)


def test_the_fingerprint_tells_settings_apart_and_knows_a_secret_only_by_its_place() -> None:
    one, same = config.parse(FULL), config.parse(FULL + "\n# a remark\n")
    other = config.parse(FULL.replace('env = "DESK_AUTH"', 'env = "DESK_AUTH_2"'))
    assert config.fingerprint(one) == config.fingerprint(same)
    assert config.fingerprint(one) != config.fingerprint(other)
    assert config.fingerprint(one.sources[0]) == config.fingerprint(other.sources[0])
    assert re.fullmatch("[0-9a-f]{32}", config.fingerprint(one.site))


# ---- amounts


@given(st.integers(0, 10**6), st.sampled_from("smhdw"))
def test_a_length_of_time_is_written_as_it_is_read(amount: int, unit: str) -> None:
    try:
        value = spans.span(f"{amount}{unit}")
    except ValueError:
        assert amount > 5000, "only more than a hundred years is refused"
        return
    assert spans.span(spans.span_text(value)) == value


@given(st.decimals(0, 10**5, places=3), st.sampled_from("mhd"))
def test_working_time_is_written_as_it_is_read(amount: object, unit: str) -> None:
    value = spans.working_span(f"{amount}{unit}")
    assert spans.working_span(spans.working_text(value)) == value


@given(
    st.recursive(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.integers(-9, 9) | st.booleans() | st.dates(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=8,
    )
)
def test_what_is_written_as_toml_is_read_back(value: object) -> None:
    assert tomllib.loads(f"x = {toml(value)}")["x"] == value


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mo-fr 08:00-18:00", {day: ((time(8), time(18)),) for day in range(5)}),
        ("mo-su 00:00-24:00", {day: ((time(0), time(0)),) for day in range(7)}),
        ("Sa-Mo 09:00-12:00", {day: ((time(9), time(12)),) for day in (0, 5, 6)}),
        ("mo 13:00-17:00, mo 08:00-12:00", {0: ((time(8), time(12)), (time(13), time(17)))}),
    ],
)
def test_working_hours(text: str, meant: object) -> None:
    assert spans.weekly(text) == meant


@pytest.mark.parametrize(
    "text",
    ["", "mo-fr", "mo-fr 8-18", "24x7", "mx 08:00-18:00", "mo 18:00-08:00", "mo 08:00-25:00", "mo 08:60-09:00",
     "mo-fr 08:00-12:00, fr 11:00-13:00", "mo 08:00-24:00, mo 23:00-24:00", "mo-fr 08:00-18:00,"],
)  # fmt: skip
def test_working_hours_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        spans.weekly(text)


def test_digest_slots_quiet_hours_rates_and_sizes() -> None:
    assert spans.slot("mo-we 07:30") == ((0, 1, 2), time(7, 30))
    assert spans.window("19:00-07:00") == (time(19), time(7))
    assert spans.rate("60/m") == (60, timedelta(minutes=1))
    assert (spans.size("64MB"), spans.size("1.5 kb"), spans.size("2gb")) == (64_000_000, 1_500, 2_000_000_000)


# ---- the schema and the manual


@pytest.mark.parametrize(("name", "code"), [("full.toml", 0), ("bad-newcomer.toml", 1)])
def test_check_jsonschema_takes_the_schema_and_judges_with_it(tmp_path: Path, name: str, code: int) -> None:
    schema = tmp_path / "statusgen.schema.json"
    schema.write_text(json.dumps(config.schema()), encoding="utf-8")
    command = [str(Path(sys.executable).parent / "check-jsonschema"), "--schemafile", str(schema)]
    done = subprocess.run([*command, str(SPECIMENS / "config" / name)], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr


def test_the_schema_is_sound_says_what_each_key_means_and_shows_defaults_as_one_writes_them() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["title"] == "statusgen.toml"
    for shape in shapes():
        definition = SCHEMA["$defs"][shape.table.__name__] if shape.header else SCHEMA
        assert set(definition["properties"]) == set(keys_of(shape.table))
    assert all(field.description for shape in shapes() for field in keys_of(shape.table).values())
    assert SCHEMA["$defs"]["Privacy"]["properties"]["keep-closed"]["default"] == "14d"
    assert SCHEMA["$defs"]["SourceConfig"]["properties"]["fields"]["properties"]["requester"]["description"]
    assert "null" not in json.dumps(SCHEMA)


def test_the_manual_is_what_the_models_say() -> None:
    assert regenerate.REFERENCE.read_text("utf-8") == config.reference(), regenerate.HOW


def test_every_example_of_the_manual_is_good() -> None:
    """Each key's example, alone in an otherwise good file."""
    for shape in shapes():
        for key, field in keys_of(shape.table).items():
            for example in field.examples or ():
                config.parse(_with_example(shape.path, key, example))


def _with_example(path: str, key: str, example: object) -> str:
    data = tomllib.loads(FULL)
    table = data
    for part in path.split(".") if path else []:
        table = table["email" if part == "NAME" else part]
        table = table[0] if isinstance(table, list) else table
    table[key] = example
    if path == "sources" and key == "url":
        del table["path"]
    if path == "services" and key == "id":
        data["sources"][0]["services"] = []
    return "\n".join(f"{key} = {toml(kept)}" for key, kept in data.items())


def test_the_smallest_file_of_the_manual_is_good() -> None:
    block = re.search(r"```toml\n(.*?)```", config.reference(), re.DOTALL)
    assert block
    config.parse(block[1])

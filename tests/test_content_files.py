"""Files that are written read back as the same facts, whatever was known and whatever was said."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import addresses, config, content_files, sources
from statusgen.model import (
    Incident,
    IncidentStage,
    PlannedStage,
    PlannedWork,
    Service,
    ServiceState,
    Text,
    TextFormat,
    Update,
)
from statusgen.sources import stages
from statusgen.sources.common import Fetched
from statusgen.text import clean, clean_line, to_markdown, to_plain

LATE = datetime(2199, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/Amsterdam", "America/St_Johns", "Asia/Kathmandu", "Africa/Monrovia")
TOML = """
[site]
title = "Test status"
time-zone = "Europe/Amsterdam"
[[services]]
id = "mail"
name = "E-mail"
[[services]]
id = "Rooms & keys"
name = "Rooms"
[[sources]]
name = "content"
kind = "markdown"
path = "content"
"""


def read(files):
    parsed = config.parse(TOML)
    raw = {name: text.encode() for name, text in files.items()}
    found = sources.read(Fetched(files=raw, as_of=LATE), parsed.sources[0], parsed, LATE)
    assert found.skipped == ()
    return found


def written(kind, name, texts):
    return {f"{kind}/{name}{f'.{language}' if language else ''}.md": text for language, text in texts.items()}


LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=25).map(clean_line).filter(bool) | st.sampled_from(
    ["yes", "Null", "a: b", "- a", "#1", "'a'", '"', "\\", "{a}", "[a]", "é 10\xa0000", "C#", "x #", "@a", "%a", "👩‍🚒", "!!bool x", "&a", "*a", "2026-11-24"]
)  # fmt: skip
BITS = ["## a\n", "### b\n", "```\n", "~~~\n", "---\n", "<!-- x -->", "\n", "  ", "- a\n", "x", "é", "| a |", "\t", "{{", "`", "# c\n", "> q\n"]  # fmt: skip
BODIES = st.lists(st.sampled_from(BITS), max_size=8).map("".join)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
ROUND = TIMES.map(lambda at: at.replace(second=0, microsecond=0))


def markdown(body, language=""):
    return to_markdown(Text(body=clean(body), format=TextFormat.MARKDOWN, language=language))


@st.composite
def updates(draw, words, first, main):
    """What was said, oldest first, in stages, in the language `main`; in another all of it or nothing."""
    times = sorted(draw(st.lists(TIMES | ROUND, max_size=4)))
    if times and draw(st.booleans()):
        times = [times[0], *times]
    other = draw(st.sampled_from(["", "de"]))
    said = [
        Update(
            at=at,
            text=markdown(draw(BODIES), main),
            stage=draw(st.sampled_from(["", *words])),
            author=draw(st.just("") | LINES.filter(lambda line: line == line.strip())),
            translations={other: markdown(draw(BODIES), other)} if other else {},
        )
        for at in times
    ]
    return stages.staged(said, first)


def texts(draw):
    return {language: draw(LINES) for language in draw(st.sampled_from([("en",), ("nl",), ("en", "nl"), ("nl", "en")]))}


@st.composite
def incidents(draw):
    started = draw(TIMES | ROUND)
    title = texts(draw)
    said = draw(updates(list(IncidentStage), IncidentStage.INVESTIGATING, next(iter(title))))
    ended = stages.told_end(said)
    ended = max(started, ended) if ended and ended < started else ended
    if draw(st.booleans()):
        ended = started + timedelta(seconds=draw(st.integers(0, 10**7)))
    services = draw(st.dictionaries(st.sampled_from(["mail", "Rooms & keys"]), st.sampled_from(ServiceState), max_size=2))  # fmt: skip
    return Incident(
        id=draw(LINES | st.just("p-1")),
        source="content",
        title=title,
        services=services,
        stage=stages.stage_of(said, is_over=ended is not None),
        started_at=started,
        ended_at=ended,
        next_update_at=draw(st.none() | TIMES),
        team=draw(st.just("") | LINES),
        audience=draw(st.just({}) | st.just({"en": "All"})),
        meanwhile=draw(st.just({}) | st.just({"nl": "x: y"})),
        cause=draw(st.just({}) | st.just({"nl": "a disk"})),
        updates=said,
        notice=draw(st.booleans()),
        url=draw(st.sampled_from(["", "https://status.example.org/?a=1#b"])),
    )


@st.composite
def works(draw):
    starts = draw(TIMES | ROUND)
    title = texts(draw)
    said = draw(updates(list(PlannedStage), PlannedStage.SCHEDULED, next(iter(title))))
    stage = PlannedStage(said[-1].stage) if said else PlannedStage.SCHEDULED
    return PlannedWork(
        id=draw(LINES),
        source="content",
        title=title,
        services=dict.fromkeys(draw(st.sampled_from([(), ("mail",), ("mail", "Rooms & keys")])), ServiceState.UNDER_MAINTENANCE),
        stage=draw(st.sampled_from([stage, PlannedStage.CANCELLED])),
        starts_at=starts,
        ends_at=starts + timedelta(seconds=draw(st.integers(1, 10**7))),
        published_at=draw(st.none() | TIMES),
        expected=draw(st.just({}) | st.just({"en": "Mail is late"})),
        meanwhile=draw(st.just({}) | st.just({"en": "Call", "nl": "Bel"})),
        updates=said,
        url=draw(st.sampled_from(["", "https://status.example.org/x"])),
    )  # fmt: skip


@given(incidents(), st.sampled_from(ZONES))
def test_an_incident_that_is_written_reads_back_as_the_same(one, zone):
    name = addresses.name_of(one.id)
    found = read(written("incidents", name, content_files.incident(one, name, ZoneInfo(zone), first="en")))
    assert found.incidents == (one,)
    assert [warning for warning in found.warnings if "ended" not in warning] == []


@given(works(), st.sampled_from(ZONES))
def test_planned_work_that_is_written_reads_back_as_the_same(one, zone):
    name = addresses.name_of(one.id)
    found = read(written("planned", name, content_files.planned(one, name, ZoneInfo(zone), first="en")))
    assert found.planned == (one,)
    assert found.warnings == ()


@given(LINES, st.dictionaries(st.sampled_from(["en", "nl"]), LINES, min_size=1), st.dictionaries(st.sampled_from(["en", "nl"]), BODIES), st.booleans(), LINES)  # fmt: skip
def test_a_service_that_is_written_reads_back_as_the_same(identifier, names, bodies, is_bare, team):
    made = {lang: Text(body=clean(body).strip(), format=TextFormat.MARKDOWN, language=lang) for lang, body in bodies.items()}  # fmt: skip
    one = Service(
        id=identifier,
        name=names,
        group={} if is_bare else {"en": "Work: together", "nl": "Samen"},
        team="" if is_bare else team,
        audience={} if is_bare else {"en": "All"},
        needs=() if is_bare else ("mail", "Rooms & keys"),
        since=None if is_bare else datetime(2020, 12, 18, tzinfo=UTC).date(),
        text={language: text for language, text in made.items() if text.body},
        source="content",
    )
    name = addresses.name_of(one.id)
    found = read(written("services", name, content_files.service(one, name, first="en")))
    assert found.services == (one,)


def test_what_is_written_is_what_a_person_would_write():
    one = Incident(
        id="p-1", source="x", title={"": "Printing is down"}, services={"mail": ServiceState.MAJOR_OUTAGE}, stage=IncidentStage.RESOLVED,
        started_at=datetime(2026, 11, 24, 7, 52, tzinfo=UTC), ended_at=datetime(2026, 11, 24, 8, 20, 30, tzinfo=UTC),
        updates=(
            Update(at=datetime(2026, 11, 24, 7, 55, tzinfo=UTC), text=markdown("Nobody can print."), stage="investigating", author="Sanne"),
            Update(at=datetime(2026, 11, 24, 8, 20, 30, tzinfo=UTC), text=markdown("## Why\nA disk."), stage="resolved"),
        ),
    )  # fmt: skip
    assert content_files.incident(one, "p-1", ZoneInfo("Europe/Amsterdam"), first="en") == {
        "": """---
title: Printing is down
services: { mail: major_outage }
started: 2026-11-24T08:52+01:00
---
## Resolved, 2026-11-24 09:20:30+01:00
### Why
A disk.

## Investigating, 2026-11-24 08:55+01:00, Sanne
Nobody can print.
"""
    }


def test_code_in_an_update_stays_as_it_is_and_swallows_nothing():
    body = "```\n## a comment\n"
    text = content_files.add_update("---\ntitle: a\nstarted: 2026-11-24\n---\n## Investigating, 2026-11-24 08:00\nx\n", stage="", at=datetime(2026, 11, 24, 9, tzinfo=UTC), author="", body=body)  # fmt: skip
    [one] = read({"incidents/a.md": text}).incidents
    assert [update.text.body for update in one.updates] == ["x", "```\n## a comment\n```"]


def test_a_service_may_say_since_when_there_is_data():
    found = read({"services/wiki.md": "---\nname: Wiki\nsince: soon\n---\n"})
    assert found.services[0].since is None
    assert "`since` 'soon' is no day" in found.warnings[0]


PLAIN = st.lists(st.sampled_from([*"*_`[]()<>#+-=~|:.!&;\\ \n\t1a", "https://a.example.org/x_y_z", "<b>", "&amp;", "    ", "```", "## ", "é", "<!--", "\n\n", "[a]: b", "---"]), max_size=14).map("".join)  # fmt: skip
HTML = st.lists(st.sampled_from(["<p>", "</p>", "<a href='https://a.example.org/'>", "</a>", "<strong>", "</strong>", "<br>", "<ul>", "<li>", "x", "*", "_y_", "[", "&amp;", "&lt;b&gt;", " ", "<script>", "</script>", "<h2>", "</h2>", "\n## ", "<em>"]), max_size=12).map("".join)  # fmt: skip


@pytest.mark.parametrize(("bodies", "form"), [(PLAIN, TextFormat.PLAIN), (HTML, TextFormat.HTML)])
def test_any_text_as_markdown_says_the_same_words(bodies, form):
    @given(bodies)
    def law(body):
        text = Text(body=clean(body), format=form)
        made = to_markdown(text)
        assert to_plain(made) == to_plain(text)
        assert not any(line.startswith(("## ", "##\t")) for line in made.body.split("\n"))

    law()


@pytest.mark.parametrize(
    ("body", "form", "made"),
    [
        ("All is well again.", TextFormat.PLAIN, "All is well again."),
        ("1. a *b*\nsee https://a.example.org/x_y", TextFormat.PLAIN, "1\\. a \\*b\\*<br>\nsee https://a.example.org/x_y"),
        ("<p>Slow: <a href='https://a.example.org/'>why</a></p><ul><li>one<li>two</ul>", TextFormat.HTML, "Slow: [why](https://a.example.org/)\n\n- one\n- two"),
    ],
)  # fmt: skip
def test_text_as_markdown_stays_readable(body, form, made):
    assert to_markdown(Text(body=body, format=form)).body == made

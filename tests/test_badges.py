"""Badges say a state as word, shape and colour to everybody, whatever a service is called; shields can read theirs."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import wording
from statusgen.channels import badges
from statusgen.text import clean_line
from statusgen.views.badge import Badge, badge_of_service, badge_of_site
from statusgen.views.common import Look
from statusgen.views.shapes import SHAPES
from statusgen.wording import STATES
from tests.paths import PROJECT
from tests.scenes import DOWN, SLOW, ago, incident, look, services, silent, work

SVG = "{http://www.w3.org/2000/svg}"
OK = Badge(name="Mail", state="Working", title="Mail: Working", look="ok")
ARABIC, HEBREW, FAMILY = "البريد", "דואר", "👩‍👩‍👧‍👦"


def drawn(badge: Badge) -> ET.Element:
    return ET.fromstring(badges.svg(badge))


def texts(badge: Badge) -> list[str]:
    return [element.text or "" for element in drawn(badge).iter(f"{SVG}text")]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def named(name: str, look_: str = "ok") -> Badge:
    return Badge(name=name, state="Working", title=f"{name}: Working", look=look_)


def site(seen: Look) -> Badge:
    return badge_of_site(seen, "Quay IT")


# ---- what it says


def test_a_service_has_its_name_and_the_word_of_its_state() -> None:
    seen = look(incident({"printing": DOWN}), sources=(silent("phones"),))
    told = [badge_of_service(seen, service) for service in seen.snapshot.services]
    assert [(one.name, one.state, one.look) for one in told] == [
        ("Mail", "Working", "ok"),
        ("Printing", "Down", "down"),
        ("Phones", "Not known", "none"),
    ]
    assert told[1].title == "Printing: Down"


@pytest.mark.parametrize(
    ("seen", "state", "shape"),
    [
        (look(), "Working", "ok"),
        (look(incident()), "1 problem", "down"),
        (look(incident({"mail": SLOW}), incident({"phones": SLOW}, id="p-2")), "2 problems", "warn"),
        (look(incident({"mail": DOWN}, notice=True)), "Working", "ok"),
        (look(planned=(work(ago(10)),)), "Planned work", "plan"),
        (look(sources=(silent("mail"),)), "Not known", "none"),
        (look(planned=(work(ago(10)),), sources=(silent("phones"),)), "Not known", "none"),
        (look(services=()), "Working", "ok"),
    ],
)
def test_the_whole_counts_its_problems_else_says_its_state(seen: Look, state: str, shape: str) -> None:
    assert (site(seen).name, site(seen).state, site(seen).look) == ("Quay IT", state, shape)


def test_a_state_is_a_word_a_shape_and_a_colour_of_its_own() -> None:
    """Told apart without seeing colours: each state's drawing differs, and each has its word."""
    looks = {STATES[state][0] for state in STATES}
    made = {one: drawn(named("Mail", one)) for one in looks}
    shapes = {one: ET.tostring(next(made[one].iter(f"{SVG}g"))) for one in looks}
    assert len({re.sub(rb"#\w+", b"", shape) for shape in shapes.values()}) == len(looks) == 5
    assert len({SHAPES[one].colour for one in looks}) == len(looks)


@pytest.mark.parametrize("look_", sorted(SHAPES))
def test_white_on_each_colour_can_be_read(look_: str) -> None:
    assert contrast("#ffffff", SHAPES[look_].colour) >= 4.5
    for path in drawn(named("Mail", look_)).findall(f"{SVG}path"):
        assert contrast("#ffffff", path.attrib["fill"]) >= 4.5


def test_the_colours_are_those_of_the_theme() -> None:
    tokens = dict(
        re.findall(
            r"--(\w+):(#\w{6})", (PROJECT / "themes/default/assets/status.css").read_text("utf-8").partition("dark")[0]
        )
    )
    assert {look_: shape.colour for look_, shape in SHAPES.items() if look_ != "busy"} == {
        look_: tokens[look_] for look_ in SHAPES if look_ != "busy"
    }
    assert SHAPES["busy"].colour == tokens["ink"]


# ---- how it is drawn


def test_who_cannot_see_it_is_told_the_same() -> None:
    root = drawn(OK)
    assert root.attrib["role"] == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "Mail: Working"


def test_every_font_keeps_to_the_width() -> None:
    root = drawn(OK)
    ends = []
    for text in root.iter(f"{SVG}text"):
        assert text.attrib["lengthAdjust"] == "spacingAndGlyphs"
        ends.append(int(text.attrib["x"]) + int(text.attrib["textLength"]))
    assert ends[0] < ends[1] < int(root.attrib["width"])


def test_a_long_name_ends_in_dots_and_a_state_is_never_cut() -> None:
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 3
    badge = Badge(name=long, state=long, title="all of it", look="warn")
    name, state = texts(badge)
    assert name.endswith("…")
    assert long.startswith(name[:-1])
    assert len(name) > 20
    assert state == long
    assert int(drawn(named(long)).attrib["width"]) < 340


def test_what_belongs_together_is_not_torn_apart() -> None:
    name = texts(named(FAMILY * 40))[0]
    assert name == FAMILY * (name.count("👩") // 2) + "…"
    marked = texts(named("e\u0323\u0302" * 60))[0]
    assert marked.removesuffix("…").endswith("\u0302")


@pytest.mark.parametrize(
    ("name", "rtl"), [(ARABIC, True), (HEBREW, True), (f"1. {ARABIC}", True), ("Mail", False), ("123", False)]
)
def test_names_stand_in_their_own_direction(name: str, rtl: bool) -> None:
    [first, *_] = drawn(named(name)).iter(f"{SVG}text")
    assert (first.attrib.get("direction") == "rtl") is rtl
    at, width = int(first.attrib["x"]), int(first.attrib["textLength"])
    assert at == (6 + width if rtl else 6), "the text begins at its own side"


def test_it_is_in_the_language_of_the_site() -> None:
    po = b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgctxt "service"\nmsgid "Working"\nmsgstr "Werkt"\n'
    seen = look(words=wording.words("nl", "Europe/Amsterdam", po))
    assert badge_of_service(seen, seen.snapshot.services[0]).state == "Werkt"


# ---- shields


def check_shields(told: dict[str, Any]) -> None:
    """The schema of https://shields.io/badges/endpoint-badge, which refuses keys that it does not know."""
    kinds = {
        "schemaVersion": int, "label": str, "message": str, "color": str, "labelColor": str, "isError": bool,
        "namedLogo": str, "logoSvg": str, "logoColor": str, "logoSize": str, "style": str, "cacheSeconds": int,
    }  # fmt: skip
    assert {"schemaVersion", "label", "message"} <= set(told) <= set(kinds)
    assert all(type(value) is kinds[key] for key, value in told.items())
    assert told["schemaVersion"] == 1
    assert told["message"]
    assert re.fullmatch(r"[0-9a-f]{6}", told["color"])
    assert re.fullmatch(r"[0-9a-f]{6}", told["labelColor"])
    assert told["cacheSeconds"] >= 0


def test_shields_gets_what_its_schema_asks_for() -> None:
    for look_ in SHAPES:
        told = json.loads(badges.shields(named("Mail", look_)))
        check_shields(told)
        assert told["isError"] is (look_ != "ok"), "what is not well cannot be painted green by whoever shows it"


# ---- laws


@given(st.text(max_size=120), st.text(min_size=1, max_size=40), st.sampled_from(sorted(SHAPES)))
def test_whatever_it_is_called_it_parses_and_says_so(name: str, state: str, look_: str) -> None:
    name, state = clean_line(name), clean_line(state) or "x"
    badge = Badge(name=name, state=state, title=f"{name}: {state}", look=look_)
    root = drawn(badge)
    assert root[0].text == badge.title
    shown = texts(badge)
    assert shown[1] == state
    assert shown[0] == name or (shown[0].endswith("…") and name.startswith(shown[0][:-1]))
    told = json.loads(badges.shields(badge))
    check_shields(told)
    assert (told["label"], told["message"]) == (name, state)


@pytest.mark.parametrize(
    "name", ["\x00\x01", "<script>alert(1)</script>", '" onload="x', "]]>", "&#1;", "\ud800", "\ufffe"]
)
def test_hostile_names_are_escaped_or_left_out(name: str) -> None:
    """Even those that no reader of ours lets through."""
    root = drawn(named(name))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "title",
        "path",
        "circle",
        "rect",
        "g",
        "text",
    }
    assert "onload" not in root.attrib


@given(st.booleans(), st.booleans(), st.booleans())
def test_what_is_not_known_is_never_green(quiet: bool, working: bool, ahead: bool) -> None:
    planned = (work(ago(10)),) * working + (work(datetime(2099, 1, 1, tzinfo=UTC), id="far"),) * ahead
    seen = look(planned=planned, sources=(silent("mail"),) if quiet else (), services=services("Mail", "Printing"))
    for badge in (site(seen), badge_of_service(seen, seen.snapshot.services[0])):
        told = json.loads(badges.shields(badge))
        green = badge.look == "ok"
        assert green is not (quiet or working)
        assert (SHAPES["ok"].colour in badges.svg(badge).decode()) is green
        assert (told["color"] == SHAPES["ok"].colour[1:]) is green

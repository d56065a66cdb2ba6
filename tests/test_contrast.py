"""Inks can be read on their grounds: WCAG's contrast of every pair that a theme names, in both modes."""

from __future__ import annotations

import colorsys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen.theme.contrast import colour_of, colours, contrast, luminance, weak
from statusgen.themes import known, read_theme
from tests.paths import PROJECT
from tests.test_theme import layer, over

SHIPPED = sorted(path.name for path in (PROJECT / "themes").iterdir() if path.is_dir())
HEX = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_theme_can_be_read(name):
    assert list(weak(read_theme(PROJECT, name))) == []


def test_all_shipped_themes_are_known():
    assert set(SHIPPED) <= set(known(Path("/nowhere")))


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#767676", "#ffffff", 4.54),  # the lightest grey that WCAG allows on white
        ("#777777", "#ffffff", 4.47),
        ("#16202b", "#f7f5f0", 15.1),  # research: experience §5.2
        ("#4e5965", "#efece4", 6.05),
        ("#76828e", "#19212a", 4.1),
        ("#ff0000", "#ff0000", 1.0),
    ],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(colour_of(one, {}), colour_of(other, {})) == pytest.approx(ratio, abs=0.05)


@given(HEX, HEX)
def test_contrast_lies_between_1_and_21_and_does_not_mind_the_order(one, other):
    a, b = colour_of(one, {}), colour_of(other, {})
    assert contrast(a, b) == contrast(b, a)
    assert 1 <= contrast(a, b) <= 21.001


@pytest.mark.parametrize(
    ("value", "hexed"),
    [
        ("#fff", "#ffffff"), ("#FFFF", "#ffffff"), ("#0b4a6fff", "#0b4a6f"), ("white", "#ffffff"), ("Black", "#000000"),
        ("rgb(11, 74, 111)", "#0b4a6f"), ("rgb(11 74 111)", "#0b4a6f"), ("rgba(11,74,111,1)", "#0b4a6f"),
        ("rgb(100% 0% 0% / 100%)", "#ff0000"), ("hsl(0 100% 50%)", "#ff0000"), ("hsl(210deg, 50%, 40%)", "#336699"),
        ("oklch(62.8% .25768 29.234)", "#ff0000"), ("oklch(1 0 0)", "#ffffff"), ("var(--a)", "#123456"), ("var( --b )", "#123456"),
        ("var(--none, #abcdef)", "#abcdef"),
    ],
)  # fmt: skip
def test_colours_are_read_however_they_are_written(value, hexed):
    known_tokens = {"a": "#123456", "b": "var(--a)"}
    assert colour_of(value, known_tokens) == pytest.approx(colour_of(hexed, {}), abs=0.004)


@given(st.integers(0, 359), st.integers(0, 100), st.integers(0, 100))
def test_hsl_is_what_the_library_makes_of_it(hue, full, light):
    made = colour_of(f"hsl({hue} {full}% {light}%)", {})
    assert made == pytest.approx(colorsys.hls_to_rgb(hue / 360, light / 100, full / 100), abs=1e-9)
    assert 0 <= luminance(made) <= 1.0001


@pytest.mark.parametrize(
    "value",
    ["", "red", "#12", "#11223344", "rgb(1 2 3 / 50%)", "rgba(1,2,3,.5)", "rgb(1,2)", "hsl(a b c)", "color-mix(in oklab, red, blue)", "var(--loop)"],
)  # fmt: skip
def test_what_cannot_be_judged_is_not_guessed(value):
    assert colour_of(value, {"loop": "var(--loop)"}) is None


def test_a_weak_ink_is_named_once_a_mode_with_its_line_its_grounds_and_the_next_step():
    made = over(layer("quay", toml='name = "Q"\n[tokens.dark]\nmuted = "#60666c"\n'))
    (found,) = weak(made)
    assert found.place == "themes/quay/theme.toml:3"
    assert found.message.startswith("`muted` is hard to read in dark mode: 3.10:1 on `paper`, 2.79:1 on `surface`, ")
    assert found.help == "Text needs a contrast of 4.5:1: make `muted` lighter, or what it stands on darker."
    assert set(found.ratios) >= {"paper", "surface", "sunk", "down-bg"}


def test_a_changed_ground_is_judged_with_every_ink_on_it():
    found = list(weak(over(layer("quay", toml='[tokens.light]\npaper = "#7a7a7a"\n'))))
    assert {one.message.split()[0] for one in found} >= {"`muted`", "`link`", "`edge`", "`ok`"}
    assert {one.place for one in found} == {"themes/quay/theme.toml:2"}
    assert not [one for one in found if "dark mode" in one.message]


def test_shapes_need_less_than_text():
    (found,) = weak(over(layer("quay", toml='[tokens.light]\nedge = "#8a8a8a"\nfocus = "#b0b0b0"\n')))
    assert found.message.startswith("`focus` is hard to read in light mode")
    assert found.help.startswith("What is drawn needs a contrast of 3:1: make `focus` darker")


def test_a_colour_that_cannot_be_judged_is_said_once_a_mode():
    found = list(weak(over(layer("quay", toml='[tokens]\nfocus = "color-mix(in oklab, red, blue)"\n'))))
    assert [one.message for one in found] == [
        f"`focus` is 'color-mix(in oklab, red, blue)' in {mode} mode, and its contrast cannot be judged"
        for mode in ("light", "dark")
    ]
    assert "#rrggbb" in found[0].help
    assert found[0].place == "themes/quay/theme.toml:2"


def test_a_theme_can_name_pairs_of_its_own():
    toml = '[tokens]\nrust = "#b7410e"\nsand = "#c2b280"\n[contrast.text]\nrust = ["sand"]\n'
    made = over(layer("quay", {"assets/extra.css": ".x{color:var(--rust);background:var(--sand)}"}, toml))
    assert {(one.message.split()[0], *one.ratios) for one in weak(made)} == {("`rust`", "sand")}


def test_tokens_are_read_as_a_browser_does_with_the_last_word_winning_in_its_mode():
    css = ":root{--x:#111111}@media (prefers-color-scheme:dark){:root{--x:#222222}}@media print{:root{--x:#333333}}.a{--x:#444444}"
    css += "@media (prefers-color-scheme: light){:root{--y:#555555}}"
    found = colours(over(layer("quay", {"assets/extra.css": css})))
    assert (found["light"]["x"], found["dark"]["x"]) == ("#111111", "#222222")
    assert (found["light"].get("y"), found["dark"].get("y")) == ("#555555", None)

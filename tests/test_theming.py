"""docs/theming.md and docs/theme-reference.md are true: the example is built as it stands, the lists are made from the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from statusgen.channels.reference import FILTERS, NAMES, TOKENS
from statusgen.theme import parse
from statusgen.theme.contrast import colours, weak
from statusgen.theme.sandbox import Sandbox
from statusgen.themes import read_theme
from tests.paths import PROJECT
from tests.regenerate import HOW, THEME_REFERENCE, theme_reference
from tests.scenes import renderer
from tests.sites import HEAD, Site, site
from tests.test_themes import checked

GUIDE = (PROJECT / "docs" / "theming.md").read_text("utf-8")
FILES = dict(re.findall(r"^`(themes/harbour/\S+)`:\n\n```\w+\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The worked example, extracted from the manual and built."""
    made = site(tmp_path_factory.mktemp("harbour"), HEAD.replace("[site]", '[site]\ntheme = "harbour"'), FILES)
    made.build()
    return made


def style(made: Site) -> str:
    (name,) = [name for name in made.tree() if re.fullmatch(r"assets/status\.\w+\.css", name)]
    return made.tree()[name].decode()


class TestExample:
    def test_it_has_every_file_that_the_text_tells_of(self):
        assert {path.removeprefix("themes/harbour/").partition("/")[0] for path in FILES} == {"theme.toml", "templates", "assets", "translations"}  # fmt: skip
        assert len(FILES) == 6

    def test_its_tokens_and_rules_follow_the_parents(self, harbour):
        css = style(harbour)
        default = read_theme(PROJECT, "default").assets["status.css"].decode()
        assert css.startswith(default)
        assert ":root{--r:0;--sans:Georgia" in css
        assert "(prefers-color-scheme:dark){:root{--link:#ff9db5}}" in css
        (wave,) = [name for name in harbour.tree() if name.startswith("assets/wave.")]
        assert f"url('{wave.removeprefix('assets/')}')" in css

    @pytest.mark.parametrize("address", ["", "services/mail", "incidents/p-1", "history", "about", "updates"])
    def test_its_block_stands_on_every_page(self, harbour, address):
        page = harbour.page(address)
        assert '<p class="do">Test status moves to Quay 4 on Saturday.' in page
        assert page.index("moves to Quay 4") < page.index("<h1")

    def test_its_macro_is_the_one_that_every_page_calls(self, harbour):
        assert "or the desk on the quay" in harbour.page("about")
        assert "or the desk on the quay" in harbour.page("")

    def test_its_message_reads_as_it_says_and_the_others_as_before(self, harbour):
        assert ">On the water now</h2>" in harbour.page("")
        assert ">Planned work</h2>" in harbour.page("")

    def test_check_has_nothing_to_say_of_it(self, harbour):
        assert [one for one in checked(harbour.root) if "harbour" in one["text"] or "theme" in one["text"]] == []
        assert list(weak(read_theme(harbour.root, "harbour"))) == []

    def test_the_pairs_of_the_other_example_are_read(self):
        (block,) = re.findall(r"^# themes/signs/theme\.toml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
        assert parse(block.encode(), "theme.toml").text == {"on-sign": ("sign",)}


class TestReference:
    def test_it_is_made_from_the_code(self):
        assert THEME_REFERENCE.read_text("utf-8") == theme_reference(), HOW

    def test_every_token_is_explained_and_none_that_is_not_there(self):
        assert set(TOKENS) == set(colours(read_theme(PROJECT, "default"))["light"])

    def test_every_name_and_filter_is_explained_and_none_that_is_not_there(self):
        from statusgen.channels.pages import PAGE_NAMES, PIECES

        made, bare = renderer().environment, Sandbox()
        assert set(FILTERS) == set(made.filters) - (set(bare.filters) - {"safe_url"})
        assert set(NAMES) == (set(made.globals) - set(bare.globals) - {"gettext", "ngettext", "pgettext", "npgettext"}) | PAGE_NAMES | frozenset().union(*PIECES.values())  # fmt: skip

    def test_every_template_of_the_default_theme_is_listed(self):
        listed = THEME_REFERENCE.read_text("utf-8")
        folder = PROJECT / "themes/default/templates"
        for path in (one for one in folder.rglob("*") if one.is_file()):
            assert f"| `{path.relative_to(folder).as_posix()}` |" in listed

    def test_links_inside_it_lead_to_a_view(self):
        text = THEME_REFERENCE.read_text("utf-8")
        headings = {one.lower() for one in re.findall(r"^### (\w+)$", text, re.MULTILINE)}
        assert set(re.findall(r"\]\(#(\w+)\)", text)) <= headings

    def test_the_guide_names_what_statusgen_brings(self):
        for path in (PROJECT / "themes").iterdir():
            assert f"`{path.name}`" in GUIDE, path.name
        assert Path(PROJECT / "docs/theme-reference.md").is_file()

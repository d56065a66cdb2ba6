"""Themes as people have them: folders, chains of folders, `init --theme`, `check`, `serve`, and builds that fail well."""

from __future__ import annotations

import contextlib
import io
import json
import os
from pathlib import Path

import pytest

from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.errors import ThemeError
from statusgen.themes import chain, is_shipped, known, read_theme
from tests.paths import PROJECT
from tests.scenes import NOW
from tests.sites import HEAD, Site, site

WITH_THEME = HEAD.replace("[site]", '[site]\ntheme = "quay"')
EXTENDS = "{% extends 'default/home.html' %}"


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def themed(root: Path, files: dict[str, str]) -> Site:
    return site(root, WITH_THEME, {f"themes/quay/{name}": text for name, text in files.items()})


def cli(root: Path, *words: str) -> tuple[int, str, str]:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = main(["-C", str(root), *words], doors=Doors(clock=lambda: NOW, environ={}, is_terminal=lambda: False))
    return code, out.getvalue(), err.getvalue()


def checked(root: Path) -> list[dict[str, str]]:
    _, out, _ = cli(root, "--output-format", "json", "check")
    told = json.loads(out)
    return [{"level": level[:-1], **one} for level in ("errors", "warnings") for one in told[level]]


class TestFolders:
    def test_a_theme_of_the_site_comes_before_one_that_statusgen_brings(self, tmp_path):
        write(tmp_path, {"themes/quay/theme.toml": ""})
        assert [folder.name for folder in chain(tmp_path, "quay")] == ["default", "quay"]
        assert chain(tmp_path, "quay")[1] == tmp_path / "themes/quay"
        assert {"default", "quay"} <= set(known(tmp_path))

    def test_a_folder_without_a_theme_toml_extends_the_default(self, tmp_path):
        write(tmp_path, {"themes/quay/templates/foot.html": "x"})
        theme = read_theme(tmp_path, "quay")
        assert theme.name == "quay"
        assert theme.templates["foot.html"].text == "x"
        assert theme.place("templates/foot.html") == "themes/quay/templates/foot.html"
        assert theme.place("templates/home.html") == "themes/default/templates/home.html"

    def test_a_chain_is_followed_to_the_default(self, tmp_path):
        write(
            tmp_path,
            {
                f"themes/{name}/theme.toml": f'extends = "{over}"'
                for name, over in [("a", "b"), ("b", "c"), ("c", "default")]
            },
        )
        assert [layer.name for layer in read_theme(tmp_path, "a").layers] == ["default", "c", "b", "a"]

    @pytest.mark.parametrize(
        ("themes", "name", "says", "next_step"),
        [
            ({}, "quai", "[site] theme asks for 'quai', and there is no folder themes/quai", "statusgen init --theme quai"),
            ({}, "defualt", "there is no folder themes/defualt", "Did you mean `default`?"),
            ({"a": 'extends = "bee"'}, "a", "themes/a/theme.toml asks for 'bee', and there is no folder themes/bee", "init --theme bee"),
            ({"a": 'extends = "a"'}, "a", "themes/a/theme.toml: these themes extend each other: a → a", 'extends = "default"'),
            ({"a": 'extends = "b"', "b": 'extends = "c"', "c": 'extends = "b"'}, "a",
             "themes/c/theme.toml: these themes extend each other: b → c → b", 'extends = "default"'),
            ({}, "../secret", "[site] theme: '../secret' is no name for a theme", "Small letters"),
            ({"a": "extends = 'b"}, "a", "themes/a/theme.toml:1:", ""),
        ],
    )  # fmt: skip
    def test_what_is_missing_or_in_a_circle_is_told_with_the_next_step(self, tmp_path, themes, name, says, next_step):
        write(tmp_path, {f"themes/{one}/theme.toml": toml for one, toml in themes.items()})
        with pytest.raises(ThemeError) as error:
            read_theme(tmp_path, name)
        assert says in error.value.message
        assert next_step in error.value.help

    def test_a_folder_called_default_without_a_theme_toml_is_a_mistake(self, tmp_path):
        write(tmp_path, {"themes/default/templates/home.html": "x"})
        with pytest.raises(ThemeError, match="themes/default takes the place") as error:
            read_theme(tmp_path, "default")
        assert "Call the folder something else" in error.value.help

    def test_what_editors_leave_behind_is_no_part_of_it(self, tmp_path):
        write(tmp_path, {f"themes/quay/{name}": "x" for name in ("templates/.home.html.swp", "templates/home.html~", ".git/x", "assets/.DS_Store", "assets/a.txt")})  # fmt: skip
        assert set(read_theme(tmp_path, "quay").layers[-1].files) == {"assets/a.txt"}

    def test_a_link_out_of_the_theme_is_refused_and_one_inside_is_not(self, tmp_path):
        write(tmp_path, {"secret": "hidden", "themes/quay/assets/a.txt": "open"})
        (tmp_path / "themes/quay/assets/b.txt").symlink_to("a.txt")
        assert read_theme(tmp_path, "quay").assets["b.txt"] == b"open"
        (tmp_path / "themes/quay/assets/c.txt").symlink_to(tmp_path / "secret")
        with pytest.raises(ThemeError, match=r"themes/quay/assets/c\.txt: it is a link to a file outside") as error:
            read_theme(tmp_path, "quay")
        assert error.value.help == "Copy the file into the theme."

    def test_a_whole_theme_can_be_a_link(self, tmp_path):
        write(tmp_path, {"elsewhere/assets/a.txt": "x"})
        (tmp_path / "site/themes").mkdir(parents=True)
        (tmp_path / "site/themes/quay").symlink_to(tmp_path / "elsewhere")
        assert read_theme(tmp_path / "site", "quay").assets["a.txt"] == b"x"

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_a_file_that_cannot_be_read_is_told(self, tmp_path):
        write(tmp_path, {"themes/quay/assets/a.txt": "x"})
        (tmp_path / "themes/quay/assets/a.txt").chmod(0)
        with pytest.raises(ThemeError, match="it cannot be read"):
            read_theme(tmp_path, "quay")

    def test_statusgen_brings_the_default_and_says_so(self):
        assert is_shipped("default")
        assert not is_shipped("quay")
        assert not is_shipped("../themes/default")


class TestBuild:
    def test_a_site_is_built_in_its_theme(self, tmp_path):
        made = themed(tmp_path, {
            "theme.toml": '[tokens]\nlink = "#8a1538"\n',
            "templates/home.html": EXTENDS + "{% block lookup %}{% endblock %}{% block title %}Quay{% endblock %}",
            "assets/extra.css": ".brand{background:url(wave.svg)}",
            "assets/wave.svg": "<svg/>",
            "translations/en.po": 'msgid "Happening now"\nmsgstr "Right now"\n',
        })  # fmt: skip
        made.build()
        home = made.page("")
        assert "<title>Quay – Test status</title>" in home
        assert "Right now" in home
        (style,) = [name for name in made.tree() if name.startswith("assets/status.") and name.endswith(".css")]
        assert "--link:#8a1538" in made.tree()[style].decode()
        (wave,) = [name for name in made.tree() if name.startswith("assets/wave.")]
        assert f"url('{wave.removeprefix('assets/')}')" in made.tree()[style].decode()

    @pytest.mark.parametrize(
        ("name", "text", "says"),
        [
            ("templates/home.html", "\n{{ page.nothing }}", "themes/quay/templates/home.html:2: "),
            ("templates/service.html", "\n\n{% for %}", "themes/quay/templates/service.html:3: "),
            ("theme.toml", '[tokens]\npaper = "red}"\n', "themes/quay/theme.toml:2:9"),
            ("assets/extra.css", "a{", "themes/quay/assets/extra.css:1: "),
            ("translations/en.po", 'msgid "unfinished', "themes/quay/translations/en.po: "),
        ],
    )
    def test_a_mistake_fails_the_build_and_the_old_site_stands(self, tmp_path, name, text, says):
        made = themed(tmp_path, {"theme.toml": ""})
        made.build()
        before = made.tree(heartbeat=True)
        write(tmp_path, {f"themes/quay/{name}": text})
        with pytest.raises(ThemeError) as error:
            made.build()
        assert says in error.value.message
        assert made.tree(heartbeat=True) == before
        write(tmp_path, {f"themes/quay/{name}": ""})
        (tmp_path / f"themes/quay/{name}").unlink()
        made.build()

    def test_a_changed_theme_renders_pages_anew_and_an_unchanged_one_does_not(self, tmp_path):
        made = themed(tmp_path, {"theme.toml": ""})
        made.build()
        assert made.build().written <= 1
        write(tmp_path, {"themes/quay/templates/foot.html": "<footer>Ours</footer></body></html>"})
        assert made.build().written > 5
        assert "<footer>Ours" in made.page("services/mail")

    def test_a_logo_stands_before_the_title_and_takes_its_place_before_it_arrives(self, tmp_path):
        svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"/>'
        made = themed(tmp_path, {"assets/logo.svg": svg, "assets/logo-dark.svg": svg.replace("120", "121")})
        made.build()
        page = made.page("services/mail")
        assert 'alt="" width="120" height="40"></picture>Test status</a>' in page
        assert '<picture><source srcset="../../assets/logo-dark.' in page


class TestInit:
    def test_what_it_starts_builds_and_checks_without_a_word(self, tmp_path):
        made = site(tmp_path, WITH_THEME)
        code, out, _ = cli(tmp_path, "init", "--theme", "quay")
        assert code == 0
        assert "wrote themes/quay/theme.toml" in out
        assert 'theme = "quay"' in out
        assert [one for one in checked(tmp_path) if "theme" in one["text"]] == []
        made.build()
        assert "in the theme Quay: this line is in themes/quay/templates/foot.html." in made.page("")

    def test_every_token_it_shows_can_be_used(self, tmp_path):
        cli(tmp_path, "init", "--theme", "quay")
        path = tmp_path / "themes/quay/theme.toml"
        lines = path.read_text("utf-8").splitlines()
        path.write_text("\n".join(line.removeprefix("# ") if " = " in line else line for line in lines))
        assert len(read_theme(tmp_path, "quay").layers[-1].manifest.tokens.names) >= 4

    def test_it_never_overwrites(self, tmp_path):
        write(tmp_path, {"themes/quay/notes.txt": "mine"})
        for flags in ((), ("--force",)):
            code, _, err = cli(tmp_path, "init", "--theme", "quay", *flags)
            assert code == 2
            assert "is there already" in err
        assert [path.name for path in (tmp_path / "themes/quay").iterdir()] == ["notes.txt"]

    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("default", "is the name of a theme that statusgen brings"),
            ("../x", "no name for a theme"),
            ("Quay", "no name for a theme"),
        ],
    )
    def test_names_that_cannot_be_are_refused(self, tmp_path, name, says):
        code, _, err = cli(tmp_path, "init", "--theme", name)
        assert (code, says in err) == (2, True)
        assert not list(tmp_path.iterdir())

    def test_it_goes_into_the_folder_that_is_named_and_speaks_json(self, tmp_path):
        code, out, _ = cli(tmp_path, "--output-format", "json", "init", "it", "--theme", "quay")
        assert code == 0
        for name in json.loads(out)["files"]:
            assert (tmp_path / "it" / name).is_file()


class TestCheck:
    def test_every_mistake_of_the_theme_is_told_at_once(self, tmp_path):
        themed(tmp_path, {
            "theme.toml": '[tokens.light]\nmuted = "#999999"\n',
            "templates/home.html": EXTENDS + "\n{% block main %}{{ page.titel }}{% endblock %}",
            "templates/about.html": "{% if %}",
            "templates/hme.html": "x",
            "template/x.html": "x",
            "README.md": "x",
        })  # fmt: skip
        found = [one for one in checked(tmp_path) if "themes/quay" in one["text"]]
        said = [(one["level"], one["text"].removeprefix("themes/quay/").partition(": ")[0]) for one in found]
        assert said[:4] == [
            ("error", "templates/about.html:1"),
            ("error", "templates/home.html:2"),
            ("warning", "templates/hme.html"),
            ("warning", "template"),
        ]
        assert set(said[4:]) == {("warning", "theme.toml:2")}
        assert "did you mean `title`?" in [one["help"] for one in found]

    def test_a_theme_that_cannot_be_read_is_one_error_with_a_next_step(self, tmp_path):
        site(tmp_path, WITH_THEME)
        (found,) = [one for one in checked(tmp_path) if one["level"] == "error"]
        assert found["text"] == "[site] theme asks for 'quay', and there is no folder themes/quay"
        assert cli(tmp_path, "check")[0] == 2

    def test_messages_that_no_page_says_and_placeholders_that_nothing_fills_are_told(self, tmp_path):
        po = 'msgid "Happening nwo"\nmsgstr "x"\n\nmsgid "All times are %(zone)s time."\nmsgstr "In %(city)s."\n\nmsgid "Main"\nmsgstr "Way"\n'
        themed(tmp_path, {"translations/en.po": po})
        found = [one for one in checked(tmp_path) if "translations" in one["text"]]
        assert [(one["level"], one["text"], one["help"]) for one in found] == [
            (
                "error",
                "themes/quay/translations/en.po:4: nothing fills %(city)s in 'All times are %(zone)s time.'",
                "It has: %(zone)s.",
            ),
            (
                "warning",
                "themes/quay/translations/en.po:1: no page says 'Happening nwo'",
                "did you mean `Happening now`?",
            ),
        ]

    def test_a_theme_without_the_policy_is_warned_of(self, tmp_path):
        themed(tmp_path, {"templates/head.html": "<!doctype html><html lang='en'><head>"})
        assert any("no Content-Security-Policy" in one["text"] for one in checked(tmp_path))

    def test_a_theme_that_gives_sealed_pages_the_policy_of_public_ones_is_told(self, tmp_path):
        """The script that opens a sealed page runs by its hash; with another policy nobody could ever open one."""
        own = """<meta http-equiv="Content-Security-Policy" content="script-src 'self'">"""
        themed(tmp_path, {"templates/head.html": f"<!doctype html><html lang='en'><head>{own}"})
        assert any("sealed pages" in one["text"] and "{{ policy }}" in one["help"] for one in checked(tmp_path))

    def test_weak_colours_are_a_warning_and_not_an_error(self, tmp_path):
        themed(tmp_path, {"theme.toml": '[tokens.dark]\nmuted = "#444444"\n'})
        assert cli(tmp_path, "check")[0] == 0
        code, out, _ = cli(tmp_path, "check", "--strict")
        assert code == 3
        assert "warning: themes/quay/theme.toml:2: `muted` is hard to read in dark mode: 1." in out
        assert "= help: Text needs a contrast of 4.5:1" in out


class TestServe:
    def inputs(self, root: Path) -> set[Path]:
        from statusgen.cli.build import Wishes
        from statusgen.cli.serve import Preview
        from statusgen.cli.session import open_session
        from statusgen.cli.terminal import Terminal

        options = {"directory": str(root), "config": None, "now": None, "state_dir": None}
        session = open_session(options, Doors(clock=lambda: NOW, environ={}, is_terminal=lambda: False), Terminal())
        return set(Preview(session, Wishes()).inputs())

    def test_it_follows_the_whole_chain_and_themes_that_are_only_being_made(self, tmp_path):
        site(tmp_path, WITH_THEME, {"themes/quay/theme.toml": 'extends = "harbour"', "themes/harbour/theme.toml": ""})
        assert {tmp_path / "themes", PROJECT / "themes/default"} <= self.inputs(tmp_path)
        (tmp_path / "themes/harbour/theme.toml").unlink()
        (tmp_path / "themes/harbour").rmdir()
        assert tmp_path / "themes" in self.inputs(tmp_path)

    def test_a_change_of_a_parent_changes_the_pages(self, tmp_path):
        made = site(
            tmp_path, WITH_THEME, {"themes/quay/theme.toml": 'extends = "harbour"', "themes/harbour/theme.toml": ""}
        )
        made.build()
        write(tmp_path, {"themes/harbour/templates/foot.html": "<footer>Harbour</footer></body></html>"})
        made.build()
        assert "Harbour" in made.page("")

"""A theme is a folder that overrides single templates, tokens and words, and inherits the rest; what is wrong in it says where."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import addresses, wording
from statusgen.channels.pages import Renderer
from statusgen.channels.templates import page_views
from statusgen.errors import ThemeError
from statusgen.theme import Layer, Theme, compose, parse
from statusgen.theme.css import CssError, custom_properties, declarations, references
from statusgen.theme.logo import logo
from statusgen.theme.tokens import wrong_name, wrong_value
from statusgen.views.common import Support
from statusgen.views.home import home
from tests.scenes import WORDS, incident, look, po, theme


def layer(name: str, files: dict[str, str] | None = None, toml: str = "") -> Layer:
    made = {path: text.encode() for path, text in (files or {}).items()}
    return Layer(name=name, files=made, manifest=parse(toml.encode(), "theme.toml"), place=f"themes/{name}/")


def default() -> Layer:
    manifest = parse(theme()["theme.toml"], "theme.toml", root=True)
    return Layer(name="default", files=theme(), manifest=manifest, place="themes/default/")


def over(*layers: Layer) -> Theme:
    """These on the default theme."""
    return compose([default(), *layers])


def renderer(made: Theme, words: wording.Words = WORDS) -> Renderer:
    return Renderer(made, words, title="Quay", base_url="https://status.example.org/", support=Support(phone="112"))


def page(made: Theme, words: wording.Words = WORDS) -> str:
    return renderer(made, words).render(home(look(incident(), words=words)), "").decode()


def style(made: Theme) -> str:
    return made.assets["status.css"].decode()


def told(toml: str) -> str:
    with pytest.raises(ThemeError) as error:
        parse(toml.encode(), "themes/quay/theme.toml")
    return error.value.message


class TestTemplates:
    def test_a_theme_that_changes_nothing_makes_the_same_pages(self):
        assert page(over(layer("quay"))) == page(over())

    def test_a_file_takes_the_place_of_the_parents_and_the_rest_is_inherited(self):
        html = page(over(layer("quay", {"templates/foot.html": "<footer>Ours</footer></body></html>"})))
        assert "<footer>Ours</footer>" in html
        assert "Printing is down" in html

    def test_one_block_is_changed_without_copying_the_file(self):
        mine = "{% extends 'default/home.html' %}{% block title %}Ours: {{ super() }}{% endblock %}"
        before, after = page(over()), page(over(layer("quay", {"templates/home.html": mine})))
        assert "<title>Ours: " in after
        assert after.replace("Ours: ", "") == before

    def test_a_change_of_the_base_reaches_pages_that_are_inherited(self):
        mine = "{% extends 'default/base.html' %}{% block main %}<p>Quay</p>{{ super() }}{% endblock %}"
        # the block of home.html is nearer to the page than that of base.html
        html = page(over(layer("quay", {"templates/base.html": mine.replace("block main", "block description")})))
        assert '<meta name="description" content="' in html

    def test_a_chain_extends_step_by_step(self):
        grand = layer(
            "grand", {"templates/home.html": "{% extends 'default/home.html' %}{% block title %}G{% endblock %}"}
        )
        child = layer(
            "child",
            {"templates/home.html": "{% extends 'grand/home.html' %}{% block title %}C{{ super() }}{% endblock %}"},
        )
        assert "<title>CG – Quay</title>" in page(over(grand, child))

    def test_a_parent_gives_under_its_name_also_what_it_only_inherits(self):
        child = layer("child", {"templates/home.html": "{% extends 'grand/home.html' %}"})
        assert page(over(layer("grand"), child)) == page(over())

    def test_one_macro_is_changed_without_copying_the_others_and_the_others_call_it(self):
        """`head` of the default theme calls `fresh`; Jinja itself would let the parent's come last."""
        mine = "{% extends 'default/macros.html' %}\n{% macro fresh(last_change, recent=true) %}<p>Fresh!</p>{% endmacro %}"
        html = page(over(layer("quay", {"templates/macros.html": mine})))
        assert "<p>Fresh!</p>" in html
        assert 'class="fresh"' not in html
        assert 'class="card down"' in html

    def test_a_mistake_in_a_changed_macro_is_told_at_its_own_line(self):
        mine = "{% extends 'default/macros.html' %}\n\n{% macro fresh(a, recent) %}\n{{ a.nothing }}{% endmacro %}"
        with pytest.raises(ThemeError, match=r"^themes/quay/templates/macros\.html:4: "):
            page(over(layer("quay", {"templates/macros.html": mine})))

    def test_a_mistake_in_what_it_inherits_is_told_where_that_is(self):
        wrong = layer(
            "grand",
            {
                "templates/macros.html": "{% extends 'default/macros.html' %}\n{% macro card(c) %}{{ c.x }}{% endmacro %}"
            },
        )
        mine = "{% extends 'grand/macros.html' %}\n{% macro fresh(a, recent) %}{% endmacro %}"
        with pytest.raises(ThemeError, match=r"^themes/grand/templates/macros\.html:2: "):
            page(over(wrong, layer("child", {"templates/macros.html": mine})))

    @pytest.mark.parametrize(
        ("file", "source", "says"),
        [
            ("home.html", "\n{% if %}", "templates/home.html:2: "),
            ("home.html", "\n\n{{ page.title|upper_case }}", "templates/home.html:3: No filter named 'upper_case'."),
            ("home.html", "\n{{ nothing }}", "templates/home.html:2: 'nothing' is undefined"),
            ("home.html", "{% extends 'default/home.html' %}\n{% block main %}\n{{ page.x }}{% endblock %}", "templates/home.html:3: "),
            ("home.html", "{% include 'part.html' %}", "templates/home.html:1: there is no template 'part.html'"),
            ("home.html", "{% extends 'defualt/home.html' %}", "templates/home.html:1: there is no template 'defualt/home.html'"),
            ("foot.html", "{{ page.title }}", "templates/foot.html:1: 'page' is undefined"),
            ("icons.html", "\n{% include 'icons.html' %}", "templates/icons.html"),
            ("home.html", "{% extends 'home.html' %}", "templates/home.html"),
        ],
    )  # fmt: skip
    def test_a_mistake_names_file_and_line_of_the_theme_itself(self, file, source, says):
        made = over(layer("quay", {f"templates/{file}": source}))
        with pytest.raises(ThemeError) as error:
            page(made)
        assert error.value.message.startswith(f"themes/quay/{says}")
        assert error.value.help

    def test_a_mistake_in_an_included_template_is_told_where_it_is(self):
        files = {"templates/home.html": "{% include 'part.html' %}", "templates/part.html": "\n{{ page.nothing }}"}
        with pytest.raises(ThemeError, match=r"^themes/quay/templates/part\.html:2: "):
            page(over(layer("quay", files)))

    def test_a_name_that_belongs_to_a_parent_is_refused(self):
        with pytest.raises(ThemeError, match="this name belongs to the theme 'default'") as error:
            over(layer("quay", {"templates/default/home.html": ""}))
        assert "Call it templates/home.html" in error.value.help

    def test_a_template_that_is_not_utf_8_says_so(self):
        wrong = Layer(
            name="quay", files={"templates/home.html": b"\xe9"}, manifest=parse(b"", ""), place="themes/quay/"
        )
        with pytest.raises(ThemeError, match=r"themes/quay/templates/home\.html: it is not UTF-8"):
            over(wrong)


class TestTokens:
    def test_tokens_come_after_the_parents_style_sheet_and_nothing_is_copied(self):
        toml = '[tokens]\nr = 0\n[tokens.light]\npaper = "#fefefe"\n[tokens.dark]\npaper = "#101010"\n'
        made = over(layer("quay", toml=toml))
        assert style(made).startswith(style(over()))
        assert style(made).removeprefix(style(over())).split() == [
            ":root{--r:0}",
            "@media",
            "(prefers-color-scheme:light){:root{--paper:#fefefe}}",
            "@media",
            "(prefers-color-scheme:dark){:root{--paper:#101010}}",
        ]

    def test_the_browser_bar_takes_the_themes_paper(self):
        toml = '[tokens.light]\npaper = "#fefefe"\n[tokens.dark]\npaper = "#101010"\n'
        html = page(over(layer("quay", toml=toml)))
        assert re.findall(r'theme-color" media="\(prefers-color-scheme: (\w+)\)" content="([^"]+)"', html) == [
            ("light", "#fefefe"),
            ("dark", "#101010"),
        ]

    def test_paper_and_a_wish_for_more_contrast_win_over_every_theme(self):
        """Black on white on paper, whatever the tokens: those rules name :root twice."""
        strong = [one for one in declarations(style(over())) if one.media and "prefers-color" not in one.media[0]]
        on_root = [one for one in strong if one.selector.startswith(":root")]
        assert {one.media[0].split("(")[0].strip() for one in on_root} == {"@media print", "@media"}
        assert {one.selector for one in on_root} == {":root:root"}

    def test_the_tokens_of_a_chain_come_in_its_order(self):
        first, second = layer("one", toml='[tokens]\npaper = "red"'), layer("two", toml='[tokens]\npaper = "blue"')
        css = style(over(first, second))
        assert css.index("--paper:red") < css.index("--paper:blue")

    def test_a_theme_with_a_style_sheet_of_its_own_begins_anew(self):
        first = layer("one", {"assets/extra.css": ".x{}"}, '[tokens]\npaper = "red"')
        second = layer("two", {"assets/status.css": "body{color:var(--ink)}"}, '[tokens]\nink = "blue"')
        assert style(over(first, second)) == "body{color:var(--ink)}\n:root{--ink:blue}\n"

    def test_a_token_that_no_rule_uses_is_told_with_the_one_that_was_meant(self):
        with pytest.raises(
            ThemeError, match=r"^themes/quay/theme\.toml:3: no rule .* uses the token `papper`"
        ) as error:
            over(layer("quay", toml='name = "Q"\n[tokens.dark]\npapper = "#000"'))
        assert "`paper`" in error.value.help

    def test_a_token_of_the_themes_own_is_known_from_its_own_rules(self):
        made = over(layer("quay", {"assets/extra.css": ".x{color:var(--rust)}"}, '[tokens]\nrust = "#b7410e"'))
        assert style(made).endswith(":root{--rust:#b7410e}\n.x{color:var(--rust)}\n")

    @pytest.mark.parametrize(
        "value",
        [
            "#fff", "#0b4a6f", "#11223344", "rgb(1 2 3 / 50%)", "hsl(210, 40%, 20%)", "oklch(62% .19 260)", "white",
            "var(--paper)", "color-mix(in oklab, var(--ink) 80%, white)", "calc(1rem + 2 * var(--s1))", ".375rem", "0",
            '"Segoe UI",-apple-system,sans-serif', "ui-monospace, 'Cascadia Mono'", "1px -2px 3px #000",
            "clamp(1rem,.96rem + .2vw,1.0625rem)",
        ],
    )  # fmt: skip
    def test_what_css_writes_for_colours_lengths_and_fonts_can_stand(self, value):
        assert wrong_value(value) is None

    @pytest.mark.parametrize(
        "value",
        [
            "red;} body{display:none", "red}", "{", "red;", "url(x.png)", "url('//evil.example/x')", "red/*", "*/", "\\3b",
            '"open', "'open", 'a"b', "rgb(1,2,3", "rgb(1))", "expression(alert(1))", "red !important", "@import", "<style>",
            "</style>", "a\nb", '"a\nb"', "image-set(x)", "src(x)", "attr(x)", "#ggg", "#12345", "", " ", "x" * 301, "red\x0c}",
        ],
    )  # fmt: skip
    def test_a_value_cannot_be_anything_but_a_value(self, value):
        assert wrong_value(value)

    @given(st.text(alphabet="a1#()\"'\\;{}/*,.-:!@<> \n%uURL", max_size=40))
    def test_no_value_that_passes_changes_the_rest_of_the_sheet(self, value):
        """With it, the sheet has exactly one declaration more, and the rule after it is as it was."""
        if wrong_value(value) is not None:
            return
        before = ":root{--a:%s}.after{color:red}"
        found = [(one.selector, one.name) for one in declarations(before % value)]
        assert found == [(":root", "--a"), (".after", "color")]
        assert not any(sign in value for sign in ";{}\\<>@!\n")

    @pytest.mark.parametrize("name", ["paper", "ok-bg", "s1", "a"])
    def test_names_of_tokens(self, name):
        assert wrong_name(name) is None

    @pytest.mark.parametrize("name", ["", "Paper", "--paper", "a b", "a}", "a:b", "-a", "a-", "ä", "a--b", "paper\n"])
    def test_what_is_no_name_of_a_token(self, name):
        assert wrong_name(name)


class TestStyleAndImages:
    def test_extra_rules_come_last_and_are_no_file_of_their_own(self):
        made = over(layer("one", {"assets/extra.css": ".a{}"}), layer("two", {"assets/extra.css": ".b{}"}))
        assert style(made).endswith("}\n.a{}\n.b{}\n")
        assert set(made.assets) == set(over().assets)

    def test_a_style_sheet_names_a_file_as_it_is_published(self):
        files = {"assets/img/wave.svg": "<svg/>", "assets/extra.css": '.x{background:url("img/wave.svg")}'}
        made = over(layer("quay", files))
        published = addresses.asset_of("img/wave.svg", b"<svg/>")
        assert f"background:url('{published.removeprefix('assets/')}')" in style(made)
        assert published in renderer(made).assets

    @pytest.mark.parametrize(
        ("name", "data", "size"),
        [
            (
                "logo.png",
                b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (300).to_bytes(4, "big") + (80).to_bytes(4, "big"),
                (300, 80),
            ),
            ("logo.svg", b'<?xml version="1.0"?><svg xmlns="x" viewBox="0 0 24.4 12" width="5"/>', (24, 12)),
            ("logo.svg", b'<svg height="20px" width="60">', (60, 20)),
            ("logo.svg", b"<svg viewBox='0,0,0,10'>", (0, 0)),
            ("logo.svg", b"<svg viewBox='0 0 . .'>", (0, 0)),
            ("logo.svg", b"no picture", (0, 0)),
        ],
    )
    def test_the_size_of_a_logo_is_read_from_it(self, name, data, size):
        quay = Layer(name="quay", files={f"assets/{name}": data}, manifest=parse(b"", ""), place="themes/quay/")
        found = logo(over(quay))
        assert (found.name, found.width, found.height) == (name, *size)
        assert ('width="' in page(over(quay)).partition("</picture>")[0].partition('class="logo"')[2]) == bool(size[0])

    def test_a_theme_without_a_logo_has_none(self):
        assert logo(over()) is None
        assert "<picture>" not in page(over())

    def test_a_typeface_of_its_own_is_published_and_the_policy_lets_it_in(self):
        files = {"assets/quay.woff2": "x", "assets/extra.css": "@font-face{font-family:Quay;src:url(quay.woff2)}"}
        made = over(layer("quay", files, "[tokens]\nsans = 'Quay, sans-serif'"))
        assert f"src:url('{addresses.asset_of('quay.woff2', b'x').removeprefix('assets/')}')" in style(made)
        assert "font-src 'self';" in page(made)

    @pytest.mark.parametrize(
        ("css", "says"),
        [
            (".x{\nbackground:url(wawe.svg)}", "extra.css:2: 'wawe.svg' is not in assets/"),
            (".x{background:url(https://cdn.example/x.png)}", "extra.css:1: it asks another site"),
            (".x{background:url('//cdn.example/x.png')}", "extra.css:1: it asks another site"),
            ("/* a */\n@import 'more.css';", "extra.css:2: @import asks for another style sheet"),
            (".x{color:red", "extra.css:1: this { is never closed"),
            (".x{}\n}", "extra.css:2: this } closes nothing"),
            (".x{background:url(../../../etc/passwd)}", "extra.css:1: '../../../etc/passwd' is not in assets/"),
        ],
    )
    def test_what_a_browser_would_not_find_or_follow_is_told_with_its_line(self, css, says):
        with pytest.raises(ThemeError) as error:
            over(layer("quay", {"assets/extra.css": css, "assets/wave.svg": "<svg/>"}))
        assert error.value.message.startswith(f"themes/quay/assets/{says}")
        assert error.value.help

    def test_data_and_fragments_are_no_files(self):
        css = ".x{background:url(data:image/png;base64,AA==);filter:url(#f);content:'/* url(no.png) */'}"
        assert style(over(layer("quay", {"assets/extra.css": css}))).endswith(f"{css}\n")

    def test_comments_strings_and_media_are_read_as_css_reads_them(self):
        css = "/* :root{--no:1} */@media print{:root{--a: 1px;\n--b:'}'}}\n.c::before{content:\"{;\"}"
        found = [(one.media, one.selector, one.name, one.value, one.line) for one in declarations(css)]
        assert found == [
            (("@media print",), ":root", "--a", "1px", 1),
            (("@media print",), ":root", "--b", "'}'", 2),
            ((), ".c::before", "content", '"{;"', 3),
        ]
        assert custom_properties(css + ".d{color:var( --e, var(--f))}") == {"a", "b", "e", "f"}

    @given(st.text(max_size=60))
    def test_no_text_at_all_breaks_the_reader_of_css(self, text):
        for read in (declarations, references):
            with contextlib.suppress(CssError):
                assert all(one.line >= 1 for one in read(text))


class TestWords:
    def test_a_theme_overrides_single_messages_in_any_language_english_too(self):
        made = over(layer("quay", {"translations/en.po": 'msgid "Happening now"\nmsgstr "Right this moment"\n'}))
        words = wording.words("en", "Europe/Amsterdam", *made.each("translations/en.po"))
        html = page(made, words)
        assert "Right this moment" in html
        assert "Planned work" in html

    def test_what_the_theme_does_not_say_its_parent_says(self):
        parent, child = po("nl", Working="Werkt", Down="Storing"), po("nl", Down="Plat")
        words = wording.words("nl", "UTC", parent, child)
        assert [words.say(one) for one in ("Working", "Down", "Planned")] == ["Werkt", "Plat", "Planned"]
        assert words.salt != wording.words("nl", "UTC", parent).salt


class TestManifest:
    def test_an_empty_one_extends_the_default(self):
        assert parse(b"", "theme.toml").extends == "default"

    def test_everything_wrong_is_told_at_once_each_with_its_place(self):
        message = told('name = 1\nextend = "default"\n[tokens]\n"--paper" = "#fff"\nink = "red; }"\nrule = true\n[tokens.dark]\nlink = "url(x)"\n[contrast.txt]\nink = 1\n')  # fmt: skip
        for line in (1, 2, 4, 5, 6, 8, 9):
            assert f"--> themes/quay/theme.toml:{line}:" in message
        assert "did you mean `extends`?" in message
        assert "write paper" in message
        assert "7 problems in themes/quay/theme.toml" in message

    @pytest.mark.parametrize(
        ("toml", "says"),
        [
            ('extends = "../other"', "must be the name of a theme"),
            ("extends = 1", "must be the name of a theme"),
            ("tokens = 1", "must be a table"),
            ("contrast = []", "must be a table"),
            ("[contrast.text]\nink = []\npaper = 'x'", "must be a list"),
            ('name = "a', "not valid TOML"),
        ],
    )
    def test_what_does_not_fit_is_told(self, toml, says):
        assert says in told(toml)

    def test_the_root_extends_nothing(self):
        with pytest.raises(ThemeError, match="it extends none"):
            parse(b'extends = "other"', "theme.toml", root=True)

    def test_bytes_that_are_not_utf_8_are_told(self):
        with pytest.raises(ThemeError, match="not UTF-8"):
            parse(b"\xff", "themes/quay/theme.toml")


class TestCheck:
    """What `statusgen check` finds by reading templates, before anything is built."""

    def found(self, **files: str) -> list[tuple[str, str, str]]:
        made = over(layer("quay", {f"templates/{name}.html": text for name, text in files.items()}))
        return [
            (one.place.removeprefix("themes/quay/templates/"), one.message, one.help)
            for one in renderer(made).mistakes()
        ]

    def test_nothing_is_wrong_with_the_default_theme(self):
        assert list(renderer(over()).mistakes()) == []

    def test_all_mistakes_of_all_templates_are_told_in_order(self):
        found = self.found(
            home="{% extends 'default/home.html' %}\n{% block main %}{{ pgae.title }}\n{{ page.headlin }}{{ m.crad(1) }}{% endblock %}",
            about="{% if %}",
            foot="{{ canonical }}",
        )
        assert [(place, message) for place, message, _ in found] == [
            ("about.html:1", "Expected an expression, got 'end of statement block'"),
            ("foot.html:1", "there is nothing called 'canonical' here"),
            ("home.html:2", "there is nothing called 'pgae' here"),
            ("home.html:3", "HomePage has no 'headlin'"),
            ("home.html:3", "macros.html has no macro 'crad'"),
        ]
        assert "did you mean `headline`?" in [hint for *_, hint in found]

    def test_fields_are_followed_through_loops_and_set(self):
        found = self.found(
            home="{% for c in page.cards %}{% set t = c.tag %}{{ t.wrod }}{% for s in c.services|reverse %}{{ s.title() }}{% endfor %}{% endfor %}"
            "{{ page.cards[0].lnik }}{% for g in page.groups %}{{ g.services[0].tag.look }}{{ g.nmae }}{% endfor %}"
        )
        assert sorted(message for _, message, _ in found) == [
            "Card has no 'lnik'",
            "Group has no 'nmae'",
            "Tag has no 'wrod'",
        ]

    def test_what_cannot_be_followed_is_left_alone(self):
        assert (
            self.found(home="{% macro a(page) %}{{ page.anything }}{% endmacro %}{% set x = [1]|first %}{{ x.y }}")
            == []
        )

    def test_what_it_says_can_be_used_is_what_can_be_used(self):
        ((_, _, hint),) = self.found(home="{{ page.zzzzzz }}")
        assert "headline" in hint
        ((_, _, hint),) = self.found(home="{{ qqqqqqqq }}")
        assert {"canonical", "page", "site", "words"} <= set(re.findall(r"\w+", hint))

    def test_markup_that_escaping_does_not_protect_is_refused(self):
        found = self.found(home="<a href={{ page.title }}>\n<script>let x = '{{ page.title }}'</script>")
        assert [(place, message[:11]) for place, message, _ in found] == [
            ("home.html:1", "the value o"),
            ("home.html:2", "a script or"),
        ]

    def test_a_template_under_a_misspelt_name_is_pointed_at(self):
        ((place, message, hint),) = self.found(hmoe="x")
        assert (place, message) == ("hmoe.html", "nothing uses this template")
        assert "`home.html`" in hint

    def test_a_block_that_the_parent_lacks_and_text_in_no_block_are_told(self):
        """Jinja leaves both out without a word."""
        found = self.found(
            home="{% extends 'default/home.html' %}\n{% block servces %}x{% endblock %}\n<p>lost</p>\n{% block now %}{% block mine %}{% endblock %}{% endblock %}"
        )
        assert [(place, message) for place, message, _ in found] == [
            ("home.html:2", "what it extends has no block 'servces'"),
            ("home.html:3", "this stands in no block, so no page shows it"),
        ]
        assert found[0][2] == "did you mean `services`?"

    def test_templates_that_are_not_there_are_told(self):
        found = self.found(
            home="{% extends 'a.html' if site.title == 'b' else 'base.html' %}{% from 'macros.html' import crd %}"
        )
        assert [message for _, message, _ in found] == [
            "there is no template 'a.html'",
            "macros.html has no macro 'crd'",
        ]

    def test_every_page_has_a_view_that_check_knows(self):
        from statusgen.channels.pages import TEMPLATES

        assert set(page_views()) == set(TEMPLATES.values())

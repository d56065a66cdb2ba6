"""Human text: cleaned at the door, safe when it leaves, the same by the short way and the long, and never slow."""

import json
import re
import time
import unicodedata

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from markdown import Markdown

from statusgen import text
from statusgen.model import Text, TextFormat
from statusgen.text import cleaned, cleaning, guard, markup, plain, simple
from tests.paths import SHARED

PAYLOADS = SHARED / "attacks" / "xss-payloads.json"
SLOW = SHARED / "attacks" / "own-attacks.json"
NAUGHTY = SHARED / "attacks" / "strings" / "blns.json"
JENKINS = SHARED / "status-pages" / "jenkins-infra-status" / "content" / "issues"

ANY_TEXT = st.text(st.characters(codec=None), max_size=60) | st.text(
    "a \t\r\n\x00\x1b\x85\u2028\u202e\u0301é\ud800\ufeff…"
)
OWN_MARKS = [
    "a", "word", "snake_case", "_x_", "__", "*", "**", "*em*", "**strong**,", "`", "`c<d`", "``", "(", ")", ".", " ", "  ", "\n", "\n\n",
    "[t](https://x.test/a_b)", "[t](/here)", "https://x.test/p.", "<https://x.test>", "https://#", "&", "&amp;", "<b>", "<a", "- ", "1. ",
    "# ", "> ", "[", "]", "\\", "!", "é", "\xa0", '"', "|", "=", "---", "<!-- x -->", "```", "![i](https://x.test/i.png)", ";", "~",
]  # fmt: skip


def rendered(body, format_=TextFormat.MARKDOWN, **options):
    return text.to_html(Text(body=body, format=format_), **options)


def by_the_long_way(body):
    """The same Markdown, without `simple`."""
    converter = markup.converter(body)
    return cleaned.own(markup.without_images(converter.reset().convert(body)), 4)


def shown(directory_or_file):
    if not directory_or_file.exists():
        pytest.skip(f"{directory_or_file.name} is not there: the shared data lies outside the repository")
    return directory_or_file


# -- cleaning -----------------------------------------------------------------------------------------------------------


@given(ANY_TEXT, st.integers(5, 40))
@hypothesis_settings(max_examples=200, deadline=None)
def test_a_cleaned_line_is_one_short_line_without_anything_that_breaks_a_page(raw, limit):
    line = text.clean_line(raw, limit)
    assert len(line) <= limit
    assert line == line.strip(" ")
    assert "  " not in line
    assert not _forbidden(line)
    assert unicodedata.is_normalized("NFC", line)
    assert text.clean_line(line, limit) == line


@given(ANY_TEXT, st.integers(5, 60))
@hypothesis_settings(max_examples=200, deadline=None)
@example("  \n\n \x00\n x", 20)
def test_cleaned_text_keeps_its_lines_and_nothing_that_breaks_a_page(raw, limit):
    whole = text.clean(raw, limit)
    assert len(whole) <= limit
    assert not _forbidden(whole.replace("\n", "").replace("\t", ""))
    assert not whole.startswith("\n")
    assert whole == whole.rstrip()
    assert text.clean(whole, limit) == whole


def _forbidden(line):
    return [
        c for c in line if unicodedata.category(c) in {"Cc", "Cs"} or c in cleaning.BIDI or ord(c) & 0xFFFE == 0xFFFE
    ]


def test_what_people_write_stays_as_it_is():
    for kept in ("Café ’s middags dicht", "שלום", "👩‍👩‍👧 pagina", "Größe: 3 m²", "می\u200cخواهم", "a\xa0: b"):
        assert text.clean_line(kept) == kept


def test_what_nobody_can_see_is_no_title():
    for unseen in ("", " ", "\u200b", "\u3164", "\xad\u2060 ", "\x00\x1b", "\u202e"):
        assert text.clean_line(unseen) == ""


def test_all_kinds_of_line_breaks_become_one_kind():
    assert text.clean("a\r\nb\rc\x85d\u2028e\vf") == "a\nb\nc\nd\ne\nf"
    assert text.clean_line("a\r\nb\tc") == "a b c"


def test_a_cut_text_says_that_it_is_cut():
    assert text.clean_line("x" * 301) == "x" * 299 + "…"


def test_heaps_of_combining_marks_are_cut_down_in_no_time():
    zalgo = "e" + "\u0301\u0316" * 200_000
    began = time.process_time()
    assert len(text.clean(zalgo)) < 50
    assert time.process_time() - began < 0.5


# -- plain --------------------------------------------------------------------------------------------------------------


def test_plain_text_is_escaped_in_paragraphs_with_its_line_breaks():
    assert rendered('Hello <b>\nyou & me\n \n  \n"bye"', TextFormat.PLAIN) == (
        "<p>Hello &lt;b&gt;<br>you &amp; me</p>\n<p>&quot;bye&quot;</p>"
    )


@pytest.mark.parametrize(
    ("written", "linked"),
    [
        ("see https://example.org/a.", "https://example.org/a"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("http://example.org:8080/?q=1&r=2, or", "http://example.org:8080/?q=1&amp;r=2"),
        ("https://example.org", "https://example.org"),
        ("https://example.org/100%25", "https://example.org/100%25"),
    ],
)
def test_an_address_is_linked_without_the_punctuation_around_it(written, linked):
    html = rendered(written, TextFormat.PLAIN)
    assert f'<a href="{linked}" rel="noopener noreferrer nofollow">{linked}</a>' in html


@pytest.mark.parametrize(
    "no_link", ["javascript://x", "https://", "xhttps://a.test", "https:///etc", "mailto:a@b.test", "//a.test"]
)
def test_what_is_no_web_address_is_not_linked(no_link):
    assert "<a" not in rendered(no_link, TextFormat.PLAIN)


@given(st.text("ahtps:/.()<>&\"'\n ", max_size=60))
@hypothesis_settings(max_examples=100, deadline=None)
def test_no_word_of_a_plain_text_is_lost(body):
    words = plain.without_tags(plain.to_html(body).replace("<br>", "<br> "))
    assert words == " ".join(body.split())


# -- Markdown -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(OWN_MARKS), max_size=10))
@hypothesis_settings(max_examples=400, deadline=None)
def test_the_short_way_gives_what_python_markdown_gives(marks):
    body = text.clean("".join(marks))
    short = simple.to_html(body)
    if short is not None:
        assert short == by_the_long_way(body)


def test_most_updates_take_the_short_way():
    update = "*Resolved* - The **relay** sends `queued` mail again, see [the notes](https://example.org/kb/1) or https://example.org."
    assert simple.to_html(update) == by_the_long_way(update)


def test_297_real_incidents_look_as_python_markdown_makes_them():
    """But for bare addresses: those are links here, as on the page that they come from."""
    stock = Markdown(extensions=["fenced_code", "tables"])
    files = sorted(shown(JENKINS).glob("*.md"))
    for file in files:
        body = text.clean(file.read_text(encoding="utf-8").split("---\n", 2)[2], text.MARKUP_LIMIT)
        theirs = cleaned.own(markup.without_images(stock.reset().convert(body)), 4)
        assert _without_bare_links(rendered(body)) == _without_bare_links(theirs), file.name
    assert len(files) == 297


def _without_bare_links(html):
    return re.sub(r'<a href="([^"]*)">\1</a>', r"\1", html)


def test_headings_fit_under_the_page_and_never_skip_a_level():
    assert re.findall(r"<h\d>", rendered("# A\n\n### B\n\n# C")) == ["<h4>", "<h5>", "<h4>"]
    assert re.findall(r"<h\d>", rendered("### A\n\n# B\n\n## C", heading=2)) == ["<h2>", "<h2>", "<h3>"]


def test_tables_lists_code_and_quotes_are_shown():
    html = rendered("| a | b |\n|---|---|\n| 1 | 2 |\n\n- x\n- y\n\n```\n<z>\n```\n\n> q")
    for tag in ("<table>", "<td>1</td>", "<ul>", "<pre><code>&lt;z&gt;\n</code></pre>", "<blockquote>"):
        assert tag in html


def test_what_has_no_name_for_a_screen_reader_is_left_out():
    html = rendered("a [](https://example.org) b\n\n#\n\n|  | b |\n|---|---|\n| 1 | 2 |\n")
    assert "<a" not in html
    assert not re.search(r"<(th|h\d)>\s*</", html)


def test_images_give_way_to_their_text_and_comments_to_nothing():
    assert (
        rendered("![The rack](https://example.org/r.png) <!-- ask Sanne --> is <u>hot</u>") == "<p>The rack  is hot</p>"
    )


def test_relative_links_work_in_own_text_and_are_dropped_from_foreign_html():
    assert 'href="../about/"' in rendered("[About](../about/)")
    assert "href" not in rendered('<a href="../about/">About</a>', TextFormat.HTML)


# -- other shapes -------------------------------------------------------------------------------------------------------


def test_the_plain_words_of_any_format():
    assert text.to_plain(Text(body=" a\n\nb <c> ")) == "a b <c>"
    markdown = Text(body='# Head\n\nA *b*, [c](https://x.test "x > y") & `<d>`.\n\n- e', format=TextFormat.MARKDOWN)
    assert text.to_plain(markdown) == "Head A b, c & <d>. e"
    assert text.to_plain(Text(body="<p>a<br>b</p><p>c&amp;d</p>", format=TextFormat.HTML)) == "a b c&d"


def test_the_first_paragraph_is_a_text_of_its_own():
    first = text.first_paragraph(
        Text(body="# Head\n\n---\n\nIt *works*.\nNow.\n\nMore.", format=TextFormat.MARKDOWN, language="en")
    )
    assert first == Text(body="It *works*.\nNow.", format=TextFormat.MARKDOWN, language="en")
    assert text.first_paragraph(Text(body="# a\n\nb")).body == "# a"
    assert text.first_paragraph(Text(body="<h1>x</h1><p>a</p><p>b</p>", format=TextFormat.HTML)).body == "<p>a</p>"
    assert text.first_paragraph(Text(body="")).body == ""


# -- attacks ------------------------------------------------------------------------------------------------------------


def _unsafe(html):
    """What a browser would find in it that is not on the list."""
    found = []
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False, treebuilder="etree").iter():
        if element.tag == "DOCUMENT_FRAGMENT":
            continue
        if element.tag not in cleaned.TAGS:
            found.append(element.tag)
        for name, value in element.attrib.items():
            scheme = re.match(r"[\s\x00-\x20]*([a-zA-Z][a-zA-Z0-9+.-]*):", value)
            if element.tag != "a" or name not in {"href", "title", "rel"}:
                found.append(f"{element.tag} {name}")
            elif name == "href" and scheme and scheme[1].lower() not in {"http", "https", "mailto"}:
                found.append(value)
    return found


def _attack_all(payloads):
    for payload in payloads:
        for wrapped in (payload, f"[x]({payload})", f"<{payload}>", f"`{payload}", f"a *{payload}* b"):
            for format_ in TextFormat:
                assert not _unsafe(rendered(wrapped, format_)), (format_, wrapped)


@given(st.text("<>\"'=/ab!-[]()`*&;:#\n", max_size=40))
@hypothesis_settings(max_examples=100, deadline=None)
def test_no_format_lets_anything_but_listed_tags_through(body):
    _attack_all([body])


def test_a_slice_of_real_attacks_comes_to_nothing():
    payloads = [p["payload"] for p in json.loads(shown(PAYLOADS).read_text(encoding="utf-8"))]
    _attack_all(payloads[::40])


@pytest.mark.proof
def test_all_real_attacks_come_to_nothing():
    payloads = [p["payload"] for p in json.loads(shown(PAYLOADS).read_text(encoding="utf-8"))]
    payloads += json.loads(NAUGHTY.read_text(encoding="utf-8"))
    assert len(payloads) > 1_500
    _attack_all(payloads)


SLOW_UNITS = [
    "[",
    "![",
    "[](",
    "<a ",
    "[a](b",
    "<![",
    "[[a]",
    "\\[",
    "_*",
    "===\n",
    "```\n",
    "   [a]:\n",
    "<![CDATA[ >",
    "[a] [",
    "> a\n",
]


@pytest.mark.parametrize("unit", SLOW_UNITS)
def test_text_made_to_be_slow_is_not(unit):
    body = unit * (20_000 // len(unit))
    began = time.process_time()
    for format_ in TextFormat:
        rendered(body, format_)
    assert time.process_time() - began < 2, "it takes under 0.4 s"


@pytest.mark.proof
def test_known_slow_text_is_not_slow_at_the_limit_either():
    units = {a["repeat"] for a in json.loads(shown(SLOW).read_text(encoding="utf-8"))["markdown_slow"]} | set(
        SLOW_UNITS
    )
    for unit in units | set(OWN_MARKS) - {" ", "  ", "\n", "\n\n", "\xa0"}:
        for body in (unit * (200_000 // len(unit)), (unit * 39 + "\n\n") * (200_000 // (39 * len(unit) + 2))):
            began = time.process_time()
            for format_ in TextFormat:
                rendered(body, format_)
            assert time.process_time() - began < 60, f"{unit}: the slowest takes 14 s"


def test_real_postmortems_are_not_taken_for_attacks():
    links = "\n".join(
        f"- [change {i}](https://example.org/{i}) by <https://example.org/~a> and [b][c] in `x[{i}] < y`"
        for i in range(200)
    )
    log = "```\n" + "\n".join(f"[2026-11-24 10:{i % 60:02d}] <warn> retry" for i in range(500)) + "\n```"
    assert not guard.is_hostile(links + "\n\n" + log)

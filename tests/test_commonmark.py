"""Text as CommonMark: a strict reader finds the words that were written, in the blocks that were meant, and nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from statusgen.model import Text, TextFormat
from statusgen.text import clean, clean_line, to_html
from statusgen.text.commonmark import escape, from_html, link

BASE = "https://status.example.org/it/incidents/p-1/"
STRICT = MarkdownIt("commonmark")
MARKS = [*"#>-+=*_`~[]()<>!|&:;\\\"'.{}", "1.", "23)", "    ", "\n", "\n\n", "&amp;", "&#35;", "<b>", "</b>", "<!--", "```", "~~~", "](x)", "[a]: /x", "http://a.example.org/b_c", "a", "B ", "é", "日", "\t", "***", "---", "==="]  # fmt: skip
nasty = st.lists(st.sampled_from(MARKS) | st.characters(), max_size=25).map("".join)


class Seen(HTMLParser):
    """The tags and the words of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.hrefs: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.hrefs += [value or "" for name, value in attrs if name == "href"]
        if tag not in {"a", "b", "i", "em", "strong", "code", "del"}:
            self.text += " "

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"a", "b", "i", "em", "strong", "code", "del"}:
            self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def words(self) -> list[str]:
        return self.text.split()


def read(markdown: str) -> Seen:
    return Seen(STRICT.render(markdown))


@given(nasty.map(clean_line))
def test_a_title_stays_a_title_wherever_it_stands(title: str) -> None:
    """In a heading, a list, a paragraph and a link: no word of it becomes markup."""
    words = " ".join(title.split()).split()
    for shape, tags in (
        ("# {}", ["h1"]),
        ("- {}", ["ul", "li"]),
        ("3. {}", ["ol", "li"]),
        ("{}", ["p"]),
        ("> {}", ["blockquote", "p"]),
    ):
        seen = read(shape.format(escape(title)))
        if words:
            assert (seen.tags, seen.words) == (tags, words), shape
    if words:
        seen = read(link(title, "../a/index.md"))
        assert (seen.tags, seen.words, seen.hrefs) == (["p", "a"], words, ["../a/index.md"])


@given(nasty.map(clean))
def test_what_strangers_write_stays_words(body: str) -> None:
    html = to_html(Text(body=body, format=TextFormat.PLAIN))
    before, after = Seen(html), read(from_html(html, BASE))
    assert after.words == before.words
    assert set(after.tags) <= {"p", "br", "a"}
    assert len(after.hrefs) == len(before.hrefs)


@given(nasty.map(clean), st.sampled_from([TextFormat.MARKDOWN, TextFormat.HTML]))
def test_what_was_marked_up_says_the_same_words_and_leads_to_the_same_places(body: str, form: TextFormat) -> None:
    html = to_html(Text(body=body, format=form))
    before, after = Seen(html), read(from_html(html, BASE))
    if "table" not in before.tags:
        assert after.words == before.words
    assert len(after.hrefs) <= len(before.hrefs), "none is made up"
    assert not [href for href in after.hrefs if not re.match("https?:|mailto:", href)], "whole addresses only"
    assert not {"script", "img", "svg"} & set(after.tags)


TAGS = [
    "p",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "code",
    "em",
    "strong",
    "b",
    "h2",
    "h4",
    "a href='x/'",
    "table",
    "tr",
    "th",
    "td",
    "hr",
    "br",
    "del",
]
markup = st.lists(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag.split()[0]}>" for tag in TAGS]) | st.sampled_from(MARKS),
    max_size=30,
).map("".join)


@given(markup.map(clean))
def test_any_html_that_is_let_through_becomes_markdown_with_its_words(body: str) -> None:
    html = to_html(Text(body=body, format=TextFormat.HTML))
    before, after = Seen(html), read(from_html(html, BASE))
    if "table" not in before.tags and "tr" not in before.tags:
        assert "".join(after.words) == "".join(before.words)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>A <strong>disk</strong> is <em>full</em>.</p>", "A **disk** is *full*."),
        ("<p>One<br>two</p>", "One\\\ntwo"),
        ("<p>See <a href='../../about/'>this page</a>.</p>", "See [this page](https://status.example.org/it/about/)."),
        ('<p><a href="https://a.example.org/x_y">https://a.example.org/x_y</a></p>', "<https://a.example.org/x_y>"),
        ("<ul><li>one</li><li>two<ul><li>deep</li></ul></li></ul>", "- one\n- two\n  - deep"),
        ("<ol><li><p>one</p></li><li><p>two</p><p>more</p></li></ol>", "1. one\n\n2. two\n\n   more"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<pre><code>if x:\n    `y`\n</code></pre>", "```\nif x:\n    `y`\n```"),
        ("<p>Type <code>a`b</code>.</p>", "Type ``a`b``."),
        ("<h4>Why #</h4><hr><p># no heading</p>", "#### Why \\#\n\n***\n\n\\# no heading"),
        ("<table><thead><tr><th>Site</th><th>State</th></tr></thead><tbody><tr><td>Quay 4</td><td>up</td></tr></tbody></table>", "- Site: Quay 4; State: up"),
        ("<p><code>a</code><em><code>b</code></em></p>", "`a`*b*"),
        ("<p><strong>a</strong><strong>b</strong></p>", "**a**b"),
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b"),
        ("<p>x_y_z and _a_ 2 * 3 &lt;b&gt; &amp;amp; C#</p>", "x_y_z and \\_a\\_ 2 \\* 3 \\<b> \\&amp; C#"),
    ],
)  # fmt: skip
def test_it_is_the_markdown_that_people_write(html: str, markdown: str) -> None:
    assert from_html(html, BASE) == markdown


def test_nothing_is_too_deep() -> None:
    html = to_html(Text(body="<blockquote>" * 5_000 + "deep" + "</blockquote>" * 5_000, format=TextFormat.HTML))
    assert "deep" in from_html(html, BASE)

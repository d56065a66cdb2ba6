"""What escaping cannot protect in a template is an error, and addresses that people wrote are followed only where that is harmless."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen.text.links import NOWHERE, safe_url
from statusgen.theme.composing import Template
from statusgen.theme.escaping import beyond_escaping
from statusgen.theme.sandbox import Sandbox
from statusgen.themes import read_theme
from tests.attacks import payloads
from tests.paths import PROJECT


def found(text: str) -> list[str]:
    """What is said about a template, with its line."""
    template = Template(text=text, pieces=((1, "one.html"),))
    return [f"{one.place.rpartition(':')[2]}: {one.message}" for one in beyond_escaping(template)]


@pytest.mark.parametrize(
    "text",
    [
        '<a href="{{ page.url }}">x</a>',
        "<a class=\"x\" HREF='{{ page.url }}'>x</a>",
        '<a href="{{ k.url or root }}">x</a>',
        '<a href="{{ root if x else k.url }}">x</a>',
        '<a href="{{ k.url|trim }}">x</a>',
        '<a href="{{ k.url ~ root }}">x</a>',
        '<a href="{{- k.url -}}">x</a>',
        '<img src="{{ page.image }}">',
        '<form action="{{ page.to }}"></form>',
        '<button formaction="{{ page.to }}">x</button>',
        '<svg><use xlink:href="{{ page.to }}"/></svg>',
    ],
)
def test_a_strangers_address_needs_safe_url(text: str) -> None:
    assert len(found(text)) == 1
    assert "may be an address that runs a script" in found(f"\n\n{text}")[0]
    assert found(f"\n\n{text}")[0].startswith("3: ")


@pytest.mark.parametrize(
    "text",
    [
        '<a href="{{ page.url|safe_url }}">x</a>',
        "<a href=\"{{ page.base_url|safe_url|replace('https', 'webcal') }}\">x</a>",
        '<a href="{{ root }}{{ k.address }}">x</a>',
        "<a href=\"{{ (root ~ address) or './' }}\">x</a>",
        '<a href="{{ site.home }}">x</a>',
        "<img src=\"{{ top }}{{ assets['logo.svg'] }}\">",
        '<link rel="icon" href="{{ favicon(page.look) }}">',
        '<a href="mailto:{{ site.support.email }}">x</a>',
        '<a download href="{{ page.dates|calendar }}">x</a>',
        '<p data-empty="{{ page.url }}" title="{{ page.url }}">{{ page.url }}</p>',
    ],
)
def test_an_address_of_ours_needs_nothing(text: str) -> None:
    assert found(text) == []


def test_a_comment_that_is_published_holds_nothing_of_a_page() -> None:
    assert found("<p>\n<!-- of {{ page.number }} -->")[0].startswith("2: an HTML comment")
    assert "HTML comment" in found("<!-- a --> <!-- never closed {{ x }}")[0]
    assert found("<!-- a --> {{ page.number }} <!--[if mso]><p><![endif]--> {# {{ page.number }} #}") == []


def test_the_themes_that_come_with_statusgen_keep_to_it() -> None:
    for name in ("default", "board"):
        templates = read_theme(PROJECT, name).templates
        assert len(templates) > 20
        assert [one for template in templates.values() for one in beyond_escaping(template)] == []


# ---- the filter


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "javascript\u200b:alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "blob:https://example.org/x",
        "file:///etc/passwd",
        "//:javascript:x:y:",
        ":javascript:x",
    ],
)
def test_what_would_run_or_open_leads_nowhere(address: str) -> None:
    assert safe_url(address) == NOWHERE or address.startswith("//")


@pytest.mark.parametrize(
    "address",
    [
        "https://desk.example.org/t/1?a=b:c#d:e",
        "HTTP://example.org/",
        "mailto:desk@example.org?subject=INC-1",
        "tel:+31205550100",
        "webcal://status.example.org/planned.ics",
        "../services/mail/",
        "./",
        "#req-1",
        "?a=b:c",
        "",
    ],
)
def test_what_can_be_followed_stays_as_it_is(address: str) -> None:
    assert safe_url(address) == address


@given(st.text(st.characters() | st.sampled_from(":/?#javscriptdahml \t\n\x00&;"), max_size=40))
def test_whatever_is_written_the_scheme_is_a_harmless_one(address: str) -> None:
    """As a browser finds it: without white space and control characters, what stands before the first colon."""
    safe = safe_url(address)
    bare = "".join(one for one in safe if one > " " and one != "\x7f")
    before, colon, _ = bare.partition(":")
    if colon and not set(before) & set("/?#"):
        assert before.lower() in {"http", "https", "mailto", "tel", "webcal"}


def test_no_attack_on_links_gets_through() -> None:
    for text in payloads():
        for address in (text, *re.findall(r"""(?:href|src|action|data)\s*=\s*["']?([^"'>]+)""", text)):
            bare = "".join(one for one in safe_url(address) if one > " ").lower()
            assert not re.match(r"(?:javascript|vbscript|livescript|mocha|data|blob|file|view-source):", bare), address


def test_every_template_has_the_filter() -> None:
    made = Sandbox().from_string('<a href="{{ u|safe_url }}">x</a>')
    assert made.render(u="java\nscript:x") == '<a href="#">x</a>'
    assert (
        made.render(u='https://example.org/"><script>') == '<a href="https://example.org/&#34;&gt;&lt;script&gt;">x</a>'
    )

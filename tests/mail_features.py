"""Which features of HTML and CSS a mail uses, by the names of caniemail.com, and what the theme's list says of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

from statusgen.theme.css import declarations
from tests.paths import PROJECT

LIST = PROJECT / "themes" / "default" / "mail.toml"
_TAGS_OF_A_PAGE = frozenset({"html", "head", "title", "meta", "tbody", "tr"})
_SAME = {"html-h1": "html-h1-h6", "html-h2": "html-h1-h6", "html-td": "html-table", "html-th": "html-table"}
_SIDES = re.compile(r"(css-(?:border|padding))-(?:top|bottom|left|right|color)(?:-color)?\Z")
_OURS = frozenset({"html-class", "html-data-css-inline"})
"""What only our own rules go by."""
_EVERYWHERE = frozenset({"block", "inline", "inline-block"})
"""Ways to display that have no name of their own there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature: which mail programs lack it, as `family.platform` of caniemail, and what is seen there."""

    name: str
    lacks: tuple[str, ...] = ()
    without: str = ""


def listed() -> dict[str, Feature]:
    """The features that mail may use, by name."""
    rows = tomllib.loads(LIST.read_text("utf-8"))["features"]
    return {
        row["name"]: Feature(name=row["name"], lacks=tuple(row.get("lacks", ())), without=row.get("without", ""))
        for row in rows
    }


def used(html: str) -> set[str]:
    """The names of the features that a mail uses."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    named = (_SIDES.sub(r"\1", _SAME.get(name, name)) for name in reader.found)
    return {name for name in named if name not in _OURS}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if tag not in _TAGS_OF_A_PAGE:
            self.found.add(f"html-{tag}")
        for name, value in attrs:
            if name == "style":
                self.found |= _of_css(f"x{{{value}}}")
            elif tag not in {"meta", "html"}:
                self.found.add(
                    "html-mailto-links" if name == "href" and str(value).startswith("mailto:") else f"html-{name}"
                )

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.found |= _of_css(data)

    def handle_comment(self, data: str) -> None:
        if data.startswith("[if mso]"):
            self.found.add("html-comments")


def _of_css(css: str) -> set[str]:
    return {
        name
        for one in declarations(css)
        for name in (*_of_value(one.name, one.value), *_of_media(one.media), *_of_selector(one.selector))
    }


def _of_value(name: str, value: str) -> Iterable[str]:
    yield f"css-{name}"
    if name == "display" and value.split(maxsplit=1)[0] not in _EVERYWHERE:
        yield f"css-display-{value.split(maxsplit=1)[0]}"
    if "!important" in value:
        yield "css-important"
    for unit in re.findall(r"\d(px|em|rem|%|vw|vh|ch)", value):
        yield f"css-unit-{'percent' if unit == '%' else unit}"
    for call in re.findall(r"([a-z-]+)\(", value):
        yield f"css-function-{call}"


def _of_media(media: Iterable[str]) -> Iterable[str]:
    for one in media:
        yield "css-at-media"
        if "prefers-color-scheme" in one:
            yield "css-at-media-prefers-color-scheme"


def _of_selector(selector: str) -> Iterable[str]:
    for one in selector.split(","):
        if "." in one:
            yield "css-selector-class"
        if " " in one.strip():
            yield "css-selector-descendant"
        if re.search(r"[#\[>~+*:]", one):
            yield f"css-selector-other {one.strip()}"

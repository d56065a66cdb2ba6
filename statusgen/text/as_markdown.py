"""Plain text and HTML as Markdown that shows the same words: what is written into content/ when somebody moves here."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from statusgen.text.plain import BARE_URL

_URL = re.compile(BARE_URL)
_INLINE = re.compile(r"[\\`*\[\]]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|<(?=[A-Za-z/!?])|&(?=#?\w+;)")
_AT_START = re.compile(r"(?P<number>\d+)(?=[.)])|(?P<sign>[#>+=~|:-])")
_SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")
_HEADING = re.compile(r"^(#{2,5})(?=[ \t])", re.MULTILINE)
_FENCES = re.compile(r"^(```|~~~).*?(?P<end>^\1|\Z)", re.DOTALL | re.MULTILINE)
_ENTITIES = {"<": "&lt;", "&": "&amp;"}


def plain(body: str) -> str:
    """A plain text as Markdown: its line breaks stay, its addresses are links, and nothing else in it is markup."""
    paragraphs = [part.strip() for part in re.split(r"\n[ \t]*\n", body)]
    return "\n\n".join("<br>\n".join(map(_line, part.split("\n"))) for part in paragraphs if part)


def spelt_out(body: str) -> str:
    """The words of a plain text as Markdown in which every sign is an entity: ugly, and right whatever it holds."""
    return "\n\n".join(
        _SPECIAL.sub(lambda sign: f"&#{ord(sign[0])};", " ".join(part.split()))
        for part in re.split(r"\n[ \t]*\n", body)
    )


def _line(line: str) -> str:
    line = line.strip()
    pieces, end = [], 0
    for found in _URL.finditer(line):
        pieces += [_escaped(line[end : found.start()]), found[0]]
        end = found.end()
    escaped = "".join([*pieces, _escaped(line[end:])])
    start = _AT_START.match(escaped)
    if not start:
        return escaped
    if start["number"]:
        return f"{start[0]}\\{escaped[start.end() :]}"
    return f"&#{ord(escaped[0])};{escaped[1:]}" if escaped[0] in "=~|:" else f"\\{escaped}"


def _escaped(text: str) -> str:
    return _INLINE.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), text)


def demoted(body: str) -> str:
    """Markdown with its headings, from the second level on, one lower: a second level begins an update.

    Code stays as it is; where nothing closes it, it is closed.
    """
    pieces, end = [], 0
    for fence in _FENCES.finditer(body):
        pieces += [_HEADING.sub(r"\1#", body[end : fence.start()]), fence[0]]
        pieces += [] if fence["end"] else [f"\n{fence[1]}"]
        end = fence.end()
    return "".join([*pieces, _HEADING.sub(r"\1#", body[end:])])


class _Words(HTMLParser):
    """HTML on its way to Markdown: paragraphs, breaks, lists, links, and what is strong, stressed or code."""

    _AROUND = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`"}  # noqa: RUF012 - never changed
    _BLOCKS = frozenset(
        {"p", "div", "ul", "ol", "table", "tr", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
    )
    _HIDDEN = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.links: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.hidden += tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.pieces.append("\n\n")
        elif tag == "br":
            self.pieces.append("<br>\n")
        elif tag == "li":
            self.pieces.append("\n- ")
        elif tag == "a":
            address = dict(attrs).get("href") or ""
            self.links.append(address if re.fullmatch(r"https?://[^\s()<>\"]+", address) else "")
            self.pieces.append("[" if self.links[-1] else "")
        self.pieces.append(self._AROUND.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        self.hidden -= tag in self._HIDDEN and self.hidden > 0
        self.pieces.append(self._AROUND.get(tag, ""))
        if tag in self._BLOCKS:
            self.pieces.append("\n\n")
        elif tag == "a" and self.links:
            address = self.links.pop()
            self.pieces.append(f"]({address})" if address else "")

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self.hidden:
            self.pieces.append(_escaped(re.sub(r"\s+", " ", data)))


def foreign(body: str) -> str:
    """Another system's HTML as Markdown."""
    words = _Words()
    words.feed(body)
    words.close()
    joined = re.sub(r"[ \t]*(\n|<br>)[ \t]*", r"\1", "".join(words.pieces))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"(?:<br>\n){2,}", "\n\n", joined)).strip()

"""Human text as CommonMark, for readers that are programs: what was written stays what it says, and becomes nothing else.

Plain words are escaped, so that a title cannot become a heading, a link or HTML. A text goes by way of its safe HTML, whose
few tags are known; whatever was not let through there is not here either. Checked against a strict reader in
tests/test_commonmark.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

_SPECIAL = re.compile(r"[\\`*\[\]<~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,40};)")
_CLOSING = re.compile(r"(?<= )#(?=#*\Z)")
"""What would end a heading and not be seen."""
_AT_START = re.compile(
    r"#(?=#{0,5}(?:\s|\Z))|>|[+-](?=\s|\Z)|[=-](?=[=\s-]*\Z)|[|:](?=[:|\s-]*\Z)|\d{1,9}(?=[.)](?:\s|\Z))"
)
"""What would begin a heading, a quotation, a list, a rule or a table."""
_AUTOLINK = re.compile(r"(?:https?://|mailto:)[^\s<>]+\Z")
_NOT_IN_TARGET = {ord(" "): "%20", ord("<"): "%3C", ord(">"): "%3E", ord("\\"): "%5C", ord("\n"): "", ord("\r"): ""}
_TICKS = re.compile("`+")
_WHITE = re.compile(r"[ \t\n\r\f]+")
_DEEPEST = 24
_VOID = frozenset({"br", "hr"})
_INLINE = frozenset({"a", "b", "br", "code", "del", "em", "i", "strong"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*"}


def escape(text: str) -> str:
    """Plain words on one line, as they stand anywhere in a paragraph, a heading, a list or the text of a link."""
    return _whole_line(_special(text))


def link(text: str, target: str) -> str:
    """A link; the target is an address, whole or relative."""
    return f"[{escape(text) or escape(target)}]({_target(target)})"


def code(text: str) -> str:
    """Words as they are, in a run of code; "" for none."""
    text = _WHITE.sub(" ", text)
    if not text.strip():
        return ""
    fence = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    room = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{room}{text}{room}{fence}"


def from_html(html: str, base: str) -> str:
    """Safe HTML, as `text.to_html` makes it, as CommonMark. Relative links start at the whole address `base`."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return _Writer(base).blocks(parser.root.children)


def indented(block: str, first: str, others: str = "") -> str:
    """A block behind a marker: `first` before its first line, as many blanks (or `others`) before the rest."""
    rest = others or " " * len(first)
    lines = block.split("\n")
    return "\n".join([first + lines[0], *(f"{rest}{line}".rstrip() if line or others else "" for line in lines[1:])])


def _target(target: str) -> str:
    if not target or any(sign in target for sign in " <>()\\\n\r"):
        return f"<{target.translate(_NOT_IN_TARGET)}>"
    return target


def _special(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _whole_line(text: str) -> str:
    return _guarded(_CLOSING.sub(r"\#", _WHITE.sub(" ", text).strip(" ")))


def _guarded(line: str) -> str:
    """A line that begins no block, whatever it begins with."""
    found = _AT_START.match(line)
    if not found:
        return line
    return f"\\{line}" if not line[0].isdigit() else f"{line[: found.end()]}\\{line[found.end() :]}"


@dataclass(slots=True)
class _Node:
    tag: str
    href: str = ""
    children: list[_Node | str] = field(default_factory=list)


class _Parser(HTMLParser):
    """The tree of a safe fragment. What lies deeper than people write is laid flat."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, href=dict(attrs).get("href") or "")
        self._open[-1].children.append(node)
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in {node.tag for node in self._open[1:]}:
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


class _Writer:
    """Writes the blocks of a tree."""

    def __init__(self, base: str) -> None:
        self._base = base

    def blocks(self, nodes: Iterable[_Node | str], *, tight: bool = False) -> str:
        """Blocks one under another; in a tight list without empty lines between them."""
        made: list[str] = []
        last = ""
        for tag, run in _runs(nodes):
            twin = tag == last and tag in {"ul", "ol"}  # two lists in a row would be one
            block = self._block(tag, run, other=twin)
            if block:
                made.append(block)
                last = "" if twin else tag
        return ("\n" if tight else "\n\n").join(made)

    def _block(self, tag: str, run: list[_Node | str], *, other: bool) -> str:
        node = run[0]
        if not tag or isinstance(node, str):
            return self._paragraph(run)
        if tag in {"ul", "ol"}:
            return self._list(node, other=other)
        write = {"pre": self._pre, "hr": self._rule, "blockquote": self._quote, "table": self._table}.get(tag)
        if write:
            return write(node)
        if tag in _HEADINGS:
            text = self._line(node.children)
            return f"{'#' * _HEADINGS[tag]} {text}" if text else ""
        return self.blocks(node.children) if any(map(_is_block, node.children)) else self._paragraph(node.children)

    def _pre(self, node: _Node) -> str:
        return _fenced(_words(node))

    def _rule(self, node: _Node) -> str:
        del node
        return "***"

    def _quote(self, node: _Node) -> str:
        inner = self.blocks(node.children)
        return indented(inner, "> ", "> ") if inner else ""

    def _paragraph(self, nodes: Iterable[_Node | str]) -> str:
        lines = (_guarded(line.strip()) for line in self._inline(nodes).split("\n"))
        return "\\\n".join(line for line in lines if line)

    def _line(self, nodes: Iterable[_Node | str]) -> str:
        return _whole_line(self._inline(nodes))

    def _list(self, node: _Node, *, other: bool) -> str:
        items = [
            child if isinstance(child, _Node) and child.tag == "li" else _Node("li", children=[child])
            for child in node.children
            if isinstance(child, _Node) or child.strip()
        ]
        bullet = "*" if other else "-"
        dot = ")" if other else "."
        made = []
        for number, item in enumerate(items, 1):
            marker = f"{bullet} " if node.tag == "ul" else f"{number}{dot} "
            body = self.blocks(item.children, tight=not _has_blocks(item))
            if body:
                made.append(indented(body, marker))
        return ("\n\n" if any(map(_has_blocks, items)) else "\n").join(made)

    def _table(self, table: _Node) -> str:
        """CommonMark has no tables: a list, each row with the names of its columns."""
        rows = [[cell for cell in row.children if isinstance(cell, _Node)] for row in _rows(table)]
        names = [self._line(cell.children) for cell in rows[0]] if rows and _is_head(rows[0]) else []
        made = []
        for row in rows[1:] if names and len(rows) > 1 else rows:
            cells = [self._line(cell.children) for cell in row]
            said = [
                f"{names[n]}: {cell}" if n < len(names) and names[n] else cell for n, cell in enumerate(cells) if cell
            ]
            if said:
                made.append(f"- {'; '.join(said)}")
        return "\n".join(made)

    def _inline(self, nodes: Iterable[_Node | str], before: str = "") -> str:
        """Words and inline elements; `before` is what they follow."""
        out = ""
        for node in nodes:
            out += _special(_WHITE.sub(" ", node)) if isinstance(node, str) else self._inside(node, out or before)
        return out

    def _inside(self, node: _Node, before: str) -> str:
        if node.tag == "br":
            return "\n"
        if node.tag == "code":
            words = _words(node)
            return _special(_WHITE.sub(" ", words)) if before.endswith("`") else code(words)
        inner = self._inline(node.children, "" if node.tag == "a" else before)
        if _is_block(node):
            return f" {inner} "
        if node.tag == "a":
            return self._anchor(node, inner)
        mark = _MARKS.get(node.tag, "")
        # Only between letters or figures is it sure that every reader sees an emphasis.
        sure = (
            mark
            and inner
            and inner[0].isalnum()
            and inner[-1].isalnum()
            and "\n" not in inner
            and not before.endswith("*")
        )
        return f"{mark}{inner}{mark}" if sure else inner

    def _anchor(self, node: _Node, inner: str) -> str:
        target = urljoin(self._base, node.href) if node.href else ""
        words = _WHITE.sub(" ", _words(node)).strip(" ")
        if not target or not words:
            return inner
        if words in {target, target.removeprefix("mailto:")} and _AUTOLINK.match(target):
            return f"<{target}>"
        text = _special(words) if "](" in inner or "<" in inner.replace("\\<", "") else inner.strip()
        return f"[{text}]({_target(target)})"


def _runs(nodes: Iterable[_Node | str]) -> Iterator[tuple[str, list[_Node | str]]]:
    """Blocks one by one; words and inline elements between them together, under no tag."""
    run: list[_Node | str] = []
    for node in nodes:
        if isinstance(node, str) or node.tag in _INLINE:
            run.append(node)
            continue
        if run:
            yield "", run
            run = []
        yield node.tag, [node]
    if run:
        yield "", run


def _is_block(node: _Node | str) -> bool:
    return isinstance(node, _Node) and node.tag not in _INLINE


def _has_blocks(item: _Node) -> bool:
    """It holds more than a line of words and a list below it."""
    return any(isinstance(child, _Node) and child.tag not in _INLINE | {"ul", "ol"} for child in item.children)


def _rows(table: _Node) -> Iterator[_Node]:
    for child in table.children:
        if isinstance(child, _Node):
            yield from (child,) if child.tag == "tr" else _rows(child)


def _is_head(row: list[_Node]) -> bool:
    return any(cell.tag == "th" for cell in row)


def _words(node: _Node) -> str:
    return "".join(
        child if isinstance(child, str) else "\n" if child.tag == "br" else _words(child) for child in node.children
    )


def _fenced(text: str) -> str:
    fence = "`" * max(3, max(map(len, _TICKS.findall(text)), default=0) + 1)
    return f"{fence}\n{text.strip(chr(10))}\n{fence}"

"""The place of every key and value of a TOML text is found, however it is written.

The oracle is the writer: it notes where it puts each key and value while it writes a random document.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.config.positions import Path, Place, find

TRICKY = [
    "a # b",
    "[x]",
    "[[y]]",
    "k = 1",
    "},{",
    "it's",
    'say "hi"',
    "a.b",
    "é日本",
    "\\",
    "",
    " ",
    "tab\there",
    "'''",
    "\u2028",
    "]",
]
ATOMS = ["1", "-3.5e2", "true", "2025-01-31", "2025-01-31 10:00:00", "07:30:00", "0xff", "inf", "1_000"]
BLANKS = st.sampled_from(["", " ", "  ", "\t"])
LINE_ENDS = st.sampled_from(["\n", '  # a = [b] "c\n', "\n\n", "\n# [table]\n", "\t\n"])
INNER = st.sampled_from([" ", "\n  ", " # ] }\n", "\n\n"])


class Writer:
    """Writes one document and notes the offset of every key and value by its path."""

    def __init__(self, draw: Callable[[st.SearchStrategy], str]) -> None:
        self.draw = draw
        self.text = ""
        self.keys: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, int] = {}
        self.names = 0

    def put(self, text: str) -> None:
        self.text += text

    def blank(self) -> None:
        self.put(self.draw(BLANKS))

    def name(self) -> str:
        """A name that is new in this document."""
        self.names += 1
        return f"{self.draw(st.sampled_from(['k', 'long-name_', *TRICKY]))}{self.names}"

    def key_part(self, path: Path) -> None:
        name = str(path[-1])
        bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
        style = self.draw(st.sampled_from(["bare", "basic", "literal"]))
        if style == "literal" and not set("'\t\u2028") & set(name):
            written = f"'{name}'"
        elif style == "basic" or not bare:
            written = json.dumps(name, ensure_ascii=self.draw(st.booleans()))
        else:
            written = name
        self.keys.setdefault(path, (len(self.text), len(written)))
        self.put(written)

    def dotted(self, table: Path) -> Path:
        """A key of one to three parts; its path."""
        path = (*table, self.name())
        self.key_part(path)
        for _ in range(self.draw(st.integers(0, 2))):
            self.blank()
            self.put(".")
            self.blank()
            path = (*path, self.name())
            self.key_part(path)
        return path

    def pair(self, table: Path, depth: int) -> None:
        path = self.dotted(table)
        self.blank()
        self.put("=")
        self.blank()
        self.value(path, depth)

    def value(self, path: Path, depth: int) -> None:
        self.values[path] = len(self.text)
        kind = self.draw(st.sampled_from(["atom", "text", "block", "list", "table"][: 5 if depth else 3]))
        {"atom": self.atom, "text": self.string, "block": self.block}.get(kind, lambda: None)()
        if kind == "list":
            self.listing(path, depth)
        elif kind == "table":
            self.inline(path, depth)

    def atom(self) -> None:
        self.put(self.draw(st.sampled_from(ATOMS)))

    def string(self) -> None:
        text = self.draw(st.sampled_from(TRICKY))
        literal = self.draw(st.booleans()) and "'" not in text
        self.put(f"'{text}'" if literal else json.dumps(text, ensure_ascii=self.draw(st.booleans())))

    def block(self) -> None:
        """A text of several lines that looks like TOML inside, with quotes at its end."""
        inside = '\nkey = "not a key" # nor a remark\n[not.a.table]\n'
        end = self.draw(st.sampled_from(["", '"', '""']))
        basic = self.draw(st.booleans())
        self.put(f'"""{inside}\\"{end}"""' if basic else f"'''{inside}{end}'''")

    def listing(self, path: Path, depth: int) -> None:
        self.put("[")
        count = self.draw(st.integers(0, 3))
        for index in range(count):
            self.put(self.draw(INNER))
            self.value((*path, index), depth - 1)
            self.put(self.draw(INNER))
            if index < count - 1 or self.draw(st.booleans()):
                self.put(",")
        self.put(self.draw(INNER) + "]")

    def inline(self, path: Path, depth: int) -> None:
        self.put("{")
        for index in range(self.draw(st.integers(0, 3))):
            self.put("," if index else "")
            self.blank()
            self.pair(path, depth - 1)
            self.blank()
        self.put("}")

    def header(self, parent: Path, *, array: bool, name: str, index: int) -> Path:
        """A table below `parent`, which may lie in lists; its path with the index in its own list."""
        self.blank()
        self.put("[[" if array else "[")
        for length in range(1, len(parent) + 1):
            if isinstance(parent[length - 1], str):
                self.key_part(parent[:length])
                self.put(".")
        path = (*parent, name)
        begin = len(self.text)
        self.key_part(path)
        self.put("]]" if array else "]")
        if not array:
            return path
        self.keys.setdefault((*path, index), (begin, len(self.text) - begin - 2))
        return (*path, index)


@st.composite
def documents(draw: st.DrawFn) -> Writer:
    writer = Writer(draw)

    def pairs(table: Path) -> None:
        for _ in range(draw(st.integers(0, 3))):
            writer.blank()
            writer.pair(table, 2)
            writer.put(draw(LINE_ENDS))

    def tables(parent: Path, depth: int) -> None:
        for _ in range(draw(st.integers(0, 2))):
            array, name = draw(st.booleans()), writer.name()
            for index in range(draw(st.integers(1, 3)) if array else 1):
                path = writer.header(parent, array=array, name=name, index=index)
                writer.put(draw(LINE_ENDS))
                pairs(path)
                if depth:
                    tables(path, depth - 1)

    writer.put(draw(st.sampled_from(["", "# [a remark]\n\n"])))
    pairs(())
    tables((), 2)
    return writer


def at(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


@settings(max_examples=120, deadline=None)
@given(documents())
def test_every_key_and_value_is_found_where_it_was_written(written: Writer) -> None:
    tomllib.loads(written.text)
    found = find(written.text)
    assert {path: (place.line, place.column) for path, place in found.values.items()} == {
        path: at(written.text, offset) for path, offset in written.values.items()
    }
    assert {path: (place.line, place.column, place.length) for path, place in found.keys.items()} == {
        path: (*at(written.text, offset), length) for path, (offset, length) in written.keys.items()
    }


def test_a_value_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    text = 'a = [ # x\n  1,\n]\nb = """x\ny"""\n'
    assert find(text).values["a",] == Place(line=1, column=5, length=5)
    assert find(text).values["a", 0] == Place(line=2, column=3, length=1)
    assert find(text).values["b",] == Place(line=4, column=5, length=4)

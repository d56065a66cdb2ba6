"""Layers -> the theme they make together: a child's file in the place of its parent's, tokens and extra rules one after another. Pure.

A parent's template stays reachable under its theme's name (`default/home.html`), so that a child can extend the template that
it takes the place of. A file of macros that extends another is that one with the child's macros in the place of its own:
Jinja would run the parent's last, and nothing would change.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from urllib.parse import quote

from statusgen import addresses
from statusgen.config import did_you_mean
from statusgen.errors import ThemeError
from statusgen.theme.css import CssError, Reference, custom_properties, declarations, references
from statusgen.theme.manifest import FILE, Manifest

STYLE = "assets/status.css"
EXTRA = "assets/extra.css"
TEMPLATES = "templates/"
ASSETS = "assets/"

_EXTENDS = re.compile(r"\{%-?\s*extends\s+(['\"])(.+?)\1\s*-?%\}")
_BLOCK = re.compile(r"\{%-?\s*block\b")
_MACRO = re.compile(r"\{%-?\s*macro\b")

_COMMENTS = {
    "css": re.compile(rb"^[ \t]*/\*(?:(?!\*/).)*\*/[ \t]*\r?\n", re.MULTILINE | re.DOTALL),
    "js": re.compile(rb"\A\s*/\*(?:(?!\*/).)*\*/[ \t]*\r?\n|^[ \t]*//[^\n]*\n", re.MULTILINE | re.DOTALL),
}
"""Comments that stand on lines of their own, and that of a script only at its head: what is left is never touched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One theme of a chain as it lies on disk: its name, its files by path inside it, and what messages put before a path."""

    name: str
    files: Mapping[str, bytes]
    manifest: Manifest
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The text of a template, and where its lines come from: the first line of each piece, and the file that it begins."""

    text: str
    pieces: tuple[tuple[int, str], ...]

    def place(self, line: int) -> str:
        """The file and line that a line of the text was written at."""
        first, file = next(piece for piece in reversed(self.pieces) if piece[0] <= max(line, 1))
        return f"{file}:{max(line, 1) - first + 1}"

    @property
    def is_library(self) -> bool:
        """Whether it is a file of macros: it makes no page and has no blocks."""
        return bool(_MACRO.search(self.text)) and not _BLOCK.search(self.text) and not _EXTENDS.search(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme with all that it inherits.

    `layers`: itself last, what it comes from before it. `templates`: by the name that templates use, those of parents also as
    `parent/name`. `assets`: by path inside assets/, with the one style sheet put together.
    """

    layers: tuple[Layer, ...]
    templates: Mapping[str, Template]
    assets: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.layers[-1].name

    def each(self, path: str) -> tuple[bytes, ...]:
        """A file as each layer that has it has it, the parents' first: for what adds up, such as words."""
        return tuple(layer.files[path] for layer in self.layers if path in layer.files)

    def place(self, path: str) -> str:
        """What messages call a file: where the last layer has it."""
        return next((layer.place + path for layer in reversed(self.layers) if path in layer.files), path)


def compose(layers: Iterable[Layer]) -> Theme:
    """The theme that layers make, parents first. Raises ThemeError that names file and line."""
    chain = tuple(layers)
    return Theme(layers=chain, templates=_templates(chain), assets=_assets(chain))


def _templates(layers: tuple[Layer, ...]) -> dict[str, Template]:
    made: dict[str, Template] = {}
    for layer in layers:
        own = {name: _template(layer, path) for path, name in _under(layer, TEMPLATES)}
        _no_clash(layer, layers, own)
        own = {name: _with_macros(template, made) for name, template in own.items()}
        made |= own
        if layer is not layers[-1]:
            made |= {f"{layer.name}/{name}": template for name, template in own.items()}
    return _reachable(made, layers)


def _reachable(made: dict[str, Template], layers: tuple[Layer, ...]) -> dict[str, Template]:
    """With every parent's name for what that parent itself only inherits."""
    for parent, child in pairwise(layers[:-1]):
        for name in [name for name in made if name.startswith(f"{parent.name}/")]:
            made.setdefault(f"{child.name}/{name.removeprefix(f'{parent.name}/')}", made[name])
    return made


def _no_clash(layer: Layer, layers: tuple[Layer, ...], own: Mapping[str, Template]) -> None:
    for name in own:
        folder, slash, rest = name.partition("/")
        if slash and folder in {other.name for other in layers}:
            raise ThemeError(
                f"{layer.place}{TEMPLATES}{name}: this name belongs to the theme {folder!r}",
                help=f"Call it {TEMPLATES}{rest}; there {{% extends '{folder}/{rest}' %}} gives the parent's.",
            )


def _template(layer: Layer, path: str) -> Template:
    return Template(text=_decoded(layer, path), pieces=((1, layer.place + path),))


def _with_macros(own: Template, made: Mapping[str, Template]) -> Template:
    """A file of macros that extends another, as one file; anything else as it is."""
    extends = _EXTENDS.search(own.text)
    parent = made.get(extends[2]) if extends else None
    if parent is None or not parent.is_library:
        return own
    rest = _EXTENDS.sub("", own.text, count=1)
    lines = parent.text.count("\n") + 1
    pieces = tuple((first + lines, file) for first, file in own.pieces)
    return Template(text=f"{parent.text}\n{rest}", pieces=(*parent.pieces, *pieces))


def _assets(layers: tuple[Layer, ...]) -> dict[str, bytes]:
    found = {name: layer.files[path] for layer in layers for path, name in _under(layer, ASSETS)}
    found.pop("extra.css", None)
    sheets = {name for name in found if name.endswith(".css")}
    hashed = {name: addresses.asset_of(name, data) for name, data in found.items() if name not in sheets}
    for layer in layers:
        for path, name in _under(layer, ASSETS):
            if name in sheets:
                found[name] = _linked(layer, path, hashed).encode()
    if any(STYLE in layer.files for layer in layers):
        found["status.css"] = _style(layers, hashed).encode()
    return {name: _without_comments(name, data) for name, data in found.items()}


def _without_comments(name: str, data: bytes) -> bytes:
    """A style or script as it is shipped: its comments are for those who change it, not for phones."""
    comments = _COMMENTS.get(name.rpartition(".")[2])
    return comments.sub(b"", data) if comments else data


def _style(layers: tuple[Layer, ...], hashed: Mapping[str, str]) -> str:
    """The style sheet: the last one that a layer has, then the tokens and the extra rules of that layer and those after it."""
    begin = max(place for place, layer in enumerate(layers) if STYLE in layer.files)
    parts = [_linked(layers[begin], STYLE, hashed)]
    for layer in layers[begin:]:
        if layer.manifest.tokens.names:
            _known(layer, frozenset().union(*(_properties(each) for each in layers)))
        parts.append(layer.manifest.tokens.css())
        if EXTRA in layer.files:
            parts.append(_linked(layer, EXTRA, hashed))
    return "\n".join(part.strip("\n") for part in parts if part) + "\n"


def _properties(layer: Layer) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for path in (STYLE, EXTRA):
        if path in layer.files:
            with _telling(layer, path):
                found |= custom_properties(_decoded(layer, path))
    return found


def _known(layer: Layer, known: frozenset[str]) -> None:
    for name in sorted(layer.manifest.tokens.names - known):
        line = min((at for (token, _), at in layer.manifest.lines.items() if token == name), default=1)
        raise ThemeError(
            f"{layer.place}{FILE}:{line}: no rule of the style sheet uses the token `{name}`",
            help=did_you_mean(name, known, what="tokens"),
        )


def _linked(layer: Layer, path: str, hashed: Mapping[str, str]) -> str:
    """A style sheet in which the files that it names have the names that they are published under."""
    css = _decoded(layer, path)
    with _telling(layer, path):
        found = _references(css)
    for one in reversed(found):
        here = posixpath.dirname(path.removeprefix(ASSETS))
        name = posixpath.normpath(posixpath.join(here, one.target))
        if name not in hashed:
            raise _missing(f"{layer.place}{path}:{one.line}", one.target, hashed)
        relative = posixpath.relpath(hashed[name], posixpath.join(ASSETS, here))
        css = f"{css[: one.start]}url('{quote(relative)}'){css[one.end :]}"
    return css


@lru_cache(maxsize=32)
def _references(css: str) -> tuple[Reference, ...]:
    """The files that a style sheet names. Raises CssError. Who builds again, and then mails, reads the same theme each time."""
    for _ in declarations(css):
        pass
    return tuple(references(css))


def _missing(place: str, target: str, known: Iterable[str]) -> ThemeError:
    if re.match(r"[a-z][a-z0-9+.-]*:|//", target, re.IGNORECASE):
        return ThemeError(
            f"{place}: it asks another site for {target!r}, which the pages' policy forbids",
            help="Put the file in the theme's assets/ and name it here.",
        )
    return ThemeError(
        f"{place}: {target!r} is not in assets/", help=did_you_mean(target, known, what="assets") or "Put it there."
    )


@contextmanager
def _telling(layer: Layer, path: str) -> Iterator[None]:
    """A style sheet that cannot be read is told with its file and line."""
    try:
        yield
    except CssError as error:
        place = f"{layer.place}{path}:{error.line}"
        raise ThemeError(f"{place}: {error}", help="Put the style sheet right.") from error


def _under(layer: Layer, folder: str) -> Iterator[tuple[str, str]]:
    """The files in a folder: their path, and their path inside it."""
    return ((path, path.removeprefix(folder)) for path in sorted(layer.files) if path.startswith(folder))


def _decoded(layer: Layer, path: str) -> str:
    try:
        return layer.files[path].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ThemeError(f"{layer.place}{path}: it is not UTF-8", help="Save the file as UTF-8.") from error

"""I/O: the folders of a theme and of the themes that it comes from, read whole.

A theme lies in themes/NAME beside the configuration, else it is one that statusgen brings. What editors and systems leave
behind is not part of it, and neither is what a symbolic link would fetch from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from statusgen.config import did_you_mean
from statusgen.errors import ThemeError
from statusgen.theme import FILE, ROOT, Layer, Manifest, Theme, compose, is_name, parse

_LARGEST = 20 * 1024 * 1024
"""Bytes of one file of a theme; a larger one is there by mistake."""
_HERE = Path(__file__).resolve().parent


def read_theme(root: Path, name: str) -> Theme:
    """The theme of a site that lies in `root`, with all that it inherits. Raises ThemeError that says where and what next."""
    return compose(_layer(folder) for folder in chain(root, name))


def chain(root: Path, name: str) -> tuple[Path, ...]:
    """The folders of a theme and of those that it comes from, the root first. Raises ThemeError where one is missing, or in a circle."""
    found: list[Path] = []
    asked = "[site] theme"
    while name:
        folder = _folder(root, name, asked)
        if folder in found:
            way = " → ".join(one.name for one in (*found[found.index(folder) :], folder))
            raise ThemeError(
                f"themes/{found[-1].name}/{FILE}: these themes extend each other: {way}",
                help=f'One of them has to say extends = "{ROOT}".',
            )
        found.append(folder)
        asked = f"themes/{name}/{FILE}"
        name = _manifest(folder).extends
    return tuple(reversed(found))


def known(root: Path) -> tuple[str, ...]:
    """The names of the themes that a site in `root` can have."""
    folders = [path for place in (root / "themes", *_shipped()) if place.is_dir() for path in place.iterdir()]
    return tuple(sorted({folder.name for folder in folders if folder.is_dir() and is_name(folder.name)}))


def is_shipped(name: str) -> bool:
    """Whether statusgen brings a theme of this name."""
    return is_name(name) and any((place / name).is_dir() for place in _shipped())


def _shipped() -> Iterator[Path]:
    """Where the themes lie that statusgen brings: in the package, or in the checkout that it runs from."""
    return (place for place in (_HERE / "themes", _HERE.parent / "themes") if (place / ROOT).is_dir())


def _folder(root: Path, name: str, asked: str) -> Path:
    places = (root / "themes", *_shipped()) if is_name(name) else ()
    folder = next((place / name for place in places if (place / name).is_dir()), None)
    if folder is None and name == ROOT:
        raise ThemeError(f"the theme {ROOT!r} is not installed", help="Install statusgen again.")
    if not is_name(name):
        raise ThemeError(
            f"{asked}: {name!r} is no name for a theme", help="Small letters, digits, - and _, as in harbour-night."
        )
    if folder is None:
        hint = did_you_mean(name, known(root), what="themes")
        raise ThemeError(
            f"{asked} asks for {name!r}, and there is no folder themes/{name}",
            help=f"{hint[:1].upper()}{hint[1:]}. Or make it: statusgen init --theme {name}".replace("?.", "?"),
        )
    if name == ROOT and not (folder / FILE).is_file():
        raise ThemeError(
            f"themes/{ROOT} takes the place of the theme that all others come from, and has no {FILE}",
            help="Call the folder something else; it then takes from the default theme what it lacks.",
        )
    return folder


def _manifest(folder: Path) -> Manifest:
    """What a theme says of itself; one without a theme.toml says nothing, and extends the root."""
    path = folder / FILE
    if not path.is_file():
        return Manifest()
    return parse(_read(path, folder, folder.resolve()), f"themes/{folder.name}/{FILE}", root=folder.name == ROOT)


def _layer(folder: Path) -> Layer:
    inside = folder.resolve()
    files = {path.relative_to(folder).as_posix(): _read(path, folder, inside) for path in _files(folder)}
    return Layer(name=folder.name, files=files, manifest=_manifest(folder), place=f"themes/{folder.name}/")


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") or part.endswith("~") for part in parts):
            yield path


def _read(path: Path, folder: Path, inside: Path) -> bytes:
    """A file of a folder, which really is `inside`."""
    shown = f"themes/{folder.name}/{path.relative_to(folder).as_posix()}"
    if not path.resolve().is_relative_to(inside):
        raise ThemeError(f"{shown}: it is a link to a file outside of the theme", help="Copy the file into the theme.")
    try:
        if path.stat().st_size > _LARGEST:
            raise ThemeError(f"{shown}: it has more than {_LARGEST:,} bytes", help="A page cannot use such a file.")
        return path.read_bytes()
    except OSError as error:
        raise ThemeError(f"{shown}: it cannot be read: {error.strerror}", help="See who may read it.") from error

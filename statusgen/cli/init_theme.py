"""A new theme: a folder that changes nothing much yet, and shows what can be changed."""

from __future__ import annotations

from pathlib import Path

from statusgen.cli.session import Session
from statusgen.errors import UsageError

SAMPLE = Path(__file__).parent / "sample_theme"


def start(session: Session, target: Path, name: str) -> None:
    """Write the theme `name` for the site in `target`. Raises UsageError where that name cannot be, or is taken."""
    from statusgen.theme import is_name
    from statusgen.themes import is_shipped

    if not is_name(name):
        raise UsageError(
            f"{name!r} is no name for a theme", help="Small letters, digits, - and _, as in harbour-night."
        )
    if is_shipped(name):
        raise UsageError(
            f"{name} is the name of a theme that statusgen brings",
            help=f'Call yours something else; it can extend "{name}".',
        )
    folder = target / "themes" / name
    if folder.exists():
        raise UsageError(f"{folder} is there already", help="Name another; a theme is never overwritten.")
    files = theme_files(name)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    _tell(session, target, name, sorted(files))


def theme_files(name: str) -> dict[str, str]:
    """The files of a new theme, by path inside its folder."""
    title = name.replace("-", " ").replace("_", " ").capitalize()
    found = (path for path in sorted(SAMPLE.rglob("*")) if path.is_file())
    return {
        path.relative_to(SAMPLE).as_posix(): path.read_text("utf-8").replace("{name}", name).replace("{title}", title)
        for path in found
    }


def _tell(session: Session, target: Path, name: str, paths: list[str]) -> None:
    out, written = session.terminal, [f"themes/{name}/{path}" for path in paths]
    if out.as_json:
        out.json({"folder": str(target), "files": written})
        return
    for path in written:
        out.result(f"  wrote {path}")
    out.result()
    out.result("Next:")
    out.result(f'  1. write theme = "{name}" in [site] of statusgen.toml')
    out.result("  2. statusgen serve --open")
    out.result("     shows the site, and every change to the theme")
    out.result("  3. statusgen check")
    out.result("     says what in the theme does not fit, and which colours are hard to read")

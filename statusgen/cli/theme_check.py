"""What `statusgen check` says about a theme: that it can be read, that its templates hold, its words fit, its colours can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from statusgen.errors import StatusgenError
from statusgen.theme.escaping import Mistake

if TYPE_CHECKING:
    from statusgen.config import Config
    from statusgen.theme import Theme

_PARTS = frozenset({"theme.toml", "templates", "assets", "translations", "wording", "mail.toml"})
_MESSAGES = "translations/statusgen.pot"
_NOTES = ("readme", "license", "licence", "notice", "changelog", "copying")


def findings(root: Path, config: Config) -> Iterator[Mistake]:
    """Everything that is wrong with the theme of a site, or worth a look."""
    from statusgen import build, wording
    from statusgen.channels.pages import Renderer
    from statusgen.themes import read_theme
    from statusgen.views.common import Support

    site = config.site
    try:
        theme = read_theme(root, site.theme)
        for language in site.languages:
            build.words_of(theme, language, site.time_zone)
    except StatusgenError as problem:
        yield Mistake(place="", message=problem.message, help=problem.help)
        return
    words = wording.words(site.languages[0], site.time_zone)
    yield from Renderer(theme, words, title=site.title, base_url=site.base_url, support=Support()).mistakes()
    yield from _files(theme)
    yield from _policy(theme)
    yield from _words(theme)
    yield from _contrast(theme)


def _files(theme: Theme) -> Iterator[Mistake]:
    """Files that are no part of a theme: mostly misspelt folders."""
    from statusgen.config import did_you_mean

    layer = theme.layers[-1]
    for first in sorted({path.partition("/")[0] for path in layer.files}):
        if first not in _PARTS and not first.lower().startswith(_NOTES):
            hint = did_you_mean(first, _PARTS, what="a theme has")
            yield Mistake(place=layer.place + first, message="nothing reads this", help=hint, level="warning")


def _policy(theme: Theme) -> Iterator[Mistake]:
    """A theme may replace the head of all pages; without its policy, a mistake elsewhere is no longer caught."""
    head = theme.templates.get("head.html")
    if head and "extends" not in head.text and "Content-Security-Policy" not in head.text:
        said = "the pages have no Content-Security-Policy any more"
        hint = "Take the <meta> line over from the default theme's head.html."
        yield Mistake(place=head.place(1), message=said, help=hint, level="warning")
    elif head and "extends" not in head.text and "policy" not in head.text:
        said = "sealed pages have the policy of public ones: the script that opens them is refused"
        yield Mistake(place=head.place(1), message=said, help='Write content="{{ policy }}".')


def _words(theme: Theme) -> Iterator[Mistake]:
    """Messages in other words that no page says, or that lost a placeholder."""
    from statusgen.theme.words import mistakes

    layer = theme.layers[-1]
    known = theme.layers[0].files.get(_MESSAGES)
    for path in sorted(layer.files) if known and len(theme.layers) > 1 else ():
        if path.startswith("translations/") and path.endswith(".po"):
            yield from mistakes(layer.files[path], layer.place + path, known or b"")


def _contrast(theme: Theme) -> Iterator[Mistake]:
    from statusgen.theme.contrast import weak

    for one in weak(theme):
        yield Mistake(place=one.place, message=one.message, help=one.help, level="warning")

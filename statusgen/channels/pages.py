"""HTML: a view through the template of its class. A theme is a folder; what it lacks comes from the default theme.

Templates run in a sandbox, escape everything, and see only the view, the site and the words. Times are whole `<time>`
elements from one cached filter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import FunctionLoader
from markupsafe import Markup

from statusgen import addresses
from statusgen.channels import guard
from statusgen.model import Text
from statusgen.text import to_html
from statusgen.text.ics import data_url
from statusgen.theme import Theme
from statusgen.theme.checking import mistakes
from statusgen.theme.composing import TEMPLATES as FOLDER
from statusgen.theme.contrast import colours
from statusgen.theme.escaping import Mistake
from statusgen.theme.logo import logo
from statusgen.theme.sandbox import Sandbox
from statusgen.theme.telling import telling
from statusgen.views.common import Support, Tag
from statusgen.views.personal import SealedPage
from statusgen.views.shapes import SHAPES
from statusgen.wording import Language, Words, language, locale_of

TEMPLATES = {
    "HomePage": "home.html",
    "ServicePage": "service.html",
    "IncidentPage": "incident.html",
    "PlannedPage": "planned.html",
    "HistoryPage": "history.html",
    "MonthPage": "month.html",
    "AboutPage": "about.html",
    "UpdatesPage": "updates.html",
    "MePage": "me.html",
    "NotFoundPage": "404.html",
    "MovedPage": "moved.html",
    "WordsPage": "words.html",
    "PersonPage": "person.html",
    "TeamPage": "team.html",
    "EmbedPage": "embed.html",
    "SealedPage": "sealed.html",
}
"""Which template shows which view."""

_SHARED = frozenset({"here", "icons", "policy", "integrity"})
PAGE_NAMES = frozenset({"page", "canonical", "languages", "head", "header", "foot"})
"""What the template of a page sees beside what all templates see."""
PIECES = {
    "head.html": _SHARED,
    "top.html": _SHARED,
    "foot.html": _SHARED,
    "icons.html": frozenset[str](),
}
"""The parts that all pages share, and what each sees."""

_FOR_ALL = frozenset({"NotFoundPage", "PersonPage", "SealedPage", "TeamPage"})
"""Pages that there is one of, in whatever language: they lie at the top."""

_HERE = {
    "HomePage": "now",
    "HistoryPage": "past",
    "MonthPage": "past",
    "UpdatesPage": "updates",
    "MePage": "me",
    "PersonPage": "me",
    "TeamPage": "me",
    "SealedPage": "me",
}
_NO_FRAME = {"head": "", "header": "", "foot": "", "canonical": "", "languages": ()}
_HOLES = {name: b"statusgen-hole-%d" % place for place, name in enumerate(("token", "check", "sealed"))}
_OPENER = "unseal.js"
"""The script that opens sealed pages. It lies in each of them, so that one that was saved opens too."""
_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_MESSAGE = re.compile(r"""\b_\((["'])((?:(?!\1)[^\\])*)\1\)""")
_BLANK_LINES = re.compile(rb"\n[ \t]*(?=\n)")
_PRE = re.compile(rb"(<pre.*?</pre>)", re.DOTALL)


class Renderer:
    """One language of one site in one theme.

    `languages`: all that the site is made in, the first first; none: only this one. `salt` is a hash of all that a page depends
    on beside its view.
    """

    def __init__(
        self,
        theme: Theme,
        words: Words,
        *,
        title: str,
        base_url: str,
        support: Support,
        languages: tuple[Language, ...] = (),
    ) -> None:
        self._base_url = base_url
        self._languages = languages or (language(words.language),)
        self._prefix = next(one.prefix for one in self._languages if one.code == words.language)
        self._frames: dict[tuple[str, str, str], dict[str, Markup]] = {}
        self._shells: dict[tuple[str, str, date | None], bytes] = {}
        self._words = words
        self._theme = theme
        self._opener = guard.compact(theme.assets.get(_OPENER, b"").decode("utf-8", "replace"))
        self._sealed = guard.sealed(self._opener, theme.assets.get("status.js", b""))
        assets = {name: addresses.asset_of(name, data) for name, data in theme.assets.items() if name != _OPENER}
        self.assets = {assets[name]: data for name, data in theme.assets.items() if name != _OPENER}
        self.support = support
        self._site = Site(title=title, support=support, url=base_url, home=base_url + self._prefix)
        self._globals: dict[str, Any] = {
            "site": self._site,
            "words": words,
            "assets": assets,
            "tokens": colours(theme),
            "logo": logo(theme),
            "favicon": _favicon,
        }
        self._environments: dict[str, Sandbox] = {}
        templates = {name: template.text for name, template in theme.templates.items() if "mail/" not in name}
        told = (title, base_url, support, self._languages, words.salt, assets, self._opener, templates)
        self.salt = _hash(repr(told).encode("utf-8", "backslashreplace"))

    def mistakes(self) -> Iterator[Mistake]:
        """Everything that is wrong with the templates, without running one."""
        from statusgen.channels.templates import uses  # noqa: PLC0415 - a build needs no list of what it gives

        return mistakes(self._theme, self.environment, uses(self.environment))

    @property
    def environment(self) -> Sandbox:
        """What the templates of pages at the root run in."""
        return self._at("")

    def asset(self, name: str) -> str:
        """The address of a file of the theme."""
        return str(self._globals["assets"][name])

    @property
    def paper(self) -> str:
        """The colour of the ground that pages are on, by day."""
        return str(self._globals["tokens"]["light"].get("paper", "#fff"))

    def place(self, view: Any, address: str) -> str:
        """Where the page of a view lies: in the folder of this language, unless there is one page for all languages."""
        return address if type(view).__name__ in _FOR_ALL else self._prefix + address

    def render(self, view: Any, address: str) -> bytes:
        """The page of a view at an address. Raises ThemeError that names the template and its line."""
        kind, place = type(view).__name__, self.place(view, address)
        top = view.base_path if kind == "NotFoundPage" else addresses.root_of(place)
        name = TEMPLATES[kind]
        others = () if kind in _FOR_ALL else tuple(self._turns(top, address))
        with telling(self._theme, name):
            template = self._at(top).get_template(name)
            frame = self._frame(top, kind)
            canonical = addresses.absolute(self._base_url, place)
            html: str = template.render(page=view, canonical=canonical, languages=others, **frame)
        return _without_blank_lines(html.encode("utf-8", "replace"))

    def inside(self, view: Any, address: str) -> bytes:
        """What the page of a view says, its block `main` without the frame around it. Raises ThemeError as `render` does."""
        name = TEMPLATES[type(view).__name__]
        with telling(self._theme, name):
            template = self._at(addresses.root_of(self.place(view, address))).get_template(name)
            context = template.new_context({"page": view, **_NO_FRAME})
            next(iter(template.root_render_func(context)))  # to the frame's first words: what it imports is known then
            html = "".join(context.blocks["main"][0](context))
        return _without_blank_lines(html.strip().encode("utf-8", "replace"))

    def sealed(self, page: SealedPage, address: str) -> bytes:
        """The page around what is sealed. It is the same for everybody but for three words, so it is rendered once."""
        shape = (page.site_id, addresses.root_of(address), page.moves_on)
        known = self._shells.get(shape)
        if known is None:
            holes: dict[str, Any] = {name: hole.decode() for name, hole in _HOLES.items()}
            known = self._shells[shape] = self.render(replace(page, **holes), address)
        for name, hole in _HOLES.items():
            known = known.replace(hole, getattr(page, name).encode())
        return known

    def _turns(self, top: str, address: str) -> Iterator[Turn]:
        """The same page in every language of the site; none where there is only one."""
        if len(self._languages) < 2:
            return
        for one in self._languages:
            there = one.prefix + address
            yield Turn(
                language=one,
                link=(top + there) or "./",
                url=addresses.absolute(self._base_url, there),
                here=one.code == self._words.language,
            )

    def _at(self, top: str) -> Sandbox:
        """The templates for pages of one depth. They know the way to the root, so that what they import is made once."""
        known = self._environments.get(top)
        if known is None:
            known = self._environments[top] = _environment(self._theme, self._words)
            known.filters["sealed"] = partial(guard.carried, opener=self._opener)
            known.globals.update(self._globals, top=top, root=top + self._prefix)
        return known

    def _frame(self, top: str, kind: str) -> dict[str, Markup]:
        """The parts that all pages of one depth and one kind share, rendered once."""
        here, held = _HERE.get(kind, ""), self._sealed if kind == "SealedPage" else guard.PUBLIC
        known = self._frames.get((top, here, held.policy))
        if known is None:
            given = {"icons": self._piece("icons.html", top), "here": here}
            given |= {"policy": held.policy, "integrity": held.integrity}
            parts = {name: self._piece(f"{name}.html", top, **given) for name in ("head", "top", "foot")}
            known = {"head": parts["head"], "header": parts["top"], "foot": parts["foot"]}
            self._frames[top, here, held.policy] = known
        return known

    def _piece(self, name: str, top: str, **known: Any) -> Markup:
        return Markup(self._at(top).get_template(name).render(**known))  # noqa: S704 - our own template, escaped inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The same page in one of the site's languages: `link` from here, and its whole `url`. `here`: it is this page."""

    language: Language
    link: str
    url: str
    here: bool


class Site:
    """What every page says about the site. `url` is the whole address of its root, `home` that of the root of this language."""

    __slots__ = ("home", "support", "title", "url")

    def __init__(self, *, title: str, support: Support, url: str, home: str) -> None:
        self.title, self.support, self.url, self.home = title, support, url, home


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _environment(theme: Theme, words: Words) -> Sandbox:
    def load(name: str) -> tuple[str, str, None] | None:
        found = theme.templates.get(name)
        return (_translated(found.text, words), FOLDER + name, None) if found else None

    environment = Sandbox(loader=FunctionLoader(load))
    environment.install_gettext_translations(words.catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        time=_timer(words),
        window=lambda line, year=False, relative=False: words.window(
            line.starts, line.ends, year=year, relative=relative
        ),
        day=words.day,
        duration=words.duration,
        html=_html,
        icon=_icon,
        tag=_tag,
        lang=_lang,
        locale=locale_of,
        calendar=data_url,
        tel=lambda number: re.sub(r"[^+0-9]", "", number),
        host=lambda url: urlsplit(url).hostname or url,
    )
    return environment


def _translated(source: str, words: Words) -> str:
    """A template with its plain messages put in: a language is fixed for a whole build, so they need no look-up on each page."""

    def told(found: re.Match[str]) -> str:
        message = words.say(found[2]).replace("%%", "%")
        return '"' + message.encode("unicode_escape").decode("ascii").replace('"', '\\"') + '"'

    return _CODE.sub(lambda code: _MESSAGE.sub(told, code[0]), source)


@lru_cache(maxsize=64)
def _icon(name: str) -> Markup:
    flips = " i-flip" if name == "turn" else ""
    return Markup('<svg class="i{}" aria-hidden="true"><use href="#i-{}"/></svg>').format(flips, name)


@lru_cache(maxsize=1024)
def _tag(tag: Tag) -> Markup:
    """A state as colour, shape and word, always the three together."""
    return Markup('<span class="tag {}">{}{}</span>').format(tag.look, _icon(tag.look), tag.word)


@lru_cache(maxsize=64)
def _lang(foreign: str) -> Markup:
    """The attributes of an element that holds what people wrote: its own direction, and its language when not the page's."""
    return Markup(' lang="{}" dir="auto"').format(foreign) if foreign else Markup(' dir="auto"')


def _timer(words: Words) -> Callable[..., Markup]:
    @lru_cache(maxsize=100_000)
    def time(at: datetime | date, shape: str = "moment", relative: bool = False) -> Markup:
        return words.time(at, shape, relative=relative)

    return time


def _html(text: Text, heading: int = 4) -> Markup:
    return Markup(to_html(text, heading=heading))  # noqa: S704 - cleaned by nh3, or escaped


@lru_cache(maxsize=16)
def _favicon(look: str) -> str:
    shape = SHAPES.get(look, SHAPES["busy"])
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='white' stroke-width='2.6' stroke-linecap='round'>"
        f"{shape.drawing.replace('{}', shape.colour)}</svg>"
    )
    return "data:image/svg+xml," + quote(svg, safe="=:/'")


def _without_blank_lines(html: bytes) -> bytes:
    """Tags of templates leave empty lines behind. Those in a `<pre>` are the author's."""
    if b"<pre" not in html:
        return _BLANK_LINES.sub(b"", html)
    return b"".join(part if part.startswith(b"<pre") else _BLANK_LINES.sub(b"", part) for part in _PRE.split(html))

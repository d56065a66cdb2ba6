"""docs/theme-reference.md, made from the code and the default theme: tokens, templates, names, filters and views."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import nodes

from statusgen.channels.pages import PIECES
from statusgen.channels.templates import MAIL_VIEWS, page_views
from statusgen.theme import Theme
from statusgen.theme.contrast import colours
from statusgen.theme.sandbox import Sandbox
from statusgen.theme.shapes import members_of, views_in

NAMES = {
    "page": "what this page shows: the view of its template, below",
    "site": "`title`; `support.email` and `support.phone` of the service desk; `url` and `home`, the whole addresses of the site and of its home page in this language",
    "words": "the language: `language`, `direction` (ltr or rtl), `zone_name`, `zone.key`; and what says things in it, such as `words.join(names)`",
    "root": "the way from this page to the root of the site in its language: put it before an address",
    "top": "the way to the root of the whole site: put it before an asset",
    "assets": "the published name of a file of assets/, as in `{{ top }}{{ assets['logo.svg'] }}`",
    "tokens": "what the style sheet gives each token, as in `tokens.dark.paper`",
    "logo": "the logo, or nothing: `name`, `dark`, `width`, `height`",
    "favicon": "`favicon(look)`, the icon of a state as an address",
    "canonical": "the whole address of this page",
    "languages": "the same page in each language of the site; nothing where there is one",
    "head": "what head.html makes",
    "header": "what top.html makes",
    "foot": "what foot.html makes",
    "here": "which part of the site this is: now, me, past, updates, or nothing",
    "icons": "what icons.html makes",
    "policy": "the content security policy of the page",
    "integrity": "the hash of the script, on sealed pages",
}
"""Names that templates see, and what each is."""
FILTERS = {
    "time": "a moment or a day as a whole `<time>`: `at|time`, `at|time('full')`, `('clock')`, `('day')`, `('date')`; with `true` a place for \"in 7 minutes\"",
    "window": "from when to when, of anything with `starts` and `ends`",
    "day": "a day as text, such as Tue 24 Nov",
    "duration": "minutes as text, such as 3 h 10 min",
    "html": "a long text (a Text, not a str) as safe HTML; a number gives the level of its headings",
    "icon": "the icon of a look, such as `'warn'|icon`",
    "tag": "a state as colour, shape and word",
    "lang": "the attributes `lang` and `dir` of what people wrote",
    "locale": "a language as Open Graph names it",
    "calendar": "a calendar of one event as an address",
    "safe_url": "an address that people or other systems wrote, as a link that can be followed; `#` where it would run a script",
    "tel": "a telephone number as an address takes it",
    "host": "the host of an address",
    "sealed": "what a sealed page carries",
}
"""Filters beside those of Jinja."""
TOKENS = {
    "paper": "the ground of a page", "surface": "the ground of cards and tickets", "sunk": "the ground of asides in them",
    "ink": "text, and what is done on a line", "muted": "text that steps back", "rule": "thin lines", "edge": "the outline of what is still to come",
    "link": "links and buttons", "focus": "the ring around what the keyboard is at",
    "ok": "working", "warn": "disrupted", "down": "down", "plan": "planned work", "none": "not known", "turn": "your turn",
    "ok-bg": "its ground", "warn-bg": "its ground", "down-bg": "its ground", "plan-bg": "its ground", "none-bg": "its ground", "turn-bg": "its ground",
    "s1": "spaces, from small", "s2": "", "s3": "", "s4": "", "s5": "", "s6": "", "s7": "to large",
    "sans": "the typeface", "mono": "that of numbers of tickets", "r": "the radius of corners", "g": "the ground that an icon is cut out of",
}  # fmt: skip
"""Tokens of the default theme, and what each is for."""

_INTRODUCTION = """\
# Theme reference

Everything that a theme can change and everything that a template can use. This page is made from the program and the default
theme; how to use it is in [Themes](theming.md).
"""
_NAMES = """\
## Names

Beside these, `_('…')` and `{% trans %}` say a message in the language of the page, and Jinja's own `range`, `dict`, `cycler`,
`joiner` and `namespace` are there. Macros see what is everywhere, and what they are given.
"""
_FILTERS = """\
## Filters

Beside [Jinja's](https://jinja.palletsprojects.com/en/stable/templates/#builtin-filters), but for `safe` and `random`:
"""


def reference(theme: Theme, environment: Sandbox) -> str:
    """The manual's list of tokens, templates, names, filters and views, for templates that run in `environment`."""
    parts = [_tokens(theme), _templates(theme), _names(environment), _views()]
    return "\n".join([_INTRODUCTION, *parts])


def _tokens(theme: Theme) -> str:
    by_mode = colours(theme)
    rows = (
        (f"`{name}`", _code(value), _code(by_mode["dark"].get(name, "")) if by_mode["dark"].get(name) != value else "the same", TOKENS.get(name, ""))
        for name, value in by_mode["light"].items()
    )  # fmt: skip
    return "## Tokens\n\n" + _table(("token", "light", "dark", "for"), rows)


def _templates(theme: Theme) -> str:
    kinds = page_views()
    parser, pages, mail, shared, macros = Sandbox(), [], [], [], []
    for name, template in sorted(theme.templates.items()):
        tree = parser.parse(template.text, name)
        blocks = ", ".join(f"`{one.name}`" for one in tree.find_all(nodes.Block))
        if template.is_library:
            called = (f"`{one.name}({', '.join(a.name for a in one.args)})`" for one in tree.find_all(nodes.Macro))
            macros.append((f"`{name}`", ", ".join(called)))
        elif name.startswith("mail/"):
            shown = f"[{MAIL_VIEWS[name].__name__}](#{MAIL_VIEWS[name].__name__.lower()})" if name in MAIL_VIEWS else ""
            mail.append((f"`{name}`", shown, blocks))
        elif name in kinds:
            pages.append((f"`{name}`", f"[{kinds[name].__name__}](#{kinds[name].__name__.lower()})", blocks))
        else:
            shared.append((f"`{name}`", blocks))
    return "\n".join([
        "## Templates\n\nA page's template shows one view, as `page`. Blocks are what `{% extends %}` can change one by one.\n",
        _table(("page", "view", "blocks"), pages),
        "Mail, as HTML and as text, and its two lists of rules: those that are written into each element, and those for small windows and the dark. `start` and `end` are left and right, the other way round in Arabic.\n",
        _table(("mail", "view", "blocks"), mail),
        "Parts of every page:\n",
        _table(("part", "blocks"), shared),
        "Files of macros, which a theme changes one by one as well:\n",
        _table(("file", "macros"), macros),
    ])  # fmt: skip


def _names(environment: Sandbox) -> str:
    everywhere = frozenset(environment.globals)
    pieces = frozenset().union(*PIECES.values())
    rows = [
        (f"`{name}`", NAMES[name], "everywhere" if name in everywhere else "head, top and foot" if name in pieces else "pages")
        for name in NAMES
    ]  # fmt: skip
    own = [(f"`{name}`", said) for name, said in FILTERS.items()]
    return "\n".join([
        _NAMES,
        _table(("name", "what it is", "where"), rows),
        _FILTERS,
        _table(("filter", "what it makes"), own),
    ])  # fmt: skip


def _views() -> str:
    parts = [
        "## Views\n\nWhat `page` holds, and what is in it. All of it is text, numbers, moments and lists: nothing can be called.\n"
    ]
    for kind in views_in([*page_views().values(), *dict.fromkeys(MAIL_VIEWS.values())]):
        hints = get_type_hints(kind)
        said = inspect.cleandoc(kind.__doc__ or "").replace("\n", " ").replace("  ", "\n\n")
        rows = [(f"`{name}`", _said(hints[name]) if name in hints else "text") for name in sorted(members_of(kind))]
        parts.append(f"### {kind.__name__}\n\n{said}\n\n{_table(('field', 'is'), rows)}")
    return "\n".join(parts)


def _said(hint: Any) -> str:
    """A type in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        kinds = [_said(one) for one in inner if one is not type(None)]
        return " or ".join([*kinds, *(["nothing"] if type(None) in inner else [])])
    if origin is tuple:
        return f"list of {_said(inner[0])}" if inner[1:] == (...,) else "several: " + ", ".join(map(_said, inner))
    if origin is not None:
        return "one of " + ", ".join(f"`{one}`" for one in inner) if inner else "text"
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "one of " + ", ".join(f"`{one.value}`" for one in hint)
    plain = {
        str: "text",
        int: "number",
        float: "number",
        bool: "yes or no",
        datetime: "moment",
        date: "day",
        bytes: "bytes",
    }
    return plain.get(hint) or f"[{hint.__name__}](#{hint.__name__.lower()})"


def _code(value: str) -> str:
    return f"`{value}`" if value else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(head)]
    lines += [("---",) * len(lines[0]), *map(tuple, rows)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)

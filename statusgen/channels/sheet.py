"""A welcome sheet to print: one page a person with the address, the code and how to use them, in the person's language.

It stands on paper or in nobody's folder but the service desk's, so it is one file that needs no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from statusgen.views.common import Support
from statusgen.wording import Words

_STYLE = Markup("""
@page{size:A4;margin:20mm}
body{font:12pt/1.45 system-ui,sans-serif;color:#14181d;background:#fff;margin:0 auto;max-width:42em;padding:1em}
section{break-after:page}section:last-child{break-after:auto}
h1{font-size:22pt;line-height:1.15;margin:0 0 .6em}h2{font-size:12pt;margin:1.6em 0 .3em}
dl{border:1.5pt solid #14181d;border-radius:6pt;padding:1em 1.2em;margin:1.4em 0}
dt{font-weight:600}dd{margin:.15em 0 1em}dd:last-child{margin-bottom:0}
dd,bdi{overflow-wrap:anywhere}.code{font:600 17pt/1.5 ui-monospace,monospace;word-spacing:.2em}
.address{font-family:ui-monospace,monospace}ol,ul{padding-inline-start:1.4em}li{margin:.25em 0}.foot{margin-top:2em;font-size:10.5pt}
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What one person is given. `code` None: the address alone opens the page."""

    name: str
    address: str
    code: str | None


def render(sheets: Iterable[tuple[Sheet, Words]], *, title: str, support: Support) -> bytes:
    """All sheets as one HTML file, a printed page each. `title` is the site's."""
    made = [_section(sheet, words, title=title, support=support) for sheet, words in sheets]
    first = made[0][1] if made else "en"
    head = Markup(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{}</title><style>{}</style></head>\n<body>\n'
    ).format(first, title, _STYLE)
    return (head + Markup("\n").join(section for section, _ in made) + Markup("\n</body></html>\n")).encode()


def _section(sheet: Sheet, words: Words, *, title: str, support: Support) -> tuple[Markup, str]:
    language = words.language
    parts = [
        _tag("p", words.label(title, sheet.name) if sheet.name else title),
        _tag("h1", words.say("Your own page: how your requests to IT are doing")),
        _box(sheet, words),
        _tag("h2", words.say("How to open it")),
        _list("ol", _steps(sheet, words)),
        _tag("h2", words.say("What protects it")),
        _list("ul", _protects(sheet, words)),
        Markup('<p class="foot">{}</p>').format(_help(words, support)),
    ]
    body = Markup("\n").join(parts)
    return Markup('<section lang="{}" dir="{}">\n{}\n</section>').format(language, words.direction, body), language


def _tag(name: str, text: str) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(name, text)


def _list(name: str, items: Iterable[str]) -> Markup:
    rows = Markup("\n").join(_tag("li", item) for item in items)
    return Markup("<{0}>\n{1}\n</{0}>").format(name, rows)


def _box(sheet: Sheet, words: Words) -> Markup:
    rows = [(words.say("Address"), sheet.address, "address")]
    if sheet.code:
        rows.append((words.say("Your access code"), sheet.code.replace("-", " "), "code"))
    shown = (
        Markup('<dt>{}</dt><dd class="{}"><bdi dir="ltr">{}</bdi></dd>').format(name, kind, value)
        for name, value, kind in rows
    )
    return Markup("<dl>{}</dl>").format(Markup("\n").join(shown))


def _steps(sheet: Sheet, words: Words) -> list[str]:
    steps = [words.say("Open the address in your browser. The page is there once you have asked something of IT.")]
    if sheet.code:
        steps += [
            words.say("Type the code. Capitals, blanks and hyphens do not matter; there is no 0, 1, 8 or 9 in it."),
            words.say("Let your own device remember the page, and from then on you need no code there."),
        ]
    return [*steps, words.say("Keep the address as a bookmark.")]


def _protects(sheet: Sheet, words: Words) -> list[str]:
    if not sheet.code:
        return [words.say("Whoever has the address can read your page. Pass it on to nobody.")]
    return [
        words.say("What your page says is encrypted. Only your code opens it, and the code never leaves your device."),
        words.say(
            "Whoever has this sheet can read your page. Keep it as you keep a key, and neither photograph nor mail it."
        ),
    ]


def _help(words: Words, support: Support) -> Markup:
    said = words.say(
        "Lost it, or somebody else has seen it? Ask the service desk for a new address and code: the old ones then stop working."
    )
    reach = (Markup('<bdi dir="ltr">{}</bdi>').format(one) for one in (support.phone, support.email) if one)
    return Markup("{} {}").format(said, Markup(" · ").join(reach))

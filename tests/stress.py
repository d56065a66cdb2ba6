"""A site that asks too much: two hundred services, 80-letter words, 120-letter addresses, emoji, titles from right to left."""

from __future__ import annotations

from pathlib import Path

from tests.sites import Site, site

WORD = "DonaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaftX"
ADDRESS = "https://intranet.example.org/" + "a" * 91
EMOJI = "👩🏽‍💻🧑‍🚀🏳️‍🌈 Wi‑Fi ⚠️🔥"
ARABIC = "انقطاع خدمة البريد الإلكتروني في المبنى الرئيسي"
MIXED = f"{ARABIC} {WORD} <b>&amp;</b> \"'`{{{{ 7*7 }}}}"
TITLES = (
    WORD,
    ADDRESS,
    EMOJI,
    ARABIC,
    MIXED,
    "x",
    "Printing is down in the Harbour building and on every floor of Quay 4 but not on Quay 5",
)

_HEAD = """config-version = 1
[site]
title = "{title}"
base-url = "https://status.example.org/it/"
time-zone = "Europe/Amsterdam"
support = {{ email = "desk@example.org", phone = "+31 20 555 0100" }}
"""


def stress(root: Path, *, services: int = 200, language: str = "en") -> Site:
    """The site, not built yet."""
    head = _HEAD.format(title=WORD).replace("[site]", f'[site]\nlanguages = ["{language}"]')
    rows = "".join(
        f'[[services]]\nid = "s{number}"\nname = {_quoted(f"{TITLES[number % 7]} {number}")}\n'
        f'group = {_quoted(TITLES[number // 20 % 7])}\nsince = 2025-01-01\ndepends-on = ["s{(number + 1) % services}"]\n'
        for number in range(services)
    )
    files: dict[str, str | bytes] = {}
    for number, title in enumerate(TITLES * 3):
        files[f"content/incidents/i-{number}.md"] = _incident(number, title)
        files[f"content/planned/c-{number}.md"] = _planned(number, title)
    files["content/pages/words.md"] = (
        f"---\ntitle: {_quoted(MIXED)}\n---\n{WORD}\n\n{ADDRESS}\n\n```\n{WORD * 2}\n```\n"
    )
    files["content/services/s0.md"] = f"---\naudience: {_quoted(WORD)}\nteam: {_quoted(WORD)}\n---\n{ADDRESS}\n"
    return site(root, head + rows, files | {"content/incidents/p-1.md": _incident(99, WORD)})


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _incident(number: int, title: str) -> str:
    """One in three goes on; each touches a service or two."""
    day = 24 - number
    ended = "" if number % 3 == 0 else f"ended: 2026-11-{max(day, 1):02d}T09:30+01:00\n"
    state = ("major_outage", "partial_outage", "degraded_performance")[number % 3]
    return f"""---
title: {_quoted(title)}
services: {{ s{number}: {state}, s{number + 20}: degraded_performance }}
started: 2026-11-{max(day, 1):02d}T08:52+01:00
{ended}next-update: 2026-11-24T{10 + number % 2}:45+01:00
team: {_quoted(WORD)}
audience: {_quoted(MIXED)}
meanwhile: {_quoted(ADDRESS)}
cause: {_quoted(WORD)}
---
## Identified, 2026-11-24 09:20, {WORD}
{MIXED.replace("<", "&lt;")}

{ADDRESS}

## Investigating, 2026-11-24 08:55, {EMOJI}
{WORD} {WORD} {WORD}
"""


def _planned(number: int, title: str) -> str:
    return f"""---
title: {_quoted(title)}
services: [s{number}]
starts: 2026-11-{24 + number % 6:02d}T21:00+01:00
ends: 2026-11-{25 + number % 6:02d}T23:00+01:00
team: {_quoted(WORD)}
expected: {_quoted(MIXED)}
---
## Scheduled, 2026-11-16 10:00, {WORD}
{WORD}
"""

"""The words by which a feed tells a stage: in a title, in a category, or at the beginning of a line. Nothing is guessed.

"[Resolved] Mail is late", "Mail is late - Resolved", "Status: Identified" and a line that begins with "Monitoring -" tell one;
a sentence in which such a word merely occurs does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from html import unescape

from statusgen.sources.common import BadRecordError, Times
from statusgen.sources.loose import folded
from statusgen.sources.stages import INCIDENT_STAGES

_WORDS: Mapping[str, tuple[str, ...]] = {
    "investigating": (
        "investigating", "under investigation", "ongoing", "onderzoek", "in onderzoek", "wordt onderzocht", "storing",
        "wird untersucht", "untersuchung", "en cours d'analyse", "investigando", "en investigación",
    ),
    "identified": (
        "identified", "cause found", "oorzaak gevonden", "geïdentificeerd", "identifiziert", "ursache gefunden",
        "identifié", "identificado",
    ),
    "monitoring": (
        "monitoring", "watching", "observing", "recovering", "gemonitord", "wordt gemonitord", "in de gaten", "wird beobachtet",
        "beobachtung", "surveillance", "en surveillance", "monitoreando", "en observación",
    ),
    "resolved": (
        "resolved", "solved", "fixed", "closed", "restored", "recovered", "opgelost", "verholpen", "hersteld", "gelöst", "behoben",
        "résolu", "résolue", "resuelto", "resuelta",
    ),
    "postmortem": ("postmortem", "post-mortem", "root cause analysis", "rca"),
    "scheduled": (
        "scheduled", "planned", "upcoming", "scheduled maintenance", "planned maintenance", "maintenance", "gepland",
        "gepland onderhoud", "onderhoud", "geplant", "geplante wartung", "wartung", "maintenance planifiée", "planifié",
        "mantenimiento programado", "mantenimiento", "programado",
    ),
    "in_progress": (
        "in progress", "maintenance in progress", "started", "underway", "bezig", "in uitvoering", "läuft", "in arbeit",
        "en cours", "en curso",
    ),
    "verifying": ("verifying", "wordt gecontroleerd", "wird überprüft", "vérification", "verificando"),
    "completed": (
        "completed", "maintenance completed", "done", "finished", "voltooid", "afgerond", "abgeschlossen", "terminé", "terminée",
        "completado", "finalizado",
    ),
    "": ("update", "bijgewerkt", "aktualisierung", "mise à jour", "actualización"),
    "cancelled": ("cancelled", "canceled", "geannuleerd", "vervallen", "abgesagt", "annulé", "annulée", "cancelado"),
}  # fmt: skip
_STAGE = {said: stage for stage, words in _WORDS.items() for said in words}
_LONG_FIRST = "|".join(re.escape(one) for one in sorted(_STAGE, key=len, reverse=True))
_LINE_ONLY = frozenset(
    {
        "ongoing",
        "closed",
        "maintenance",
        "onderhoud",
        "wartung",
        "mantenimiento",
        "storing",
        "done",
    }
)
"""Words that begin a line of prose or a title often enough to tell nothing there without a sign around them."""

_BRACKETED = re.compile(rf"[\[(【]\s*(?P<word>{_LONG_FIRST})\s*[\])】]\s*[:–—-]?\s*", re.IGNORECASE)
_LEADING = re.compile(rf"\W{{0,3}}(?P<word>{_LONG_FIRST})\s*(?:[:|–—]|\s-\s)\s*", re.IGNORECASE)
_TRAILING = re.compile(rf"\s*(?:[:|–—]|\s-\s)\s*(?P<word>{_LONG_FIRST})\W{{0,3}}\Z", re.IGNORECASE)
_WHOLE = re.compile(rf"\W{{0,3}}(?P<word>{_LONG_FIRST})\W{{0,3}}\Z", re.IGNORECASE)
_LINE = re.compile(
    rf"(?:(?:current )?(?:status|state|stage|stand|état|estado)\s*[:=]\s*)?[\[(]?(?P<word>{_LONG_FIRST})[\])]?\s*(?:[:–—]|-\s|\Z)",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"</?(?:p|br|div|li|ul|ol|tr|td|h[1-6]|strong|b|small|span)\b[^<>]{0,2000}>", re.IGNORECASE)
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<clock>\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(?P<zone>Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d)?"
)
_MOST_LOOKED_AT = 20_000

OF_INCIDENTS = frozenset({"investigating", "identified", "monitoring", "resolved", "postmortem"})
"""Stages that tell of a disturbance."""


def known(word: str) -> str:
    """Our stage for a word that stands for one, or ""."""
    plain = folded(word).replace("_", " ")
    return _STAGE.get(plain) or _STAGE.get(plain.replace(" ", "-")) or INCIDENT_STAGES.get(folded(word), "")


def of_title(title: str) -> tuple[str, str]:
    """A title without its stage, and the stage; the title as it is, and "", where it tells none."""
    bracketed = _BRACKETED.search(title)
    found = bracketed or _LEADING.match(title) or _TRAILING.search(title)
    if found:
        rest = f"{title[: found.start()]} {title[found.end() :]}".strip()
        return rest or title, _stage(found)
    whole = _WHOLE.match(title)
    return title, _stage(whole) if whole else ""


def _stage(found: re.Match[str]) -> str:
    return _STAGE.get(found["word"].casefold(), "")  # re takes a dotless i for an i, casefold does not


def of_words(words: Iterable[str]) -> str:
    """The stage of the first word, such as a category, that is one."""
    return next((stage for word in words if (stage := known(word)) and word.casefold() not in _LINE_ONLY), "")


def of_lines(lines: Iterable[str]) -> str:
    """The stage that lines tell which begin with one: over where any says so, else the first, because feeds tell the newest first."""
    told = [
        stage for line in lines if (found := _LINE.match(line)) and not _is_prose(found) and (stage := _stage(found))
    ]
    return next((stage for stage in told if stage in {"resolved", "completed", "cancelled"}), told[0] if told else "")


def _is_prose(found: re.Match[str]) -> bool:
    return found["word"].casefold() in _LINE_ONLY and found.start("word") == 0


def lines(html: str) -> Iterator[str]:
    """The lines of a text, without tags."""
    plain = unescape(_TAG.sub("", _BREAK.sub("\n", html[:_MOST_LOOKED_AT])))
    for line in plain.split("\n"):
        if line := line.strip():
            yield line


def window(html: str, times: Times) -> tuple[datetime, datetime] | None:
    """The window of planned work, where the text holds two moments in ISO 8601 and no third."""
    plain = _TAG.sub(" ", html[:_MOST_LOOKED_AT])
    try:
        moments = [times.read(_iso(found)) for found in _MOMENT.finditer(plain)]
    except BadRecordError:
        return None
    starts, ends = moments if len(moments) == 2 else (None, None)
    return (starts, ends) if starts and ends and starts < ends else None


def _iso(found: re.Match[str]) -> str:
    zone = (found["zone"] or "").replace("UTC", "Z").replace("GMT", "Z")
    return f"{found['day']}T{found['clock']}{zone}"

"""The text of files that people write by hand: a new one to fill in, an update added to one, and one that says what is known. Pure.

`incident`, `planned` and `service` are the inverse of `sources.content`: what they write is read back as the same facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, Service, ServiceState, Update

_HEADING = re.compile(r"^##[ \t].*?\d{4}-\d\d-\d\d.*$", re.MULTILINE)
_FENCE_END = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*\r?\n", re.DOTALL | re.MULTILINE)
_OVER = frozenset({IncidentStage.RESOLVED.value, IncidentStage.POSTMORTEM.value})
_AT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d{1,2}):(\d\d)")


def new(kind: str, *, title: str, now: datetime, services: tuple[str, ...], zone: ZoneInfo) -> str:
    """A file of this kind (incident, planned, service), ready to fill in. Times are written in `zone`."""
    local = now.astimezone(zone).replace(second=0, microsecond=0)
    if kind == "service":
        return f"---\nname: {_text(title)}\naudience: Everyone\nteam: \n---\nWhat it is for, in a sentence or two.\n"
    if kind == "planned":
        starts = (local + timedelta(days=7)).replace(hour=21, minute=0)
        head = [
            f"title: {_text(title)}",
            f"services: [{', '.join(services)}]",
            f"starts: {starts.isoformat(timespec='minutes')}",
            f"ends: {(starts + timedelta(hours=2)).isoformat(timespec='minutes')}",
            "# repeats: FREQ=WEEKLY   # if it comes again",
            f"published: {local.isoformat(timespec='minutes')}",
            "team: ",
            "expected: ",
        ]
        return _file(head, f"## Scheduled, {_moment(local)}\nWhat people will notice, and what to do before.\n")
    touched = ", ".join(f"{service}: degraded_performance" for service in services)
    head = [
        f"title: {_text(title)}",
        f"services: {{ {touched} }}   # or partial_outage, major_outage"
        if touched
        else "services: {}   # such as { mail: degraded_performance }",
        f"started: {local.isoformat(timespec='minutes')}",
        f"next-update: {(local + timedelta(hours=1)).isoformat(timespec='minutes')}",
        "team: ",
        "audience: ",
        "meanwhile: ",
    ]
    return _file(head, f"## Investigating, {_moment(local)}\nWhat people notice, and who looks at it.\n")


def add_update(existing: str, *, stage: str, at: datetime, author: str, body: str) -> str:
    """The file with one more update, where its newest stands: at the top, or at the bottom of a file that runs that way.

    `stage` may be empty: the stage before stays. `at` is written as it is, in its own zone.
    """
    word = stage.replace("_", " ").capitalize() if stage else "Update"
    section = (
        f"## {', '.join(part for part in (word, _moment(at), ' '.join(author.split())) if part)}\n{_escaped(body)}\n"
    )
    begin = _FENCE_END.match(existing)
    start = begin.end() if begin else 0
    headings = list(_HEADING.finditer(existing, start))
    if len(headings) > 1 and _time(headings[0][0]) < _time(headings[-1][0]):
        return f"{existing.rstrip()}\n\n{section}"
    place = headings[0].start() if headings else len(existing)
    before, after = existing[:place].rstrip("\n"), existing[place:].lstrip("\n")
    gap = "\n" if not headings or place == start or not existing[start:place].strip() else "\n\n"
    return f"{before}{gap}{section}\n{after}" if after else f"{before}\n{section}"


def incident(one: Incident, name: str, zone: ZoneInfo, *, first: str) -> dict[str, str]:
    """The file of an incident under the name `name` (.md), by language: "" is the file, "nl" its translation (name.nl.md).

    Its texts are Markdown without a heading of the second level, and its updates have their stages. Times are in `zone`, exact.
    The file is in the first language of the title; it says so where that is not the `first` of the site.
    """
    main = next(iter(one.title), "")
    head = [*_named(one.id, name), *_spoken(main, first), *_by_language("title", one.title, main)]
    head += [*_states(one.services), f"started: {_stamp(one.started_at, zone)}"]
    if one.ended_at and not _tells_its_end(one):
        head.append(f"ended: {_stamp(one.ended_at, zone)}")
    if one.next_update_at:
        head.append(f"next-update: {_stamp(one.next_update_at, zone)}")
    head += ["notice: true"] if one.notice else []
    head += [*_around(one, main), *_by_language("cause", one.cause, main)]
    return _with_updates(head, one.updates, zone)


def planned(one: PlannedWork, name: str, zone: ZoneInfo, *, first: str) -> dict[str, str]:
    """The file of planned work that does not come again, as `incident`."""
    main = next(iter(one.title), "")
    services = ", ".join(map(_flow, one.services))
    head = [*_named(one.id, name), *_spoken(main, first), *_by_language("title", one.title, main)]
    head += [f"services: [{services}]"] if services else []
    head += [f"starts: {_stamp(one.starts_at, zone)}", f"ends: {_stamp(one.ends_at, zone)}"]
    if one.published_at:
        head.append(f"published: {_stamp(one.published_at, zone)}")
    told = one.updates[-1].stage if one.updates else ""
    head += ["cancelled: true"] if one.stage is PlannedStage.CANCELLED != told else []
    head += [*_around(one, main), *_by_language("expected", one.expected, main)]
    return _with_updates(head, one.updates, zone)


def service(one: Service, name: str, *, first: str) -> dict[str, str]:
    """The file of a service, as `incident`. Its texts are Markdown; its aliases belong into statusgen.toml."""
    main = next(iter(one.name or one.text), "")
    head = [*_named(one.id, name), *_spoken(main, first)]
    head += [*_by_language("name", one.name, main), *_by_language("group", one.group, main)]
    head += [f"since: {one.since.isoformat()}"] if one.since else []
    head += [f"team: {_text(one.team)}"] if one.team else []
    head += _by_language("audience", one.audience, main)
    head += [f"depends-on: [{', '.join(map(_flow, one.needs))}]"] if one.needs else []
    bodies = {"" if language == main else language: _whole(text.body) for language, text in one.text.items()}
    body = bodies.pop("", "")
    return {"": _file(head, body) if head else body, **bodies}


def _whole(body: str) -> str:
    """A text that is a file of its own, or follows front matter: it must not look like front matter."""
    return f"\n{body}\n" if body.startswith("---") else f"{body}\n" if body else ""


def _named(identifier: str, name: str) -> list[str]:
    return [] if identifier == name else [f"id: {_text(identifier)}"]


def _spoken(main: str, first: str) -> list[str]:
    return [f"language: {_text(main)}"] if main not in {"", first} else []


def _by_language(key: str, texts: Mapping[str, str], main: str) -> list[str]:
    """The text in the language of the file, and those in others."""
    return [
        f"{key if language in {'', main} else f'{key}.{language}'}: {_text(said)}" for language, said in texts.items()
    ]


def _states(services: Mapping[str, ServiceState]) -> list[str]:
    touched = ", ".join(f"{_flow(service)}: {state}" for service, state in services.items())
    return [f"services: {{ {touched} }}"] if touched else []


def _around(one: Incident | PlannedWork, main: str) -> Iterator[str]:
    for key in ("team", "url"):
        if value := getattr(one, key):
            yield f"{key}: {_text(value)}"
    yield from _by_language("audience", one.audience, main)
    yield from _by_language("meanwhile", one.meanwhile, main)


def _tells_its_end(one: Incident) -> bool:
    """Whether the last update says that it is over, and none before it does."""
    over = [update.at for update in one.updates if update.stage in _OVER]
    return over == [one.ended_at] and one.updates[-1].stage in _OVER


def _with_updates(head: list[str], updates: tuple[Update, ...], zone: ZoneInfo) -> dict[str, str]:
    """The file, and its translations, newest update first: there a reader looks. Of updates of one time the order tells, so they stay."""
    is_dated = bool(updates) and updates[0].at < updates[-1].at
    stages = [update.stage for update in updates]
    told = [
        (_heading(update, zone, again=stage == before), update)
        for update, stage, before in zip(updates, stages, ["", *stages], strict=False)
    ]
    ordered = told[::-1] if is_dated else told
    body = "\n".join(_section(heading, update.text.body) for heading, update in ordered)
    languages = sorted({language for update in updates for language in update.translations})
    others = {
        language: "\n".join(
            _section(heading, update.translations[language].body)
            for heading, update in ordered
            if language in update.translations
        )
        for language in languages
    }
    return {"": _file(head, body), **others}


def _heading(update: Update, zone: ZoneInfo, *, again: bool) -> str:
    """`again`: the stage is that of the update before, which a reader of the file knows."""
    word = "Update" if again or not update.stage else update.stage.replace("_", " ").capitalize()
    author = f"{update.author} #" if update.author.endswith("#") else update.author  # closing signs are no part of it
    return ", ".join(part for part in (word, _stamp(update.at, zone).replace("T", " "), author) if part)


def _section(heading: str, body: str) -> str:
    text = _escaped(body)
    return f"## {heading}\n{text}\n" if text else f"## {heading}\n"


def _stamp(at: datetime, zone: ZoneInfo) -> str:
    """A moment in `zone`, with its offset and no finer than it is."""
    local = at.astimezone(zone)
    if local.astimezone(UTC) != at:  # cannot be said in this zone
        local = at.astimezone(UTC)
    return local.isoformat(timespec="auto" if local.second or local.microsecond else "minutes")


def _file(head: list[str], body: str) -> str:
    return "---\n" + "\n".join(head) + "\n---\n" + body


def _text(title: str) -> str:
    """A text as YAML: in quotes where it could be read as something else."""
    plain = re.fullmatch(r"[A-Za-z](?:[A-Za-z0-9 ,.'()/-]*[A-Za-z0-9,.'()/-])?", title)
    is_word = title.casefold() in {"true", "false", "null", "yes", "no"}
    return title if plain and not is_word else '"' + "".join(map(_quoted, title)) + '"'


def _flow(word: str) -> str:
    """A word inside a list or a table of YAML."""
    return word if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", word) and _text(word) == word else _in_quotes(word)


def _in_quotes(text: str) -> str:
    return '"' + "".join(map(_quoted, text)) + '"'


def _quoted(letter: str) -> str:
    """A letter between YAML's double quotes."""
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")


def _time(heading: str) -> tuple[str, int, str]:
    found = _AT.search(heading)
    return (found[1], int(found[2]), found[3]) if found else ("", 0, "")


def _escaped(body: str) -> str:
    """A line of an update must not begin another, and code that is not closed must not swallow those below."""
    pieces, opened, end = [], "", 0
    text = body.strip()
    for fence in re.finditer(r"^(?:```|~~~)", text, re.MULTILINE):
        if opened and fence[0] != opened:
            continue
        piece = text[end : fence.start()]
        pieces.append(piece if opened else _without_headings(piece))
        opened, end = ("" if opened else fence[0]), fence.start()
    pieces.append(text[end:] if opened else _without_headings(text[end:]))
    return "".join(pieces) + (f"\n{opened}" if opened else "")


def _without_headings(text: str) -> str:
    return re.sub(r"^(##[ \t])", r"\\\1", text, flags=re.MULTILINE)

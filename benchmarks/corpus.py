"""One deterministic corpus for every generator: incidents of about 870 bytes of Markdown, and a ticket export.

The same incidents can be written as a cState site (which we read) and as a lean Hugo site (which Hugo builds).
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOW = datetime(2025, 12, 1, tzinfo=UTC)
SYSTEMS = (
    "Email",
    "VPN",
    "Payroll",
    "Ticket Portal",
    "File Shares",
    "Printing",
    "Database",
    "Search",
    "Single Sign-On",
    "Wiki",
    "CRM",
    "Backup",
    "Telephony",
    "Badge Access",
    "Website",
    "API",
    "Media Proxy",
    "Gateway",
    "DNS",
    "CDN",
    "Build Farm",
    "Git Hosting",
    "Chat",
    "Video Calls",
    "Calendar",
    "ERP",
    "Warehouse Scanners",
    "Time Tracking",
    "Expense Claims",
    "Intranet",
)
_VERBS = ["investigating", "identified", "monitoring", "escalated", "mitigated", "restored", "deployed", "throttled"]
_THINGS = [
    "login",
    "mail-relay",
    "VPN-gateway",
    "payroll-export",
    "ticket-portal",
    "file-share",
    "print-queue",
    "search-index",
    "wiki",
    "CRM-sync",
]
_PLACES = (
    "the Amsterdam office",
    "the Utrecht office",
    "all locations",
    "home workers",
    "the warehouse",
    "finance users",
)
_STAGES = ("Investigating", "Identified", "Resolved")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchIncident:
    number: int
    title: str
    start: datetime
    end: datetime
    severity: str
    systems: tuple[str, ...]
    updates: tuple[tuple[datetime, str, str], ...]


def incidents(count: int, seed: int = 7) -> list[BenchIncident]:
    """`count` incidents spread over three years before NOW; the last five are a minute from their end."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        start = NOW - timedelta(seconds=int(3 * 365 * 86400 * (count - number) / count))
        length = timedelta(seconds=int(draw.lognormvariate(8.3, 1.0)))
        said = tuple((start + length * step / 2, stage, _paragraph(draw)) for step, stage in enumerate(_STAGES))
        made.append(
            BenchIncident(
                number=number,
                title=f"{draw.choice(_THINGS).replace('-', ' ').title()} problem for {draw.choice(_PLACES)} {number}",
                start=start,
                end=start + length,
                severity=draw.choices(["notice", "disrupted", "down"], [3, 5, 2])[0],
                systems=tuple(draw.sample(SYSTEMS, draw.choices([1, 2, 3], [7, 2, 1])[0])),
                updates=said,
            )
        )
    return made


def _paragraph(draw: random.Random) -> str:
    return (
        f"We have {draw.choice(_VERBS)} the **{draw.choice(_THINGS)}** for {draw.choice(_PLACES)}; requests that were "
        f"`{draw.choice(_THINGS)}` related may be slow, see [the notes](https://example.com/kb/{draw.randrange(9999)}) for details."
    )


def write_cstate(folder: Path, made: list[BenchIncident]) -> None:
    """The incidents as a cState site: config.yml and content/issues/*.md."""
    issues = folder / "content" / "issues"
    issues.mkdir(parents=True)
    systems = "".join(f"    - name: {name}\n      category: Services\n" for name in SYSTEMS)
    (folder / "config.yml").write_text(
        f"title: Bench\nparams:\n  categories:\n    - name: Services\n  systems:\n{systems}", "utf-8"
    )
    for one in made:
        body = "\n\n".join(f"*{stage}* - {text}" for _, stage, text in reversed(one.updates))
        head = _front_matter(one, resolved="resolvedWhen: " + f"{one.end:%Y-%m-%d %H:%M:%S}+00:00\n")
        (issues / f"{one.start:%Y-%m-%d}-inc-{one.number:06d}.md").write_text(
            f"{head}section: issue\n---\n{body}\n", "utf-8"
        )


def write_hugo(folder: Path, made: list[BenchIncident]) -> None:
    """The incidents as a lean Hugo site: a page each, lists of 25, a feed of 20 for each system, no theme."""
    for name in ("content/issues", "layouts/_default"):
        (folder / name).mkdir(parents=True)
    (folder / "hugo.yaml").write_text(
        "baseURL: https://example.com/\ntitle: Status\ntaxonomies: {affected: affected}\npagination: {pagerSize: 25}\n"
        "services: {rss: {limit: 20}}\ndisableKinds: ['404']\n"
        "outputs: {home: [html, rss], section: [html, rss], term: [html, rss], taxonomy: [html], page: [html]}\n",
        "utf-8",
    )
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>{{ .Title }} - {{ site.Title }}</title><link rel="stylesheet" href="/style.css">{{ with .OutputFormats.Get "RSS" }}'
        '<link rel="alternate" type="application/rss+xml" href="{{ .Permalink }}">{{ end }}</head><body><header><nav>'
        '<a href="/">Status</a> <a href="/issues/">History</a></nav></header><main>'
    )
    foot = "</main><footer><p>Times in UTC.</p></footer></body></html>"
    (folder / "layouts/_default/single.html").write_text(
        head
        + '<article><h1>{{ .Title }}</h1><p><time>{{ .Date.Format "January 2, 2006 at 15:04" }}</time> {{ .Params.severity }}</p>'
        '<ul>{{ range .Params.affected }}<li><a href="/affected/{{ . | urlize }}/">{{ . }}</a></li>{{ end }}</ul>{{ .Content }}</article>'
        + foot,
        "utf-8",
    )
    (folder / "layouts/_default/list.html").write_text(
        head
        + '<h1>{{ .Title }}</h1>{{ $p := .Paginate .Pages }}<ul>{{ range $p.Pages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a> '
        '<time>{{ .Date.Format "January 2, 2006 at 15:04" }}</time> {{ .Params.severity }}<p>{{ .Summary }}</p></li>{{ end }}</ul>'
        '{{ if $p.HasPrev }}<a href="{{ $p.Prev.URL }}">newer</a>{{ end }}{{ if $p.HasNext }}<a href="{{ $p.Next.URL }}">older</a>{{ end }}'
        + foot,
        "utf-8",
    )
    for one in made:
        body = "\n\n".join(f"*{stage}* - {text} ({at:%Y-%m-%d %H:%M})" for at, stage, text in reversed(one.updates))
        text = f"{_front_matter(one, resolved='')}---\n{body}\n"
        (folder / f"content/issues/inc-{one.number:06d}.md").write_text(text, "utf-8")


def _front_matter(one: BenchIncident, *, resolved: str) -> str:
    affected = "".join(f"  - {name}\n" for name in one.systems)
    return (
        f'---\ntitle: "{one.title}"\ndate: {one.start:%Y-%m-%dT%H:%M:%S}+00:00\nresolved: true\n{resolved}'
        f"severity: {one.severity}\naffected:\n{affected}"
    )


def write_tickets(path: Path, count: int, people: int, seed: int = 11) -> None:
    """A ticket export, one row a ticket, of `people` requesters; a sixth of the tickets are open."""
    draw = random.Random(seed)
    states = ("New", "Active", "Awaiting user", "Resolved")
    with path.open("w", newline="", encoding="utf-8") as out:
        write = csv.writer(out).writerow
        write(["number", "caller", "subject", "state", "category", "group", "opened", "updated", "resolved"])
        for number in range(count):
            opened = NOW - timedelta(minutes=draw.randrange(60, 60 * 24 * 90))
            state = draw.choices(states, [5, 7, 5, 83])[0]
            done = opened + timedelta(hours=draw.randrange(1, 90)) if state == "Resolved" else None
            write([
                f"INC{number:07d}", f"person-{draw.randrange(people)}", f"{draw.choice(_THINGS)} does not work at {draw.choice(_PLACES)}", state,
                draw.choice(SYSTEMS), f"Group {draw.randrange(40)}", opened.isoformat(), (done or opened).isoformat(), done.isoformat() if done else "",
            ])  # fmt: skip

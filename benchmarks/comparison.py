"""The same incidents through us and through cState: what each site weighs, says and breaks. Prints docs/comparison.md's tables.

    python benchmarks/comparison.py --incidents DIR --theme DIR --hugo PATH

`--incidents` is a cState site (with config.yml and content/issues), `--theme` a checkout of the cState theme, `--hugo` a Hugo that
still builds it (0.111). Needs Chromium. Everything is served on loopback; nothing is fetched from anywhere else.
"""

from __future__ import annotations

import argparse
import gzip
import http.server
import json
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import feedparser
from build import STATUSGEN, measure, wipe

NOW = "2026-06-10T09:00:00Z"
OURS = """config-version = 1
site = { title = "Jenkins status", base-url = "https://status.example.org/", content = "none" }
[[sources]]
name = "jenkins"
kind = "cstate"
path = "site"
"""
QUOTED = """---
title: 'Login says "try again" & fails'
date: 2026-06-09 10:00:00
resolved: true
resolvedWhen: 2026-06-09 11:00:00
severity: disrupted
affected:
  - ci.jenkins.io
section: issue
---
Body.
"""
FUTURE = """---
title: Far away maintenance
date: 2099-01-01 10:00:00
resolved: false
severity: notice
affected:
  - ci.jenkins.io
section: issue
---
Body.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one site comes to, in the order of the table."""

    first_build: str
    later_build: str
    files: int
    megabytes: float
    services: int
    home_packed: str
    home_requests: int
    third_party: int
    home_links_without_name: int
    home_tab_stops: int
    axe_light: str
    axe_dark: str
    states_without_javascript: str
    json_invalid: str
    json_invalid_after_a_quote: str
    feeds_not_wellformed: str
    home_feed_kb: str
    calendars: int
    pages_with_open_graph: str
    window_in_2099_shows_today: str


NAMES = {
    "first_build": "Build, CPU seconds",
    "later_build": "Build again, nothing new",
    "files": "Files",
    "megabytes": "MB in all",
    "services": "Services on the home page",
    "home_packed": "Home page with all that it loads, packed",
    "home_requests": "Requests for it",
    "third_party": "of which to other sites",
    "home_links_without_name": "Links on it without a name",
    "home_tab_stops": "Tab stops on it, per service",
    "axe_light": "axe, light: rules broken / places, not decided",
    "axe_dark": "axe, dark",
    "states_without_javascript": "Services whose state and 90 days can be seen without JavaScript",
    "json_invalid": "JSON files that do not parse",
    "json_invalid_after_a_quote": "the same after an incident with a quote in its title",
    "feeds_not_wellformed": "Feeds that do not parse, or break a rule of their form",
    "home_feed_kb": "Feed of the whole site, kB",
    "calendars": "Calendars to subscribe to",
    "pages_with_open_graph": "Pages with a preview (og:image)",
    "window_in_2099_shows_today": "A window in 2099 changes what is shown now",
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def incidents_in(folder: Path, given: Path) -> Path:
    """A copy of the given cState site."""
    shutil.copytree(given, folder, ignore=shutil.ignore_patterns("public", "resources", "themes"))
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


class Ours:
    """statusgen, reading the site as it is."""

    name = "statusgen"

    def __init__(self, work: Path, given: Path) -> None:
        self.root = work / "ours"
        self.root.mkdir()
        self.source = incidents_in(self.root / "site", given)
        (self.root / "statusgen.toml").write_text(OURS, "utf-8")
        self.output = self.root / "output"

    def command(self) -> list[str]:
        return [str(STATUSGEN), "-C", str(self.root), "--now", NOW, "build"]

    def wipe(self) -> None:
        wipe(self.root)

    def services(self, page: str) -> int:
        return len(re.findall(r'<svg class="gauge"', page))

    def state_of(self, page: str) -> str:
        tag = re.search(r'>ci\.jenkins\.io</a>\s*<span class="tag \w+">(.*?)</span>', page, re.DOTALL)
        return re.sub("<[^>]+>", "", tag[1]).strip() if tag else "?"


class CState:
    """Hugo with the cState theme."""

    name = "cState 6"

    def __init__(self, work: Path, given: Path, theme: Path, hugo: str) -> None:
        self.root = work / "cstate"
        self.source = incidents_in(self.root, given)
        (self.root / "themes").mkdir()
        (self.root / "themes" / "cstate").symlink_to(theme.resolve())
        config = self.root / "config.yml"
        text = config.read_text("utf-8").replace("enableGitInfo: true", "enableGitInfo: false")
        config.write_text(text, "utf-8")
        self.output = self.root / "public"
        self._hugo = hugo

    def command(self) -> list[str]:
        # cState leaves out what is dated ahead unless it is told otherwise; its own docs say to use it for planned work
        return [self._hugo, "-s", str(self.root), "--quiet", "--buildFuture"]

    def wipe(self) -> None:
        wipe(self.root)

    def services(self, page: str) -> int:
        return len(re.findall(r'class="component" id=', page))

    def state_of(self, page: str) -> str:
        row = re.search(r'id="system-ci\.jenkins\.io"\s+data-status="(\w+)"', page)
        return row[1] if row else "?"


def invalid_json(output: Path) -> str:
    files = [*output.rglob("*.json")]
    bad = 0
    for path in files:
        try:
            json.loads(path.read_text("utf-8"))
        except ValueError:
            bad += 1
    return f"{bad} of {len(files)}"


def bad_feeds(output: Path) -> str:
    files = [path for path in output.rglob("*") if path.suffix in {".rss", ".atom"} or path.name == "index.xml"]
    bad = sum(not _is_sound(path) for path in files)
    return f"{bad} of {len(files)}"


def _is_sound(path: Path) -> bool:
    """It parses, names itself, and every entry has an absolute id and link; what is no element of RSS 2.0 stands in a namespace."""
    read = feedparser.parse(path.read_bytes())
    if read.bozo or not any(link.get("rel") == "self" for link in read.feed.get("links", [])):
        return False
    text = path.read_text("utf-8")
    if "<rss" in text and re.search(r"<(content|updated|link rel)[ >]", text):
        return False
    return all(str(entry.get("id", "")).startswith(("http", "urn:", "tag:")) for entry in read.entries)


def look(browser: Any, url: str, scheme: str) -> dict[str, Any]:
    """The home page as a browser has it."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - heavy

    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(url) else route.abort())
    page.goto(url, wait_until="networkidle")
    result = Axe().run(page).response
    nameless = page.evaluate(
        "[...document.querySelectorAll('a')].filter(a => !(a.textContent.trim() || a.getAttribute('aria-label') || a.title)).length"
    )
    stops = page.evaluate("[...document.querySelectorAll('a[href],button,input,summary,[tabindex=\"0\"]')].length")
    context.close()
    broken, places = len(result["violations"]), sum(len(one["nodes"]) for one in result["violations"])
    return {
        "asked": [one for one in asked if not one.startswith("data:")],
        "axe": f"{broken} / {places}, {len(result['incomplete'])}",
        "nameless": nameless,
        "stops": stops,
    }


def packed(output: Path, url: str, asked: list[str]) -> str:
    size = 0
    for one in asked:
        path = output / one.removeprefix(url).split("?")[0] if one.startswith(url) else output / "nowhere"
        path = path / "index.html" if path.is_dir() else path
        size += len(gzip.compress(path.read_bytes(), 9)) if path.is_file() else 0
    return f"{size / 1000:.1f} kB"


def shown_without_script(page: str, services: int) -> str:
    gauges = len(re.findall(r'<svg class="gauge"|class="component-bar', page))
    states = len(re.findall(r'</a>\s*<span class="tag|class="component-status"', page))
    return f"{min(states, services)} and {min(gauges, services)} of {services}"


def figures(site: Any, browser: Any) -> Figures:
    site.wipe()
    first, later = measure(site.command()), measure(site.command())
    output = site.output
    files = [path for path in output.rglob("*") if path.is_file()]
    with served(output) as url:
        light, dark = look(browser, url, "light"), look(browser, url, "dark")
        weight = packed(output, url, light["asked"])
    home = (output / "index.html").read_text("utf-8")
    services = site.services(home)
    html = [path for path in files if path.suffix == ".html"]
    preview = sum("og:image" in path.read_text("utf-8") for path in html)
    feed = next(path for name in ("feed.rss", "index.xml") if (path := output / name).is_file())
    told = invalid_json(output)
    made: dict[str, Any] = {
        "files": len(files),
        "megabytes": round(sum(path.stat().st_size for path in files) / 1e6, 1),
        "json_invalid": told,
        "feeds_not_wellformed": bad_feeds(output),
        "home_feed_kb": f"{feed.stat().st_size / 1000:.0f}",
        "calendars": len([path for path in files if path.suffix == ".ics"]),
        "pages_with_open_graph": f"{preview} of {len(html)}",
        "states_without_javascript": shown_without_script(home, services),
        "services": services,
    }
    (site.source / "content" / "issues" / "2026-06-09-quoted.md").write_text(QUOTED, "utf-8")
    measure(site.command())
    after_quote = invalid_json(output)
    before = site.state_of((output / "index.html").read_text("utf-8"))
    (site.source / "content" / "issues" / "2099-01-01-future.md").write_text(FUTURE, "utf-8")
    measure(site.command())
    after = site.state_of((output / "index.html").read_text("utf-8"))
    return Figures(
        first_build=f"{first.cpu:.1f} s, {first.memory:.0f} MB",
        later_build=f"{later.cpu:.1f} s",
        home_packed=weight,
        home_requests=len(light["asked"]),
        third_party=sum(not one.startswith("http://127.0.0.1") for one in light["asked"]),
        home_links_without_name=light["nameless"],
        home_tab_stops=round(light["stops"] / services, 1),
        axe_light=light["axe"],
        axe_dark=dark["axe"],
        json_invalid_after_a_quote=after_quote,
        window_in_2099_shows_today="no" if before == after else f"yes: {before} becomes {after}",
        **made,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", required=True, help="a cState site")
    parser.add_argument("--theme", required=True, help="a checkout of the cState theme")
    parser.add_argument("--hugo", default="hugo", help="a Hugo binary")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="a Chromium binary")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - heavy

    given = Path(options.incidents)
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="statusgen-compare-", dir=place) as folder, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=options.chromium, args=["--no-sandbox", "--disable-gpu"])
        sites = [Ours(Path(folder), given), CState(Path(folder), given, Path(options.theme), options.hugo)]
        found = [figures(site, browser) for site in sites]
        browser.close()
    print(f"| {len([*(given / 'content' / 'issues').glob('*.md')])} incidents | {' | '.join(s.name for s in sites)} |")
    print("|---|---|---|")
    for field in fields(Figures):
        print(f"| {NAMES[field.name]} | {' | '.join(str(getattr(one, field.name)) for one in found)} |")


if __name__ == "__main__":
    main()

"""The gates that every page passes in a real Chromium, on three sites: the demo, Jenkins' 297 incidents, and one that asks too much.

One page of each kind; what needs no browser is asked of every page.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import html5lib
import pytest

from tests.browsers import built, served
from tests.paths import PROJECT, SHARED
from tests.stress import stress

pytestmark = pytest.mark.browser

JENKINS = SHARED / "status-pages" / "jenkins-infra-status"
JENKINS_TOML = f"""config-version = 1
site = {{ title = "Jenkins status", base-url = "https://status.example.org/", content = "none", time-zone = "UTC" }}
[[sources]]
name = "jenkins"
kind = "cstate"
path = "{JENKINS}"
"""
RELATIVE = re.compile(
    r"\b(today|tonight|yesterday|tomorrow|ago|just now|recently|at the moment|this (morning|evening|week))\b",
    re.IGNORECASE,
)
SPACING = "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-block-end:2em!important}"
"""WCAG 2.2, success criterion 1.4.12."""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WATCH = (
    "new PerformanceObserver(l => { for (const e of l.getEntries()) window.cls = (window.cls || 0) + e.value })"
    ".observe({ type: 'layout-shift', buffered: true })"
)
EVIL = (
    "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'><style>body{outline:9px solid red}</style>"
    "<p id=styled style='color:rgb(1,2,3)'>x</p><iframe srcdoc='<script>parent.pwned=1</script>'></iframe></body>"
)
FOCUSABLE = "a[href],button,input:not([type=hidden]),select,textarea,summary,iframe,[tabindex]:not([tabindex='-1'])"
SITES = ["demo", "jenkins", "stress"]


class Built:
    """A built site, and an address of each kind of page in it."""

    def __init__(self, output: Path, url: str) -> None:
        self.output, self.url = output, url

    @property
    def html(self) -> list[Path]:
        return sorted(self.output.rglob("*.html"))

    @property
    def kinds(self) -> list[str]:
        """For each kind of page, the one that weighs most: it has the most on it."""
        biggest: dict[str, Path] = {}
        for path in self.html:
            if b'http-equiv="refresh"' in path.read_bytes():
                continue  # it leads on to another at once
            kind = self.kind(path)
            if kind not in biggest or path.stat().st_size > biggest[kind].stat().st_size:
                biggest[kind] = path
        return [self.address(path) for path in biggest.values()]

    def kind(self, path: Path) -> str:
        """Pages under the same folder are alike; the language does not make another kind, but the home page of each is asked."""
        parts = path.relative_to(self.output).parent.parts
        return "/".join(parts[:1] if parts[:1] != ("services",) else (parts[0], *parts[2:])) or path.name

    def address(self, path: Path) -> str:
        return path.relative_to(self.output).as_posix().removesuffix("index.html")


@pytest.fixture(scope="module", params=SITES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp(request.param)
    root = PROJECT
    if request.param == "jenkins":
        if not JENKINS.is_dir():
            pytest.skip("the Jenkins incidents are not here")
        root = folder / "site"
        root.mkdir()
        (root / "statusgen.toml").write_text(JENKINS_TOML, "utf-8")
    elif request.param == "stress":
        root = stress(folder / "site").root
    output = built(folder, root)
    with served(output, "/it/" if request.param == "stress" else "/") as url:
        yield Built(output, url)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One page as a browser had it: with its script, narrow, without script, and with foreign markup in it."""

    barriers: list[str]
    asked: list[str]
    shift: float
    wide: list[str]
    words: str
    words_without_script: str
    broken_into: list[str]
    stops: int
    services: int


@pytest.fixture(scope="module")
def seen(made: Built, chromium: Any) -> dict[str, Seen]:
    """Every kind of page, each opened as seldom as can be."""
    return {address: looked_at(chromium, made.url, address) for address in made.kinds}


def looked_at(chromium: Any, url: str, address: str) -> Seen:
    read = as_read(chromium, url + address)
    return Seen(
        **read,
        wide=too_wide(chromium, url + address),
        words_without_script=without_script(chromium, url + address),
        broken_into=broken_into(chromium, url + address),
    )


def as_read(chromium: Any, url: str) -> dict[str, Any]:
    """On a desk, far from the site's own zone, so that the script has most to add; then the same page in the dark."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"viewport": {"width": 1280, "height": 900}, "timezone_id": "America/New_York", "bypass_csp": True}
    context = chromium.new_context(**options)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(WATCH)
    page.goto(url)
    settled(page)
    shift = page.evaluate("window.cls || 0")
    asked = [one for one in asked if not one.startswith("data:")]
    words = page.evaluate(
        "() => { const main = document.querySelector('main').cloneNode(true);"
        "main.querySelectorAll('.rel,#checked,.find,template').forEach(one => one.remove()); return main.textContent }"
    )
    barriers = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        result = Axe().run(page, options={"runOnly": WCAG}).response
        barriers += [
            f"{scheme}: {one['id']} {one['nodes'][0]['html'][:160]}"
            for kind in ("violations", "incomplete")
            for one in result[kind]
        ]
    stops = page.locator(FOCUSABLE).evaluate_all("found => found.filter(one => one.checkVisibility()).length")
    services = page.locator(".svcs li").count()
    context.close()
    return {
        "barriers": barriers, "asked": asked, "shift": shift, "words": " ".join(words.split()), "stops": stops, "services": services,
    }  # fmt: skip


def settled(page: Any) -> None:
    """The script works in idle time: wait until it has said when the page was checked, or has nothing to say."""
    page.wait_for_function(
        "() => { const c = document.getElementById('checked'); return !c || /\\d\\d:\\d\\d/.test(c.textContent) }",
        timeout=10_000,
    )
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def too_wide(chromium: Any, url: str) -> list[str]:
    """What makes a phone of 320 px scroll sideways: the page as it is, with WCAG's text spacing, with text at 200 %."""
    context = chromium.new_context(viewport={"width": 320, "height": 900}, bypass_csp=True)
    page, found = context.new_page(), []
    page.goto(url)
    settled(page)
    for said, style in (
        ("as it is", "i{}"),
        ("text spacing", SPACING),
        ("200 % text", "html{font-size:200%!important}"),
    ):
        tag = page.add_style_tag(content=style)
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{said}: {width} px"] if width > 320 else []
        tag.evaluate("one => one.remove()")
    context.close()
    return found


def without_script(chromium: Any, url: str) -> str:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    words = page.evaluate(
        "() => { const main = document.querySelector('main').cloneNode(true);"
        "main.querySelectorAll('.rel,#checked,.find,template').forEach(one => one.remove()); return main.textContent }"
    )
    context.close()
    return " ".join(words.split())


def broken_into(chromium: Any, url: str) -> list[str]:
    """What foreign markup achieves, had somebody got it into a page."""
    context = chromium.new_context()
    page = context.new_page()
    page.route(
        url, lambda route: route.fulfill(response=(told := route.fetch()), body=told.text().replace("</body>", EVIL))
    )
    page.goto(url)
    assert page.locator("#styled").count() == 1
    found: list[str] = page.evaluate(
        "() => [window.pwned && 'a script ran', getComputedStyle(document.body).outlineStyle !== 'none' && 'a style was drawn',"
        "getComputedStyle(document.getElementById('styled')).color === 'rgb(1, 2, 3)' && 'an attribute was drawn'].filter(Boolean)"
    )
    context.close()
    return found


def test_axe_finds_no_barrier_and_nothing_undecided(seen: dict[str, Seen]) -> None:
    """WCAG 2.0 A to 2.2 AA and best practice, light and dark: 0 violations, 0 incomplete."""
    assert {address: one.barriers for address, one in seen.items() if one.barriers} == {}


def test_nothing_scrolls_sideways_on_a_narrow_phone(seen: dict[str, Seen]) -> None:
    assert {address: one.wide for address, one in seen.items() if one.wide} == {}


def test_all_text_is_there_without_javascript(seen: dict[str, Seen]) -> None:
    """The script adds relative times, when it was checked and a filter: not a word of what the page says."""
    for address, one in seen.items():
        assert one.words == one.words_without_script, address
        assert len(one.words) > 40, address


def test_no_page_asks_anybody_else_for_anything(made: Built, seen: dict[str, Seen]) -> None:
    """And at most four requests for each."""
    for address, one in seen.items():
        assert not [asked for asked in one.asked if not asked.startswith(made.url)], address
        assert len(one.asked) <= 4, (address, one.asked)


def test_the_policy_holds_against_an_injected_script_and_style(seen: dict[str, Seen]) -> None:
    assert {address: one.broken_into for address, one in seen.items() if one.broken_into} == {}


def test_the_keyboard_is_through_the_home_page_soon(seen: dict[str, Seen]) -> None:
    """Tab stops: at most 15, and 2 for each service."""
    assert seen[""].services >= 10
    assert seen[""].stops <= 15 + 2 * seen[""].services


def test_what_is_added_moves_nothing(seen: dict[str, Seen]) -> None:
    """Cumulative layout shift at most 0.02."""
    assert {address: one.shift for address, one in seen.items() if one.shift > 0.02} == {}


def test_pages_are_light(made: Built) -> None:
    """Packed: home 20 kB in all with ten services, 50 kB with two hundred; any other page 20 kB; style 6 kB, script 2 kB."""
    style, script = (packed(one(made.output, f"assets/status.*.{kind}")) for kind in ("css", "js"))
    assert style <= 6_000
    assert script <= 2_000
    many = (made.output / "index.html").read_text("utf-8").count('class="gauge"') > 20
    for path in made.html:
        address = made.address(path)
        if "u/" in address:
            continue
        allowed = 50_000 if many and made.kind(path) in {"index.html", "updates"} else 20_000
        assert packed(path) + style + script <= allowed, address


def one(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_no_word_in_static_html_rots(made: Built) -> None:
    """Nothing is said relative to the moment of the build: that is the script's."""
    for path in made.html:
        main = re.sub(r"<(script|style)\b.*?</\1>", "", path.read_text("utf-8"), flags=re.DOTALL)
        own = re.sub(
            r'<div[^>]*\bdir="auto".*?</div>|<a [^>]*dir="auto".*?</a>|<h1.*?</h1>|<p class="lede".*?</p>|<title>.*?</title>|<meta[^>]*>',
            "",
            main,
            flags=re.DOTALL,
        )
        assert not RELATIVE.search(re.sub(r"<[^>]*>", " ", own)), (path.name, RELATIVE.search(own))


def test_every_kind_of_page_parses_without_an_error(made: Built) -> None:
    """html5lib in strict mode raises on every parse error that the standard names."""
    for address in made.kinds:
        path = made.output / address
        html5lib.HTMLParser(strict=True).parse((path / "index.html" if path.is_dir() else path).read_text("utf-8"))


@pytest.mark.proof
def test_every_page_parses_without_an_error(made: Built) -> None:
    for path in made.html:
        html5lib.HTMLParser(strict=True).parse(path.read_text("utf-8"))

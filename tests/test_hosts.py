"""What hosts read from the site: `_headers` (Netlify, Cloudflare Pages) and staticwebapp.config.json (Azure), for each level and kind of page."""

from __future__ import annotations

import http.server
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from statusgen.access import Access, written
from statusgen.channels.hosting import PRIVATE_HEADERS
from statusgen.state import Changes, Verified, load, save
from tests.browsers import served
from tests.servers import listening
from tests.sites import DESK, HEAD, NOW, SECRET, Site, site
from tests.test_levels import HOST, QUARTER, URL

ACCESS = Access(secret=SECRET, site_id="status.example.org")
OPEN = 'level = "unlisted"\nhosting = "private"'
LEVELS = {
    "sealed": HEAD.replace(OPEN, "") + DESK,
    "unlisted": HEAD + DESK,
    "host": HOST,
    "off": HEAD.replace(OPEN, 'level = "off"') + DESK,
}


@pytest.fixture(scope="module", params=LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def made(level: str, tmp_path_factory: pytest.TempPathFactory) -> Site:
    one = site(tmp_path_factory.mktemp(level), LEVELS[level])
    one.build()
    if level == "host":
        state = one.state()
        save(state, load(state, NOW), Changes(built_at=NOW, sources=None, verified=(Verified(base_url=URL, at=NOW),)))
        one.build(NOW + QUARTER)
    return one


# ---- the two forms, as their hosts read them


def from_headers_file(text: str) -> Callable[[str], dict[str, list[str]]]:
    """By path, each header with every value that a rule gives it: a path alone on a line, its headers indented below."""
    rules: dict[str, list[tuple[str, str]]] = {}
    path = ""
    for line in text.splitlines():
        assert len(line) <= 2_000, "Cloudflare reads no longer lines"
        if line.startswith("  "):
            name, colon, value = line.strip().partition(": ")
            assert all((colon, value, path)), line
            rules[path].append((name, value))
        else:
            path = line
            assert path.startswith("/")
            assert path.count("*") <= 1
            assert path not in rules
            rules[path] = []
    assert len(rules) <= 100, "Cloudflare reads no more rules"

    def of(asked: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for rule, headers in rules.items():
            if fnmatchcase(asked, rule):
                for name, value in headers:
                    found.setdefault(name, []).append(value)
        return found

    return of


def from_azure(text: str) -> Callable[[str], dict[str, list[str]]]:
    """The headers of the first route that fits, over those that hold everywhere."""
    rules = json.loads(text)
    assert len(text) < 20_000, "Azure takes no more"
    assert set(rules) <= {"routes", "responseOverrides", "globalHeaders", "mimeTypes"}
    for route in rules["routes"]:
        assert route["route"].startswith("/")
        assert route["route"].index("*") == len(route["route"]) - 1, "a star stands at the end only"

    def of(asked: str) -> dict[str, list[str]]:
        first = next((one["headers"] for one in rules["routes"] if fnmatchcase(asked, one["route"])), {})
        return {name: [value] for name, value in {**rules["globalHeaders"], **first}.items()}

    return of


READERS = {"_headers": from_headers_file, "staticwebapp.config.json": from_azure}


@pytest.mark.parametrize("name", READERS)
def test_every_file_is_served_with_what_its_kind_needs(made: Site, level: str, name: str) -> None:
    """Private ones are kept by no cache, found by no search, framed by nobody; the theme's last; no header comes twice."""
    of = READERS[name]((made.output / name).read_text("utf-8"))
    kinds: dict[str, int] = {}
    for path in made.tree(heartbeat=True):
        kind = path.partition("/")[0] if path.startswith(("u/", "f/", "assets/")) else "public"
        kinds[kind] = kinds.get(kind, 0) + 1
        for asked in {f"/it/{path}", f"/it/{path.removesuffix('index.html')}"}:
            headers = of(asked)
            assert all(len(values) == 1 for values in headers.values()), (asked, headers)
            sent = {key: values[0] for key, values in headers.items()}
            if kind in {"u", "f"}:
                assert sent == PRIVATE_HEADERS, asked
            else:
                assert sent.pop("X-Content-Type-Options") == "nosniff"
                lasting = {"Cache-Control": "public, max-age=31536000, immutable"} if kind == "assets" else {}
                assert sent == lasting, asked
    assert kinds.keys() == {"public", "assets", *(("u", "f") if level != "off" else ())}


def test_what_hosts_read_is_the_same_for_everybody_and_every_level(made: Site, level: str) -> None:
    """It names no person and no token, and pages of people are private wherever there are any."""
    for name in READERS:
        text = (made.output / name).read_text("utf-8")
        assert ("/it/u/*" in text) == (level != "off")
        assert "/it/me/" not in text, "how to get to one's page is for everybody"
        for person in ("ana", "bo", "cy"):
            assert ACCESS.page_token(person) not in text


@pytest.mark.parametrize("kind", ["sealed", "unlisted"])
def test_the_policy_of_a_page_in_the_page_and_in_its_headers_agree(kind: str, tmp_path: Path) -> None:
    """Two policies hold together, so that the one in the header must not forbid what the page's own allows: it speaks of frames alone."""
    made = site(tmp_path, LEVELS[kind])
    made.build()
    public, own = made.page("about"), (made.output / "u" / ACCESS.page_token("ana") / "index.html").read_text("utf-8")
    assert "script-src 'self'" in public
    assert ("trusted-types statusgen" in own) == (kind == "sealed")
    assert PRIVATE_HEADERS["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert "frame-ancestors" not in public + own, (
        "a policy in a page cannot speak of frames, and says so in the console"
    )


# ---- in a browser


@contextmanager
def served_with(folder: Path, of: Callable[[str], dict[str, list[str]]]) -> Iterator[str]:
    """A static host that sends the headers which it was told to."""

    class Host(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return super().translate_path("/" + path.removeprefix("/it/"))

        def end_headers(self) -> None:
            for name, values in of(self.path.partition("?")[0]).items():
                self.send_header(name, ", ".join(values))
            super().end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(folder)))
    with listening(server):
        yield f"http://127.0.0.1:{server.server_port}/it/"


@pytest.mark.browser
@pytest.mark.parametrize("name", READERS)
def test_with_these_headers_a_page_opens_and_only_public_ones_stand_in_frames(
    chromium: Any, tmp_path: Path, name: str
) -> None:
    made = site(tmp_path, LEVELS["sealed"])
    made.build()
    lock = ACCESS.page_lock("ana")
    with served_with(made.output, READERS[name]((made.output / name).read_text("utf-8"))) as url:
        page = chromium.new_page()
        said: list[str] = []
        page.on("console", lambda told: said.append(told.text))
        page.goto(f"{url}u/{lock.token}/#k={written(lock.code).replace('-', '')}")
        page.wait_for_selector("#out h1")
        assert "INC-1" in page.inner_text("#out")
        assert not [one for one in said if "policy" in one.lower()]
        for address, is_shown in (("services/mail/embed/", True), (f"u/{lock.token}/", False)):
            outside = tmp_path / "outside"
            outside.mkdir(exist_ok=True)
            (outside / "index.html").write_text(f'<iframe src="{url}{address}"></iframe>')
            with served(outside) as other:
                page.goto(other)
                page.wait_for_load_state("networkidle")
                assert ("chrome-error" not in page.frames[-1].url) == is_shown
        page.close()

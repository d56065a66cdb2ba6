"""Sealed pages in a real Chromium: they open with their code, say what is wrong without it, and give nothing away.

The rows of research: security §2.4, on pages that the product built.
"""

from __future__ import annotations

import base64
import http.server
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import icalendar
import pytest

from statusgen.access import Access, Lock, seal, written
from statusgen.views.personal import SealedPage
from tests import browsers, scenes, unsealing
from tests.servers import listening
from tests.test_codes import MISTAKES, READ_AS_ANAS

pytestmark = pytest.mark.browser

SARA, NOOR = "s-lindqvist", "n-vandijk"
HERS = "Invoice run stops at the letter M"
LOCKED, OPEN = "This page is locked", "Two open requests"
LONG = 5_000  # ms; a page opens in 5, but machines are shared


@dataclass
class Server:
    """A static web server that writes down what it is asked."""

    url: str
    asked: list[str] = field(default_factory=list)
    """Request lines, each with all of its headers."""

    def at(self, host: str) -> str:
        """The same server under another name."""
        return self.url.replace("127.0.0.1", host)


@contextmanager
def logging(folder: Path) -> Iterator[Server]:
    server = Server("")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            server.asked.append(f"{self.requestline}\n{self.headers}")
            super().do_GET()

    http_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    server.url = f"http://127.0.0.1:{http_server.server_port}/"
    with listening(http_server):
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One that finds every name under .test on this machine: plain http there is not secure, as it is on loopback."""
    with browsers.chromium("--host-resolver-rules=MAP *.test 127.0.0.1") as browser:
        yield browser


@pytest.fixture(scope="module")
def server(demo: Path) -> Iterator[Server]:
    with logging(demo) as made:
        yield made


@contextmanager
def reading(chromium: Any, **options: Any) -> Iterator[Any]:
    """A page of a browser of its own, in which nothing may go wrong unnoticed."""
    context = chromium.new_context(**options)
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    try:
        yield page
    finally:
        context.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    with reading(chromium) as made:
        yield made
        assert made.said == []


def lock(person: str, generation: int = 1) -> Lock:
    return unsealing.demo().page_lock(person, generation)


def address(person: str) -> str:
    return f"u/{lock(person).token}/"


def code(person: str, generation: int = 1) -> str:
    return written(lock(person, generation).code)


def link(person: str) -> str:
    return unsealing.link_of(person)


def has_headline(page: Any, words: str) -> None:
    page.locator("h1:visible", has_text=re.compile(f"^{re.escape(words)}$")).wait_for(timeout=LONG)


def told(page: Any, name: str) -> None:
    """The page says what is wrong, in its words for it, to screen readers too, and shows nothing."""
    wanted = page.evaluate("name => document.getElementById('gate').dataset[name]", name)
    page.locator("[role=alert]", has_text=wanted).wait_for(timeout=LONG)
    assert page.inner_html("#out") == ""
    assert page.evaluate("document.activeElement.id") == "code"
    assert page.get_attribute("#code", "aria-invalid") == "true"


def enter(page: Any, typed: str) -> None:
    page.fill("#code", typed)
    page.press("#code", "Enter")


# ---- opening


def test_without_a_code_nothing_is_shown_and_nothing_is_there(page: Any, server: Server) -> None:
    page.goto(server.url + address(SARA), wait_until="networkidle")
    has_headline(page, LOCKED)
    assert page.locator("#code").is_visible()
    html = page.content()
    assert not [secret for secret in (HERS, "INC-88101", "Sara", SARA, code(SARA)) if secret in html]


def test_the_typed_code_opens_it_by_keyboard_alone(page: Any, server: Server) -> None:
    """From the top of the page: tab to the field, type it as it was read out, and Enter. Focus goes to the headline."""
    page.goto(server.url + address(SARA), wait_until="networkidle")
    has_headline(page, LOCKED)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "code":
            break
    page.keyboard.type(code(SARA).upper().replace("-", " "))
    page.keyboard.press("Enter")
    has_headline(page, OPEN)
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.get_by_role("heading", name=HERS).is_visible()
    assert page.locator("#gate").is_hidden()
    assert page.input_value("#code") == ""


def test_the_field_is_made_for_codes(page: Any, server: Server) -> None:
    page.goto(server.url + address(SARA))
    field = page.get_by_role("textbox", name="Your access code")
    field.wait_for()
    for name, value in {
        "autocapitalize": "none",
        "autocomplete": "off",
        "spellcheck": "false",
        "inputmode": "text",
    }.items():
        assert field.get_attribute(name) == value
    assert field.get_attribute("name") is None, "what has no name is never sent, whatever happens to the form"
    assert "hyphens do not matter" in page.inner_text("#hint")
    assert field.get_attribute("aria-describedby") == "hint error"


def test_a_link_with_the_key_opens_it_and_can_be_bookmarked(page: Any, server: Server) -> None:
    page.goto(server.url + link(SARA))
    has_headline(page, OPEN)
    assert page.url == server.url + link(SARA)
    page.reload()
    has_headline(page, OPEN)


def test_a_device_that_forgets_leaves_no_key_in_the_address(page: Any, server: Server) -> None:
    page.goto(server.url + link(SARA))
    page.get_by_role("button", name="Remember this page on this device").click()
    page.locator("#forget").click()
    has_headline(page, LOCKED)
    assert page.url == server.url + address(SARA)
    page.reload()
    has_headline(page, LOCKED)


def test_a_link_may_lead_to_one_request(page: Any, server: Server) -> None:
    page.goto(f"{server.url}{link(SARA)}&req-req-20440")
    has_headline(page, OPEN)
    assert page.url == f"{server.url}{link(SARA)}&req-req-20440"
    assert page.evaluate("document.activeElement.id") == "req-req-20440"
    assert page.evaluate("Math.abs(document.activeElement.getBoundingClientRect().top) < 100")


def test_the_address_of_one_request_waits_for_the_code(page: Any, server: Server) -> None:
    page.goto(f"{server.url}{address(SARA)}#req-req-20440")
    has_headline(page, LOCKED)
    enter(page, code(SARA))
    has_headline(page, OPEN)
    assert page.evaluate("document.activeElement.id") == "req-req-20440"


def test_a_link_that_is_followed_on_the_open_page_opens_it(page: Any, server: Server) -> None:
    """Only the part behind the hash differs, so the browser does not load the page again."""
    page.goto(server.url + address(SARA), wait_until="networkidle")
    has_headline(page, LOCKED)
    page.goto(server.url + link(SARA))
    has_headline(page, OPEN)
    assert page.url == server.url + link(SARA)


def test_it_opens_from_disk(page: Any, demo: Path) -> None:
    """A page that was saved is saved sealed, and opens with the code without the site."""
    page.goto(f"file://{demo / address(SARA) / 'index.html'}")
    has_headline(page, LOCKED)
    enter(page, code(SARA))
    has_headline(page, OPEN)
    page.said.clear()  # a file may not load the site's own script: that only adds to the page


# ---- not opening


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        (code(NOOR), "wrong"),
        (code(SARA, 2), "wrong"),
        (code(SARA)[:-1] + ("a" if code(SARA)[-1] != "a" else "b"), "typo"),
        (code(SARA)[:-1], "short"),
        (code(SARA) + "a", "long"),
        (code(SARA)[:-1] + "9", "strange"),
        ("", "empty"),
    ],
    ids=["another person's", "the next generation's", "typo", "short", "long", "strange", "nothing"],
)
def test_what_does_not_open_it_says_why_and_can_be_put_right(page: Any, server: Server, typed: str, what: str) -> None:
    page.goto(server.url + address(SARA))
    page.locator("#code").wait_for()
    enter(page, typed)
    told(page, what)
    enter(page, code(SARA))
    has_headline(page, OPEN)


def test_a_link_with_another_persons_key_opens_nothing(page: Any, server: Server) -> None:
    page.goto(f"{server.url}{address(SARA)}#{link(NOOR).partition('#')[2]}")
    page.locator("#code").wait_for()
    told(page, "wrong")


@dataclass
class Spoilt:
    """A copy of the demo to spoil pages in."""

    folder: Path
    url: str
    puts: int = 0

    def put(self, at: str, html: str) -> str:
        place = self.folder / at / "index.html"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(html, "utf-8")
        self.puts += 1
        os.utime(place, (1_700_000_000 + 60 * self.puts,) * 2)  # or a server says "not modified" within one second
        return self.url + at


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spoilt]:
    folder = tmp_path_factory.mktemp("spoilt")
    for path, data in scenes.renderer().assets.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(data)
    with browsers.served(folder) as url:
        yield Spoilt(folder, url)


def html_of(demo: Path, person: str) -> str:
    return (demo / address(person) / "index.html").read_text("utf-8")


def flipped(sealed: str) -> str:
    data = bytearray(base64.b64decode(sealed))
    data[40] ^= 1
    return base64.b64encode(bytes(data)).decode()


@pytest.mark.parametrize(
    "damage",
    [flipped, lambda sealed: sealed[:1000], lambda sealed: sealed[:-4], lambda _: "", lambda _: "no base64!"],
    ids=["one bit", "cut off", "its end cut off", "empty", "rubbish"],
)
def test_a_damaged_page_says_so_to_who_has_the_right_code(page: Any, demo: Path, spoilt: Spoilt, damage: Any) -> None:
    html = html_of(demo, SARA)
    sealed = unsealing.sealed_in(html)
    page.goto(spoilt.put(address(SARA), html.replace(sealed, damage(sealed))))
    page.locator("#code").wait_for()
    enter(page, code(SARA))
    told(page, "damaged")
    enter(page, code(NOOR))
    told(page, "wrong")
    page.said[:] = [said for said in page.said if "404" not in said]  # the folder holds no more than the page


def test_one_persons_page_does_not_open_at_another_persons_address(page: Any, demo: Path, spoilt: Spoilt) -> None:
    """Sara's sealed text in Noor's frame: neither code opens it. Sara's whole page there: Noor's code does not."""
    sara, noor = html_of(demo, SARA), html_of(demo, NOOR)
    page.goto(spoilt.put(address(NOOR), noor.replace(unsealing.sealed_in(noor), unsealing.sealed_in(sara))))
    page.locator("#code").wait_for()
    enter(page, code(NOOR))
    told(page, "damaged")
    enter(page, code(SARA))
    told(page, "wrong")
    page.goto(spoilt.put(f"{address(NOOR)}whole/", sara.replace("../../", "../../../")))
    page.locator("#code").wait_for()
    enter(page, code(NOOR))
    told(page, "wrong")
    page.said[:] = [said for said in page.said if "404" not in said]


# ---- what the device remembers


HELD = """async () => {
  const db = await new Promise(good => { const asked = indexedDB.open('statusgen'); asked.onsuccess = () => good(asked.result); });
  if (!db.objectStoreNames.contains('k')) { db.close(); return []; }
  const all = await new Promise(good => {
    const asked = db.transaction('k').objectStore('k').getAll();
    asked.onsuccess = () => good(asked.result);
  });
  db.close();
  return Promise.all(all.map(async key => [
    key.type, key.extractable, key.usages.join(), await crypto.subtle.exportKey('raw', key).then(() => 'out', error => error.name)
  ]));
}"""
KEY = ["secret", False, "decrypt", "InvalidAccessError"]


def test_nothing_is_remembered_unless_it_was_asked_for(page: Any, server: Server) -> None:
    page.goto(server.url + address(SARA))
    page.locator("#code").wait_for()
    enter(page, code(SARA))
    has_headline(page, OPEN)
    assert page.evaluate(HELD) == []
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    page.reload()
    has_headline(page, LOCKED)


def test_a_remembered_page_opens_by_itself_with_a_key_that_nobody_can_take_out(page: Any, server: Server) -> None:
    page.goto(server.url + address(SARA))
    page.get_by_label("Remember the page on this device").check()
    enter(page, code(SARA))
    has_headline(page, OPEN)
    page.get_by_role("status").filter(has_text="This device remembers your page").wait_for()
    page.reload()
    has_headline(page, OPEN)
    assert page.evaluate(HELD) == [KEY]
    page.get_by_role("button", name="Forget this page on this device").click()
    has_headline(page, LOCKED)
    assert page.inner_html("#out") == ""
    assert HERS not in page.content()
    assert "forgotten" in page.inner_text("#told")
    assert page.evaluate(HELD) == []
    page.reload()
    has_headline(page, LOCKED)
    assert page.locator("#forget").is_hidden()


def test_an_open_page_can_be_remembered_afterwards(page: Any, server: Server) -> None:
    """Who came with a link never saw the box to tick; the plain address is then enough."""
    page.goto(server.url + link(SARA))
    has_headline(page, OPEN)
    page.get_by_role("button", name="Remember this page on this device").click()
    page.get_by_role("button", name="Forget this page on this device").wait_for()
    page.goto("about:blank")
    page.goto(server.url + address(SARA))
    has_headline(page, OPEN)


def test_a_remembered_key_that_no_longer_fits_asks_for_the_newest_code(page: Any, demo: Path, spoilt: Spoilt) -> None:
    """Such as after a repair of the page; the key is not thrown away, because the page may be whole again tomorrow."""
    html = html_of(demo, SARA)
    place = spoilt.put(f"{address(SARA)}kept/", html.replace("../../", "../../../"))
    page.goto(place)
    page.locator("#keep").check()
    enter(page, code(SARA))
    has_headline(page, OPEN)
    sealed = unsealing.sealed_in(html)
    spoilt.put(f"{address(SARA)}kept/", html.replace(sealed, flipped(sealed)).replace("../../", "../../../"))
    page.reload()
    page.locator("#code").wait_for()
    told(page, "outdated")
    assert page.locator("#forget").is_visible()
    spoilt.put(f"{address(SARA)}kept/", html.replace("../../", "../../../"))
    page.reload()
    has_headline(page, OPEN)
    page.said[:] = [said for said in page.said if "404" not in said]


# ---- where it does not open at all


def test_without_https_it_says_so_and_takes_no_code(page: Any, server: Server) -> None:
    page.goto(f"{server.at('intranet.test')}{link(SARA)}", wait_until="networkidle")
    assert "must begin with https" in page.inner_text("#need")
    assert page.locator("#form").is_hidden()
    assert page.inner_html("#out") == ""
    has_headline(page, LOCKED)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["its own site", "another site"])
def test_in_a_frame_it_says_so_and_takes_no_code(chromium: Any, spoilt: Spoilt, host: str) -> None:
    """Not even with the key in its address: another site could look over the reader's shoulder, or lay a button over it."""
    framed = put_sealed(spoilt, vector(), b"<h1>Ana</h1>") + "#k=" + written(vector().code)
    around = spoilt.put(
        "around/", f'<!doctype html><title>x</title><iframe src="{framed}" width=800 height=600></iframe>'
    )
    with reading(chromium) as page:
        page.goto(around.replace("127.0.0.1", host), wait_until="networkidle")
        inner = page.frames[1]
        inner.wait_for_selector("#need")
        assert "does not open inside another page" in inner.inner_text("#need")
        assert inner.inner_html("#out") == ""
        assert inner.locator("#form").is_hidden()


def test_without_javascript_it_says_what_it_needs_and_where_to_ask(chromium: Any, server: Server) -> None:
    with reading(chromium, java_script_enabled=False) as page:
        page.goto(server.url + link(SARA))
        text = page.inner_text("main")
        assert "needs JavaScript" in text
        assert "servicedesk@example.org" in text
        assert "+31 20 555 0100" in text
        assert page.locator("#form").is_hidden()
        assert page.locator("h1").inner_text() == LOCKED


# ---- nothing gets out


def test_the_server_never_hears_of_the_code(chromium: Any, demo: Path) -> None:
    """Typed, in a link, wrong, remembered: no request has it, nor a referrer, and nobody else is asked anything."""
    with logging(demo) as server, reading(chromium) as page:
        others: list[str] = []
        page.on(
            "request",
            lambda request: others.append(request.url) if not request.url.startswith((server.url, "data:")) else None,
        )
        page.goto(server.url + link(SARA), wait_until="networkidle")
        has_headline(page, OPEN)
        page.goto(server.url + address(NOOR), wait_until="networkidle")
        page.locator("#keep").check()
        enter(page, code(SARA))
        told(page, "wrong")
        enter(page, code(NOOR))
        page.locator("#tools").wait_for()
        page.reload(wait_until="networkidle")
        page.locator("h1:visible").first.wait_for()
        page.locator("a[href$='services/mail/']").first.click()
        page.wait_for_url("**/services/mail/")
        assert len(server.asked) >= 8
        bare = [code(person).replace("-", "") for person in (SARA, NOOR)]
        for asked in server.asked:
            assert "k=" not in asked.splitlines()[0]
            assert "Referer:" not in asked or "/u/" not in asked.partition("Referer:")[2]
            assert not [one for one in bare if one in asked.lower().replace("-", "")]
        assert others == []


def test_no_referrer_goes_to_another_site(chromium: Any, server: Server, tmp_path: Path) -> None:
    (tmp_path / "there.html").write_text("hello")
    with logging(tmp_path) as other, reading(chromium) as page:
        page.goto(server.url + link(SARA))
        has_headline(page, OPEN)
        page.evaluate(
            "there => { const a = document.createElement('a'); a.href = there; document.body.append(a); a.click(); }",
            f"{other.url}there.html",
        )
        page.wait_for_url("**/there.html")
        asked = [asked for asked in other.asked if asked.startswith("GET /there.html")]
        assert len(asked) == 1
        assert "referer" not in asked[0].lower()


HOSTILE = """<h1>Hello</h1><img src=x onerror="document.title='ran'"><svg onload="document.title='ran'"></svg>
<script>document.title='ran'</script><script src="../../assets/status.js"></script>
<a id="js" href="javascript:document.title='ran'">js</a><a id="out-of-here" href="#there">there</a>
<iframe srcdoc="<script>parent.document.title='ran'</script>"></iframe><object data="data:text/html,x"></object>
<form id="send" action="http://evil.test/f"><button id="go">go</button></form><style>h1{display:none}</style>
<p id="styled" style="position:fixed">x</p><base href="http://evil.test/"><meta http-equiv="refresh" content="0;url=http://evil.test/">
<link rel="stylesheet" href="http://evil.test/x.css"><p id="there">there</p>"""


def test_what_is_sealed_runs_nothing_even_if_it_were_hostile(chromium: Any, spoilt: Spoilt) -> None:
    """Nothing of the kind is ever sealed; were a cleaner to fail, the policy of the page still stands."""
    with reading(chromium) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        ana = vector()
        page.goto(put_sealed(spoilt, ana, HOSTILE.encode()) + "#k=" + written(ana.code))
        has_headline(page, "Hello")
        page.wait_for_timeout(300)
        page.evaluate("document.getElementById('js').click()")
        assert page.locator("#go").count() == 0, "a form goes before it is shown"
        page.wait_for_timeout(200)
        assert page.title() != "ran"
        assert page.url.startswith(spoilt.url)
        assert not [one for one in asked if "evil.test" in one]
        assert page.evaluate("getComputedStyle(document.getElementById('styled')).position") == "static"
        assert page.evaluate("document.querySelector('h1:not(#gate h1)').offsetHeight") > 0


def test_nobody_else_can_put_html_into_the_page(page: Any, server: Server) -> None:
    """Trusted types: one policy, taken by the page's own script, and no other way in."""
    page.goto(server.url + address(SARA), wait_until="networkidle")
    tried = page.evaluate(
        """() => [
          () => { document.getElementById('out').innerHTML = '<b>x'; },
          () => { trustedTypes.createPolicy('statusgen', { createHTML: html => html }); },
          () => { trustedTypes.createPolicy('mine', { createHTML: html => html }); },
        ].map(one => { try { one(); return 'allowed'; } catch (error) { return error.name; } })"""
    )
    assert "allowed" not in tried
    page.said.clear()  # the browser says what it refused


# ---- Python's codes and the browser's are the same


def vector() -> Lock:
    """That of the specification."""
    return Access(secret=bytes(range(32)), site_id="it.example").page_lock("ana@example.com")


def put_sealed(spoilt: Spoilt, opens: Lock, html: bytes) -> str:
    """A page of the product around what is sealed; its address."""
    frame = SealedPage(site_id=opens.site_id, token=opens.token, check=opens.check, sealed=seal(opens, html).decode())
    at = f"u/{opens.token}/"
    return spoilt.put(at, scenes.renderer().render(frame, at).decode())


def test_the_browser_reads_codes_as_the_builder_does(chromium: Any, spoilt: Spoilt) -> None:
    """Every way to write the code of the specification opens its page, every mistake is called by the same name."""
    with reading(chromium) as page:
        place = put_sealed(spoilt, vector(), "<h1>Ana’s page – ok</h1>".encode())
        for typed in READ_AS_ANAS:
            page.goto(place)
            page.locator("#code").wait_for()
            enter(page, typed.strip())
            has_headline(page, "Ana’s page – ok")
        page.goto(place)
        page.locator("#code").wait_for()
        for typed, mistake in MISTAKES:
            page.fill("#code", "")
            enter(page, typed)
            told(page, mistake)


# ---- what is inside works as on any page


def test_times_and_the_check_are_told_inside(chromium: Any, server: Server) -> None:
    with reading(chromium, timezone_id="Europe/Amsterdam") as page:
        page.goto(server.url + link(SARA))
        has_headline(page, OPEN)
        page.locator("#checked", has_text="10:20").wait_for(timeout=LONG)
        assert page.locator("#out .rel", has_text="in 26 hours").count() == 1
        assert page.locator("#stale").is_hidden()
        assert page.said == []


def test_an_out_of_date_site_says_so_on_a_sealed_page_too(chromium: Any, server: Server) -> None:
    with reading(chromium) as page:
        old = '{"built": "2020-01-01T00:00:00+00:00", "good_until": "2020-01-01T03:00:00+00:00", "simulated": false}'
        page.route("**/heartbeat.json", lambda route: route.fulfill(body=old, content_type="application/json"))
        page.goto(server.url + link(SARA))
        has_headline(page, OPEN)
        page.locator("#stale").wait_for(state="visible", timeout=LONG)


def test_newer_information_opens_with_the_key_at_hand(chromium: Any, spoilt: Spoilt) -> None:
    """The reader is told, and is not asked for the code again."""
    ana = vector()
    beat = '{{"built": "2026-11-24T0{}:00:00+00:00", "good_until": "2099-01-01T00:00:00+00:00", "simulated": false}}'
    (spoilt.folder / "heartbeat.json").write_text(beat.format(1))
    with reading(chromium) as page:
        page.goto(put_sealed(spoilt, ana, b"<h1>Old</h1>") + "#k=" + written(ana.code), wait_until="networkidle")
        has_headline(page, "Old")
        put_sealed(spoilt, ana, b"<h1>New</h1>")
        (spoilt.folder / "heartbeat.json").write_text(beat.format(2))
        page.evaluate("dispatchEvent(new Event('visibilitychange'))")
        page.locator("#newer").wait_for(state="visible", timeout=LONG)
        page.locator("#newer a").click()
        has_headline(page, "New")
        assert page.locator("#newer").is_hidden()
        assert page.said == []
    (spoilt.folder / "heartbeat.json").unlink()


def test_links_and_places_inside_lead_somewhere(page: Any, server: Server) -> None:
    page.goto(server.url + link(SARA))
    has_headline(page, OPEN)
    page.locator("summary").first.click()
    assert page.locator("details[open]").count() == 1
    page.get_by_role("link", name="Finance system").click()
    page.wait_for_url("**/services/finance/")
    assert "Finance system" in page.inner_text("h1")


def test_the_dates_are_a_file_to_download(page: Any, server: Server) -> None:
    page.goto(server.url + link(SARA), wait_until="networkidle")
    has_headline(page, OPEN)
    before = len(server.asked)
    with page.expect_download() as download:
        page.get_by_role("link", name="Your dates for your calendar").click()
    assert download.value.suggested_filename == "due.ics"
    events = icalendar.Calendar.from_ical(Path(download.value.path()).read_bytes()).walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in events] == [
        "You hear more by now: Access to the budget of 2027 (REQ-20440)"
    ]
    assert len(server.asked) == before, "nobody is asked for it"


def test_it_is_in_the_readers_language(chromium: Any, server: Server) -> None:
    """Noor reads Dutch: the frame, what it says when something is wrong, and what is inside."""
    with reading(chromium) as page:
        page.goto(server.url + address(NOOR))
        has_headline(page, "Deze pagina zit op slot")
        enter(page, code(NOOR)[:-1])
        told(page, "short")
        assert "Een code heeft 28 tekens" in page.inner_text("#error")
        enter(page, code(NOOR))
        has_headline(page, "Drie open meldingen, één wacht op jou")
        assert page.get_attribute("html", "lang") == "nl"


# ---- for everybody


def states(page: Any, server: Server) -> Iterator[str]:
    """The states of a page, one after another."""
    page.goto(server.url + address(SARA), wait_until="networkidle")
    page.locator("#code").wait_for()
    yield "locked"
    enter(page, code(NOOR))
    told(page, "wrong")
    yield "wrong code"
    page.locator("#keep").check()
    enter(page, code(SARA))
    has_headline(page, OPEN)
    page.locator("#forget").wait_for()
    yield "open"
    page.goto(server.url + address(NOOR), wait_until="networkidle")
    page.locator("#code").wait_for()
    enter(page, code(NOOR))
    has_headline(page, "Drie open meldingen, één wacht op jou")
    yield "open, Dutch"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier_in_any_state(chromium: Any, server: Server, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with reading(chromium, color_scheme=scheme, bypass_csp=True) as page:
        for state in states(page, server):
            result = Axe().run(page)
            found = [
                f"{state}: {one['id']} {one['nodes'][0]['html'][:160]}"
                for kind in ("violations", "incomplete")
                for one in result.response[kind]
            ]
            assert found == []


SPACING = "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-block-end:2em!important}"


def test_nothing_scrolls_sideways_on_a_narrow_phone(chromium: Any, server: Server) -> None:
    """At 320 px, also with the spacing of WCAG 1.4.12."""
    with reading(chromium, viewport={"width": 320, "height": 700}, bypass_csp=True) as page:
        for state in states(page, server):
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, state
            page.add_style_tag(content=SPACING)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, state


def test_an_open_page_prints_without_its_buttons(page: Any, server: Server) -> None:
    page.goto(server.url + link(SARA))
    has_headline(page, OPEN)
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name=HERS).is_visible()
    for hidden in ("#tools", "#gate", ".links"):
        assert page.locator(hidden).first.is_hidden()
    assert page.pdf().startswith(b"%PDF")


def test_a_sealed_page_is_light(demo: Path) -> None:
    """What opens it is at most 3 kB packed; a page with three requests at most 40 kB, none of which can be packed."""
    import gzip

    html = html_of(demo, NOOR)
    script = html.split("<script>")[1].split("</script>")[0]
    assert len(gzip.compress(script.encode(), 9)) <= 3_000
    assert len(gzip.compress(html.encode(), 9)) <= 40_000

"""The preview: what it serves, what it refuses, and how fast a change is seen."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from statusgen.errors import UsageError
from statusgen.watch import EVENTS, SCRIPT, Hub, Outcome, Server, Watcher, inject, rebuild_on_change

POLICY = "default-src 'none'; style-src 'self'; script-src 'sha256-abc='; connect-src 'none'"
PAGE = f"""<!doctype html>
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<link rel="stylesheet" href="style.css">
<body><h1>All is well</h1></body>
"""


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "output"
    (folder / "services/mail").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "services/mail/index.html").write_text("<body>mail</body>")
    (folder / "404.html").write_text("<body>not here</body>")
    (folder / "feed.rss").write_text("<rss/>")
    (folder / "style.css").write_text("h1 { color: black }")
    return folder


def ask(server, path, *, method="GET", host=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.request(method, path, headers={"Host": host or f"localhost:{server.server_port}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


class TestServer:
    def test_pages_get_the_reload_script_only_on_their_way_out(self, site):
        before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
        with Server(site, port=0, hub=Hub()) as server:
            answer, body = ask(server, "/")
        assert answer.status == 200
        assert b'<script src="/__statusgen/reload.js?since=0"></script></body>' in body
        assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before

    def test_without_reload_pages_go_out_byte_for_byte(self, site):
        with Server(site, port=0) as server:
            _, body = ask(server, "/")
        assert body == (site / "index.html").read_bytes()

    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            ("/feed.rss", "application/rss+xml"),
            ("/style.css", "text/css"),
            (SCRIPT, "text/javascript"),
            ("/services/mail/", "text/html"),
        ],
    )
    def test_each_file_has_its_type_and_is_never_cached(self, site, path, kind):
        with Server(site, port=0, hub=Hub()) as server:
            answer, _ = ask(server, path)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"

    def test_a_missing_page_is_the_sites_own_404(self, site):
        with Server(site, port=0) as server:
            answer, body = ask(server, "/nothing/")
        assert (answer.status, body) == (404, b"<body>not here</body>")

    def test_a_folder_without_its_slash_is_redirected_so_that_relative_links_work(self, site):
        with Server(site, port=0) as server:
            answer, _ = ask(server, "/services/mail")
        assert (answer.status, answer.headers["Location"]) == (302, "/services/mail/")

    def test_a_head_request_has_no_body(self, site):
        with Server(site, port=0) as server:
            answer, body = ask(server, "/", method="HEAD")
        assert (answer.status, body) == (200, b"")
        assert int(answer.headers["Content-Length"]) == len(PAGE)

    def test_the_site_answers_under_the_path_of_its_base_url_too(self, site):
        """404.html names that path: everything else is relative."""
        with Server(site, port=0, base_path="/it/status/") as server:
            answer, body = ask(server, "/it/status/services/mail/")
        assert (answer.status, body) == (200, b"<body>mail</body>")

    @pytest.mark.parametrize(
        "host", ["evil.example.org", "evil.example.org:8008", "localhost.example.org", "192.0.2.1", ""]
    )
    def test_a_foreign_host_name_is_refused_against_dns_rebinding(self, site, host):
        with Server(site, port=0, hub=Hub()) as server:
            for path in ("/", EVENTS, SCRIPT):
                answer, body = ask(server, path, host=host or " ")
                assert answer.status == 421
                assert b"well" not in body

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST:8008", "127.0.0.1:1"])
    def test_this_machines_own_names_are_served(self, site, host):
        with Server(site, port=0) as server:
            assert ask(server, "/", host=host)[0].status == 200

    def test_it_listens_on_the_loopback_interface_only(self, site):
        with Server(site, port=0) as server:
            assert server.server_address[0] == "127.0.0.1"

    @pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//../secret.txt"])
    def test_nothing_outside_the_output_is_served(self, site, path):
        (site.parent / "secret.txt").write_text("secret")
        with Server(site, port=0) as server:
            answer, body = ask(server, path)
        assert answer.status == 404
        assert b"secret" not in body

    def test_a_taken_port_is_a_sentence_with_a_next_step(self, site):
        with Server(site, port=0) as first, pytest.raises(UsageError) as wrong:
            Server(site, port=first.server_port)
        assert str(first.server_port) in wrong.value.message
        assert "-p" in wrong.value.help


class TestPolicy:
    def test_a_strict_policy_lets_the_script_and_its_stream_in_and_nothing_else(self):
        page = inject(PAGE.encode(), 3).decode()
        assert "script-src 'sha256-abc=' 'self'; connect-src 'self'\"" in page
        assert "default-src 'none'; style-src 'self';" in page

    def test_a_policy_that_only_has_a_default_keeps_it_for_all_else(self):
        page = inject(b'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"><body></body>', 0)
        assert b"default-src 'none'; script-src 'self'; connect-src 'self'" in page

    def test_a_page_without_an_end_of_body_gets_the_script_at_its_end(self):
        assert inject(b"<p>short", 0).endswith(b"</script>")


class TestHub:
    def test_a_page_that_saw_all_waits_and_then_hears_of_the_next_build(self):
        hub = Hub()
        heard = []
        listener = threading.Thread(target=lambda: heard.append(hub.next(0)))
        listener.start()
        hub.built("page")
        listener.join(5)
        assert heard == [b'id: 1\nevent: page\ndata: ""\n\n']

    def test_a_page_that_was_away_hears_of_the_page_build_it_missed_although_css_came_after(self):
        hub = Hub()
        hub.built("page")
        hub.built("css")
        assert b"event: page" in (hub.next(0) or b"")
        assert b"event: css" in (hub.next(1) or b"")

    def test_a_failure_is_told_until_the_next_good_build_clears_it(self):
        hub = Hub()
        hub.failed("home.html:3: unexpected }")
        event = hub.next(0) or b""
        assert b"event: failed" in event
        assert json.loads(event.split(b"data: ")[1]) == "home.html:3: unexpected }"
        hub.built("same")
        assert b"event: same" in (hub.next(1) or b"")

    def test_closing_ends_every_stream(self):
        hub = Hub()
        hub.close()
        assert hub.next(0) is None

    def test_the_stream_carries_events_over_http(self, site):
        hub = Hub()
        with Server(site, port=0, hub=hub) as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
            connection.request("GET", f"{EVENTS}?since=0", headers={"Host": "localhost"})
            answer = connection.getresponse()
            assert answer.headers["Content-Type"] == "text/event-stream"
            hub.built("css")
            assert [answer.readline() for _ in range(3)] == [b"id: 1\n", b"event: css\n", b'data: ""\n']
            connection.close()


@pytest.fixture
def watcher():
    made = Watcher(quiet=0.05)
    yield made
    made.close()


def next_burst(watcher, act):
    """What the watcher says after `act`: the burst runs in a thread of its own, so a silent watcher fails the test."""
    heard: list[frozenset[Path]] = []
    listener = threading.Thread(target=lambda: heard.append(watcher.burst()), daemon=True)
    listener.start()
    act()
    listener.join(5)
    assert heard, "the watcher said nothing"
    return {path.name for path in heard[0]}


class TestWatcher:
    def test_many_changes_at_once_are_one_burst(self, tmp_path, watcher):
        watcher.follow([tmp_path])

        def act():
            for number in range(5):
                (tmp_path / f"{number}.md").write_text("x")

        assert next_burst(watcher, act) == {f"{number}.md" for number in range(5)}

    def test_reading_is_no_change(self, tmp_path, watcher):
        """A build reads its inputs: minding that would rebuild for ever."""
        (tmp_path / "read.md").write_text("x")
        watcher.follow([tmp_path])

        def act():
            (tmp_path / "read.md").read_text()
            (tmp_path / "written.md").write_text("x")

        assert next_burst(watcher, act) == {"written.md"}

    def test_an_editor_that_writes_beside_and_renames_is_seen(self, tmp_path, watcher):
        file = tmp_path / "statusgen.toml"
        file.write_text("old")
        watcher.follow([file])

        def act():
            (tmp_path / ".statusgen.toml.swp").write_text("new")
            (tmp_path / ".statusgen.toml.swp").rename(file)

        assert next_burst(watcher, act) == {"statusgen.toml"}

    def test_what_lies_beside_a_followed_file_does_not_matter(self, tmp_path, watcher):
        file = tmp_path / "tickets.csv"
        file.write_text("old")
        watcher.follow([file])

        def act():
            (tmp_path / "other.csv").write_text("x")
            file.write_text("new")

        assert next_burst(watcher, act) == {"tickets.csv"}

    def test_the_output_inside_a_followed_folder_is_ignored(self, tmp_path, watcher):
        output = tmp_path / "output"
        output.mkdir()
        watcher.follow([tmp_path], ignore=[output])

        def act():
            (output / "index.html").write_text("x")
            (tmp_path / "a.md").write_text("x")

        assert next_burst(watcher, act) == {"a.md"}

    def test_a_folder_that_is_not_there_yet_is_seen_when_it_comes(self, tmp_path, watcher):
        watcher.follow([tmp_path / "content"])
        assert next_burst(watcher, (tmp_path / "content").mkdir) == {"content"}


class Script:
    """A rebuild that gives the outcomes it was told to give, then ends the loop as Ctrl-C would."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.seen = []

    def __call__(self, changed):
        if not self.outcomes:
            raise KeyboardInterrupt
        self.seen.append({path.name for path in changed})
        return self.outcomes.pop(0)


class Bursts:
    """A watcher that says what it was told to say."""

    def __init__(self, *bursts):
        self.bursts = [frozenset(Path(name) for name in burst) for burst in bursts]

    def burst(self):
        if not self.bursts:
            raise KeyboardInterrupt
        return self.bursts.pop(0)


class TestLoop:
    def run(self, bursts, outcomes):
        hub, rebuild = Hub(), Script(*outcomes)
        with pytest.raises(KeyboardInterrupt):
            rebuild_on_change(Bursts(*bursts), hub, rebuild)
        return hub, rebuild

    def test_only_style_sheets_are_swapped_without_a_reload(self):
        hub, _ = self.run([["a.css", "b.css"]], [Outcome()])
        assert b"event: css" in (hub.next(0) or b"")

    def test_a_page_and_a_style_sheet_reload(self):
        hub, _ = self.run([["a.css", "home.html"]], [Outcome()])
        assert b"event: page" in (hub.next(0) or b"")

    def test_what_changed_before_a_failure_counts_in_the_next_good_build(self):
        hub, rebuild = self.run([["home.html"], ["a.css"]], [Outcome(failure="home.html:1: broken"), Outcome()])
        assert rebuild.seen == [{"home.html"}, {"home.html", "a.css"}]
        assert b"event: page" in (hub.next(1) or b"")

    def test_a_build_that_changed_nothing_reloads_nothing(self):
        hub, _ = self.run([["notes.md"]], [Outcome(different=False)])
        assert b"event: same" in (hub.next(0) or b"")


@pytest.fixture
def project(tmp_path):
    """The sample site of `statusgen init`."""
    done = statusgen(tmp_path, "init")
    assert done.returncode == 0, done.stderr
    return tmp_path


def statusgen(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "statusgen", *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


class TestCommand:
    def test_it_serves_rebuilds_survives_a_mistake_and_ends_at_once_on_ctrl_c(self, project):
        served = subprocess.Popen(
            [sys.executable, "-u", "-m", "statusgen", "serve", "-p", "0"],
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            port = int(served.stdout.readline().partition("localhost:")[2].partition("/")[0])
            listener = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            listener.request("GET", f"{EVENTS}?since=0", headers={"Host": "localhost"})
            events = listener.getresponse()

            config = project / "statusgen.toml"
            good = config.read_text()
            config.write_text(good + "\nnonsense")
            assert next_event(events) == "failed"
            assert body_of(port).startswith("<!doctype html>"), "the last good site is still there"

            config.write_text(good.replace('title = "IT status"', 'title = "Another name"'))
            assert next_event(events) == "page"
            assert "Another name" in body_of(port)

            served.send_signal(signal.SIGINT)
            assert served.wait(20) == 130  # well under a second on a machine that does nothing else
            listener.close()
        finally:
            served.kill()
            served.communicate()
        assert b"__statusgen" not in (project / "output/index.html").read_bytes()


def next_event(stream):
    end = time.monotonic() + 15  # the stream never falls silent: it is kept awake
    end = time.monotonic() + 15  # an idle stream only says, every ten seconds, that it is still there
    while not (line := stream.readline()).startswith(b"event: "):
        assert time.monotonic() < end, "no event came"
        assert line, "the stream ended"
        assert time.monotonic() < end, "no event came"
    return line.decode().split()[1]


def body_of(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/", headers={"Host": "localhost"})
    body = connection.getresponse().read().decode()
    connection.close()
    return body


@pytest.mark.browser
class TestBrowser:
    def test_a_change_reloads_a_style_sheet_swaps_and_a_failure_lies_over_the_page(self, site):
        """In a real browser, under the page's own strict policy."""
        playwright = pytest.importorskip("playwright.sync_api")
        browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        assert browser_path, "there is no Chromium: .ci/browser.sh installs it"
        hub = Hub()
        with Server(site, port=0, hub=hub) as server, playwright.sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            page = browser.new_page()
            said: list[str] = []
            page.on("console", lambda message: said.append(message.text))
            page.goto(server.url)
            page.evaluate("window.untouched = true")

            (site / "style.css").rename(site / "style2.css")
            (site / "style2.css").write_text("h1 { color: rgb(1, 2, 3) }")
            (site / "index.html").write_text(PAGE.replace("style.css", "style2.css"))
            hub.built("css")
            until(page, playwright.Error, "getComputedStyle(document.querySelector('h1')).color === 'rgb(1, 2, 3)'")
            assert page.evaluate("window.untouched") is True, "no reload for a style sheet"

            hub.failed("home.html:3: unexpected }")
            page.wait_for_selector("#statusgen-failed", timeout=3000)
            assert page.inner_text("#statusgen-failed") == "home.html:3: unexpected }"

            (site / "index.html").write_text(PAGE.replace("All is well", "Changed"))
            hub.built("page")
            until(page, playwright.Error, "document.querySelector('h1')?.innerText === 'Changed'")
            assert page.query_selector("#statusgen-failed") is None
            assert not [line for line in said if "Content Security Policy" in line]
            browser.close()


def until(page, navigating, condition):
    """Wait until a condition holds. The driver's own way needs eval, which the page's policy forbids."""
    end = time.monotonic() + 5
    while True:
        with contextlib.suppress(navigating):  # asked in the middle of a reload
            if page.evaluate(condition):
                return
        assert time.monotonic() < end, f"never: {condition}"
        page.wait_for_timeout(10)

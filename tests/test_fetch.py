"""Fetching: a broken or hostile other side costs bounded time and memory, learns no secret, and ends in words that help."""

from __future__ import annotations

import gzip
import os
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer, ThreadingTCPServer
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statusgen.errors import SourceError
from statusgen.fetch import Line, fetch_path, fetch_url, shown
from statusgen.fetch.url import CarefulSession
from statusgen.sources.common import Fetched

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
CSV = b"Number,State\nINC-1,New\n"
SECRET = "Basic c2VjcmV0OmNhbmFyeQ=="

# ---- files and folders


def path_error(path: Path, max_size: int | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        fetch_path(path, max_size=max_size, now=NOW)
    return caught.value


def test_a_file_is_its_name_and_bytes_as_old_as_now(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_bytes(CSV)
    fetched = fetch_path(tmp_path / "tickets.csv", now=NOW)
    assert fetched.only == ("tickets.csv", CSV)
    assert fetched.as_of == NOW


def test_a_missing_file_names_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "tickets-2026.csv").write_bytes(CSV)
    error = path_error(tmp_path / "tickets.csv")
    assert "there is no tickets.csv" in error.message
    assert "tickets-2026.csv" in error.help


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    assert "There is no folder feeds/" in path_error(tmp_path / "feeds" / "tickets.csv").help


def test_a_file_over_max_size_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_bytes(b"x" * 101)
    assert "more than the 100 of `max-size`" in path_error(tmp_path / "tickets.csv", 100).message
    assert fetch_path(tmp_path / "tickets.csv", max_size=101, now=NOW).only[1] == b"x" * 101


def test_a_folder_over_max_size_is_not_read(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"x" * 40)
    assert "more than" in path_error(tmp_path, 100).message
    assert len(fetch_path(tmp_path, max_size=120, now=NOW).files) == 3


def test_a_pipe_is_refused_and_does_not_make_the_build_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in path_error(tmp_path / "pipe").message
    assert fetch_path(tmp_path, now=NOW).files == {}


def test_a_device_without_an_end_is_refused() -> None:
    assert "no regular file" in path_error(Path("/dev/zero")).message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_rights_is_said(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_bytes(CSV)
    (tmp_path / "tickets.csv").chmod(0)
    assert "Permission denied" in path_error(tmp_path / "tickets.csv").message


def test_a_name_that_no_file_can_have_is_an_error_in_words(tmp_path: Path) -> None:
    assert "cannot be read" in path_error(tmp_path / ("x" * 5000)).message
    assert path_error(tmp_path / "a\0b").message


def test_a_folder_is_read_whole_in_one_order_without_dot_files(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.md", "a/a.yml", ".git/config", "a/.swp", ".hidden.md", "c.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    files = fetch_path(tmp_path, now=NOW).files
    assert list(files) == ["a/a.yml", "a/z.md", "b.md", "c.toml"]
    assert files["a/z.md"] == b"a/z.md"


def test_links_that_lead_out_of_a_folder_or_to_what_is_hidden_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "content", tmp_path / "outside"
    (inside / ".git").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.md").write_text("secret")
    (inside / ".git" / "config").write_text("secret")
    (inside / "real.md").write_text("real")
    (inside / "out.md").symlink_to(outside / "secret.md")
    (inside / "up").symlink_to(outside)
    (inside / "hidden.md").symlink_to(inside / ".git" / "config")
    (inside / "loop").symlink_to(inside)
    (inside / "self.md").symlink_to(inside / "self.md")
    (inside / "alias.md").symlink_to(inside / "real.md")
    files = fetch_path(inside, now=NOW).files
    assert b"secret" not in files.values()
    assert {"real.md", "alias.md"} <= set(files)


def test_one_file_is_asked_of_a_folder_in_words() -> None:
    for files in ({}, {"a.csv": b"", "b.csv": b""}):
        with pytest.raises(SourceError, match="this is a folder with"):
            _ = Fetched(files=files, as_of=NOW).only


@given(st.dictionaries(st.text(max_size=4), st.binary(max_size=4), max_size=3), st.data())
def test_the_fingerprint_is_of_all_names_and_bytes_in_any_order(files: dict[str, bytes], data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(files.items()))))
    same = Fetched(files=shuffled, as_of=NOW)
    assert Fetched(files=files, as_of=datetime(2020, 1, 1, tzinfo=UTC)).fingerprint == same.fingerprint
    other = data.draw(st.dictionaries(st.text(max_size=4), st.binary(max_size=4), max_size=3))
    if other != files:
        assert Fetched(files=other, as_of=NOW).fingerprint != same.fingerprint


# ---- addresses: a real server on the loopback


class Server(ThreadingHTTPServer):
    """Answers each request with the next of `answers`, the last one for ever; keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Callable[[Handler], None]] = []
        self.asked: list[dict[str, str]] = []
        self.over = threading.Event()

    def server_bind(self) -> None:
        """Without http.server's question to the name service, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: Any) -> None:
        """Whoever hangs up on a hostile server does the right thing."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        answers = self.server.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def serving(*answers: Callable[[Handler], None]) -> Iterator[Server]:
    with Server() as server:
        server.answers.extend(answers)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join(5)


def answer(body: bytes = CSV, status: int = 200, **headers: str) -> Callable[[Handler], None]:
    """An answer with this body; underscores in the names of headers are dashes."""
    known = {"Content_Length": str(len(body)), "Content_Type": "text/csv", **headers}

    def write(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in known.items():
            if value:
                handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return write


def raw(*pieces: bytes, pause: float = 0.0) -> Callable[[Handler], None]:
    """Exactly these bytes, one piece at a time; after them the line is closed."""

    def write(handler: Handler) -> None:
        for piece in pieces:
            handler.wfile.write(piece)
            if pause and handler.server.over.wait(pause):
                return

    return write


def get(url: str, *, max_size: int | None = 1_000_000, line: Line | None = None, **headers: str) -> bytes:
    fetched = fetch_url(url, headers=headers, max_size=max_size, now=NOW, line=line or Line(deadline=5))
    assert fetched.as_of == NOW
    return fetched.only[1]


def url_error(url: str, *, max_size: int | None = 1_000_000, line: Line | None = None, **headers: str) -> str:
    with pytest.raises(SourceError) as caught:
        get(url, max_size=max_size, line=line, **headers)
    assert caught.value.help
    return caught.value.message


def test_an_address_is_fetched_with_its_headers_and_named_by_its_last_part() -> None:
    with serving(answer()) as server:
        headers = {"Authorization": SECRET, "X-Api-Key": "k"}
        fetched = fetch_url(f"{server.url}/out/tickets.csv.gz?all=1", headers=headers, max_size=None, now=NOW)
    assert fetched.only == ("tickets.csv.gz", CSV)
    (asked,) = server.asked
    assert asked["authorization"] == SECRET
    assert asked["x-api-key"] == "k"
    assert asked["path"] == "/out/tickets.csv.gz?all=1"
    assert asked["user-agent"].startswith("statusgen/")


def test_nothing_of_the_machine_is_sent() -> None:
    """No netrc, no proxy: requests asks the environment only when it is told to trust it."""
    assert CarefulSession().trust_env is False
    with serving(answer()) as server:
        get(server.url)
    assert not {"authorization", "cookie", "proxy-authorization"} & set(server.asked[0])


@pytest.mark.parametrize("pause", [0.0, 0.002])
def test_what_is_packed_for_the_way_is_unpacked_however_it_arrives(pause: float) -> None:
    packed = gzip.compress(CSV) + gzip.compress(CSV)
    head = b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/csv\r\n\r\n"
    with serving(raw(head, *(packed[at : at + 1] for at in range(len(packed))), pause=pause)) as server:
        assert get(server.url) == CSV + CSV


def test_a_packing_that_nobody_asked_for_is_refused() -> None:
    with serving(answer(Content_Encoding="br")) as server:
        assert "packed in a way that nobody asked for" in url_error(server.url)


def test_a_bomb_is_refused_in_little_memory() -> None:
    bomb = gzip.compress(b"\0" * 60_000_000, 9)
    with serving(answer(bomb, Content_Encoding="gzip")) as server:
        tracemalloc.start()
        message = url_error(server.url, max_size=2_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert "sends more than the 2,000,000 bytes of `max-size`" in message
    assert peak < 12_000_000


def test_an_endless_answer_is_refused() -> None:
    def endless(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        while not handler.server.over.is_set():
            handler.wfile.write(b"x" * 65_536)

    with serving(endless) as server:
        assert "sends more than" in url_error(server.url, max_size=500_000)


BODY = b"HTTP/1.0 200 OK\r\nContent-Type: text/csv\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([BODY, *[b"x"] * 1000], id="body"),
        pytest.param([BODY[:15], *[b"X-A: a\r\n"] * 1000], id="headers"),
        pytest.param([bytes([one]) for one in b"HTTP/1.0 200 OK" + b" " * 1000], id="first line"),
        pytest.param([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 1000], id="chunks"),
    ],
)
def test_a_server_that_drips_ends_at_the_deadline(pieces: list[bytes]) -> None:
    with serving(raw(*pieces, pause=0.02)) as server:
        start = time.monotonic()
        assert "took longer than 0.3 s" in url_error(server.url, line=Line(deadline=0.3))
        assert time.monotonic() - start < 2


class Mute(StreamRequestHandler):
    """Begins a TLS handshake, a byte at a time, and never comes to its end."""

    def handle(self) -> None:
        with suppress(OSError):
            for byte in b"\x16\x03\x03\x3f\xff" + bytes(100):
                self.wfile.write(bytes([byte]))
                time.sleep(0.02)


def test_a_handshake_that_drips_ends_at_the_deadline() -> None:
    with ThreadingTCPServer(("127.0.0.1", 0), Mute) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        start = time.monotonic()
        url = f"https://127.0.0.1:{server.server_address[1]}/"
        assert "took longer than 0.3 s" in url_error(url, line=Line(deadline=0.3))
        assert time.monotonic() - start < 1.5
        thread.join(5)


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with serving(lambda handler: (handler.server.over.wait(5), None)[1]) as server:
        start = time.monotonic()
        assert "does not answer in time" in url_error(server.url, line=Line(deadline=10, silence=0.2))
        assert time.monotonic() - start < 2


def test_nobody_at_home_is_said() -> None:
    with serving(answer()) as server:
        url = server.url
    assert "cannot be reached: no connection" in url_error(f"{url}/?token=canary")


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(answer(CSV, Content_Length="500"), id="before its length"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nNumber,S\r\n"), id="between two chunks"
        ),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nNumb"), id="inside a chunk"),
        pytest.param(
            raw(b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(CSV * 50)[:-12]), id="packed"
        ),
        pytest.param(
            raw(b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot packed at all"), id="not packed at all"
        ),
    ],
)
def test_an_answer_that_breaks_off_is_no_answer(reply: Callable[[Handler], None]) -> None:
    with serving(reply) as server:
        assert any(words in url_error(server.url) for words in ("broke off", "damaged on the way"))


# ---- redirects


def redirect(to: str, status: int = 302) -> Callable[[Handler], None]:
    return answer(b"", status, Location=to)


def test_a_redirect_within_the_same_place_is_followed() -> None:
    with serving(redirect("/b"), redirect("c", 308), answer()) as server:
        assert get(f"{server.url}/a", Authorization=SECRET) == CSV
    assert [asked["path"] for asked in server.asked] == ["/a", "/b", "/c"]
    assert server.asked[2]["authorization"] == SECRET


def test_more_than_three_redirects_are_too_many() -> None:
    with serving(redirect("/again")) as server:
        assert "redirects more than 3 times" in url_error(server.url)
    assert len(server.asked) == 4


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key", "PRIVATE-TOKEN"])
def test_a_secret_never_reaches_another_place(header: str) -> None:
    with serving(answer()) as other, serving(redirect(f"{other.url}/take?token=canary")) as server:
        message = url_error(server.url, **{header: SECRET})
    assert other.asked == []
    assert "redirects to another place" in message
    assert other.url in message
    assert "canary" not in message


@pytest.mark.parametrize(
    "to",
    ["https://127.0.0.1/", "ftp://127.0.0.1/x", "file:///etc/passwd", "//example.org/", "http://[::1", "http://a:b/"],
)
def test_a_redirect_to_another_protocol_or_to_nonsense_is_not_followed(to: str) -> None:
    with serving(redirect(to)) as server:
        assert "redirects to" in url_error(server.url)
    assert len(server.asked) == 1


def test_what_a_redirect_says_is_not_even_read() -> None:
    """requests reads the body of a redirect whole and unpacked, also when it is told not to follow it."""
    bomb = gzip.compress(b"\0" * 60_000_000, 9)
    with serving(answer(bomb, 302, Location="/b", Content_Encoding="gzip"), answer()) as server:
        tracemalloc.start()
        assert get(server.url, max_size=10_000) == CSV
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10_000_000


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=255), min_size=1, max_size=30))
def test_no_redirect_can_make_anything_but_a_source_error(to: str) -> None:
    with serving(redirect(to), answer()) as server, suppress(SourceError):
        get(server.url)


# ---- what the answer is


@pytest.mark.parametrize(
    ("status", "words"),
    [(500, "answers 500"), (404, "answers 404"), (204, "answers 204"), (401, "refuses us (401)"), (403, "refuses us")],
)
def test_another_status_than_200_is_said_and_not_asked_again(status: int, words: str) -> None:
    with serving(answer(b"", status)) as server:
        assert words in url_error(f"{server.url}/export?token=canary", Authorization=SECRET)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again_and_answers(status: int) -> None:
    waits: list[float] = []
    with serving(answer(b"", status, Retry_After="2"), answer()) as server:
        assert get(server.url, line=Line(sleep=waits.append, deadline=10)) == CSV
    assert waits == [2.0]


@pytest.mark.parametrize("after", ["21600", "9" * 400, "Wed, 25 Nov 2026 07:28:00 GMT", "-1", "²", "nan", ""])
def test_the_wait_that_a_server_wants_is_capped(after: str) -> None:
    waits: list[float] = []
    with serving(answer(b"", 503, Retry_After=after)) as server:
        assert "answers 503" in url_error(server.url, line=Line(sleep=waits.append, deadline=30))
    assert len(server.asked) == 3
    assert len(waits) == 2
    assert all(0 <= wait <= 10 for wait in waits)


def test_nobody_waits_past_the_deadline() -> None:
    waits: list[float] = []
    with serving(answer(b"", 503, Retry_After="8")) as server:
        assert "answers 503" in url_error(server.url, line=Line(sleep=waits.append, deadline=5))
    assert waits == []


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/csv", "", "application/json"])
def test_a_login_page_is_a_broken_source_and_not_an_empty_one(kind: str) -> None:
    page = b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>Sign in</body></html>"
    with serving(answer(page, Content_Type=kind)) as server:
        assert "is a web page, not data" in url_error(server.url)


def test_a_feed_that_is_called_html_is_a_feed() -> None:
    feed = b"<?xml version='1.0'?><rss></rss>"
    with serving(answer(feed, Content_Type="text/html"), answer(CSV, Content_Type="text/html")) as server:
        assert get(server.url) == feed
        assert get(server.url) == CSV


# ---- secrets and words


@pytest.mark.parametrize("value", ["line\r\nbreak: canary", "canary €", " canary"])
def test_a_header_that_cannot_be_sent_is_an_error_that_keeps_the_secret(value: str) -> None:
    with serving(answer()) as server, pytest.raises(SourceError) as caught:
        get(server.url, Authorization=value)
    assert "canary" not in caught.value.message + caught.value.help
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_messages_show_an_address_without_user_password_and_query() -> None:
    assert (
        shown("https://ana:canary@desk.example.org:8443/a/b?token=canary#canary") == "https://desk.example.org:8443/a/b"
    )
    assert shown("http://[::1") == "an address that is none"
    assert "\x1b" not in shown("https://desk.example.org/\x1b[31m")


def test_only_web_addresses_are_fetched() -> None:
    assert "neither http nor https" in url_error("ftp://desk.example.org/a.csv")


def test_a_deflated_answer_is_not_asked_for() -> None:
    with serving(answer(zlib.compress(CSV), Content_Encoding="deflate")) as server:
        assert "nobody asked for" in url_error(server.url)
    assert server.asked[0]["accept-encoding"] == "gzip"

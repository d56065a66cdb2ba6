"""The attack corpus in mail: no header that was not meant, no element that runs, no line of the log that commands the runner.

Every string stands in every field of a request, whose requester is mailed about it; a manager reads of all of them.
"""

from __future__ import annotations

import email
import re
import resource
import subprocess
import sys
from datetime import timedelta
from email import policy
from email.message import Message
from pathlib import Path
from typing import Any

import html5lib
import pytest

from statusgen.access import new_secret
from tests.attacks import HARMLESS, payloads
from tests.canaries import CONFIG, FIELDS, table
from tests.paths import PROJECT
from tests.sites import NOW, SECRET, Site, site

BEFORE = NOW - timedelta(hours=2)
TOML = (
    CONFIG.replace('groups = ["cq*"]', 'groups = ["*"]\nmanager = "boss@example.org"')
    + '[milestones]\nmail = "out"\nmax-per-day = 99\n'
    + '[[digests]]\nname = "weekly"\naudience = "managers"\nschedule = "mo 07:30"\n'
    + '[[digests]]\nname = "daily"\naudience = "managers"\nschedule = "mo-fr 07:30"\n'
    + '[[digests]]\nname = "mine"\naudience = "requesters"\nschedule = "mo-fr 07:30"\n'
)
_MEGABYTES, _SECONDS = 512, 20
HEADERS = {
    "from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding",
    "list-id", "list-help", "x-statusgen-reason", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted", "precedence", "references", "in-reply-to",
    "x-auto-response-suppress", "feedback-id", "content-language", "sender", "errors-to", "importance", "x-priority",
}  # fmt: skip
"""Names that a letter of ours may have in its head."""


def files(strings: tuple[str, ...], turn: int) -> dict[str, str | bytes]:
    """One person for each string, with a request all of whose fields are that string; `turn` 1: after something happened to it."""
    people = [{"id": "boss", "email": "boss@example.org", "name": "Boss"}]
    tickets = []
    for number, one in enumerate(strings):
        people.append({"id": f"p{number}", "email": f"p{number}@example.org", "name": one, "team": one})
        times = dict.fromkeys(("resolved-at", "closed-at", "due-at"), "") | {"opened-at": "2026-11-02T09:00:00Z"}
        times |= {"updated-at": f"2026-11-24T0{7 + turn}:00:00Z", "next-update-at": "2026-11-23T12:00:00Z"}
        status = (("Active", "New", "Active"), ("Yours", "Done", "Active"))[turn][number % 3]
        mine = {"requester": f"p{number}", "requester-email": "", "number": f"{number} {one}", "status": status}
        said = {"update-public": "true", "url": f"https://desk.example.org/{one}", "category": f"C {one}"}
        tickets.append(dict.fromkeys(FIELDS, one) | times | mine | said)
    return {"people.csv": table(("id", "email", "name", "team"), people), "tickets.csv": table(tuple(FIELDS), tickets)}


_RUN = """
import sys
from statusgen.cli import main
for words in {commands}:
    code = main(words)
    assert code in {{0, 3}}, (words, code)
"""


def mailed(root: Path, strings: tuple[str, ...]) -> tuple[Site, str, float]:
    """A site that sent everything about these strings, in processes of their own: what they logged, and the seconds of one round."""
    made = site(root, TOML, files(strings, 0))
    log, _ = _run(made, [["build"], ["notify", "--send", "--yes"]], BEFORE.isoformat())
    for name, data in files(strings, 1).items():
        (made.root / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    more, seconds = _run(
        made, [["build"], ["notify", "--send", "--yes"], ["digest", "--send", "--yes"]], NOW.isoformat()
    )
    return made, log + more, seconds


def _run(made: Site, commands: list[list[str]], now: str) -> tuple[str, float]:
    environ = {"STATUSGEN_SECRET": new_secret(SECRET), "GITHUB_ACTIONS": "true", "CI": "true", "PATH": "", "PYTHONPATH": str(PROJECT)}  # fmt: skip
    whole = [["--now", now, "--output-format", "github", *words] for words in commands]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(
        [sys.executable, "-c", _RUN.format(commands=whole)],
        cwd=made.root,
        env=environ,
        capture_output=True,
        check=False,
    )
    log = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 0, log[-3000:]
    return log, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


@pytest.fixture(
    scope="module", params=[pytest.param(60, id="slice"), pytest.param(1, marks=pytest.mark.proof, id="all")]
)
def sent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, str, int]:
    strings = payloads()[:: request.param]
    made, log, seconds = mailed(tmp_path_factory.mktemp("mailed"), strings)
    print(f"{len(strings)} strings, {seconds:.1f} s, {len(eml(made))} letters")
    return made, log, len(strings)


def eml(made: Site) -> list[Path]:
    return sorted((made.root / "mail").glob("*.eml"))


def html_of(message: Message) -> str:
    found = [part for part in message.walk() if part.get_content_type() == "text/html"]
    body = found[0].get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode("utf-8")


def kinds(html: str) -> tuple[set[str], list[str]]:
    """Every element of a page with the names of its attributes; and what could run, as a browser's parser builds it."""
    found, wrong = set(), []
    for element in html5lib.parse(html, namespaceHTMLElements=False).iter():
        if not isinstance(element.tag, str):
            continue
        found.add(f"{element.tag} {' '.join(sorted(set(map(str, element.attrib)) - {'lang', 'dir'}))}")
        wrong += [f"{element.tag} {name}" for name in element.attrib if str(name).lower().startswith("on")]
        for name in ("href", "src", "action", "background", "formaction"):
            url = re.sub(r"[\x00-\x20]", "", element.attrib.get(name, "")).lower()
            if re.match(r"[^/?#]*:", url) and not url.startswith(
                ("http:", "https:", "mailto:", "tel:", "data:text/calendar")
            ):
                wrong.append(url)
    return found, wrong


@pytest.fixture(scope="module")
def meant(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The kinds of elements in letters where nobody attacks them."""
    strings = tuple(f"{(*HARMLESS, 'بريد')[n % 6]} {n}" for n in range(18))
    made, _, _ = mailed(tmp_path_factory.mktemp("harmless"), strings)
    found: set[str] = set()
    for path in eml(made):
        some, wrong = kinds(html_of(email.message_from_bytes(path.read_bytes(), policy=policy.compat32)))
        assert not wrong
        found |= some
    return found


def test_everybody_is_written_to_once_for_each_thing(sent: tuple[Site, str, int]) -> None:
    """So that the others look at something: a mail about the step, and one that sums up, for each string."""
    made, _, count = sent
    assert len(eml(made)) > count


def test_no_letter_has_a_header_that_was_not_meant(sent: tuple[Site, str, int]) -> None:
    """By two parsers, and by the bytes: names once each, no line that continues none, no body before the head is over."""
    made, _, _ = sent
    for path in eml(made):
        raw = path.read_bytes()
        assert b"\r" not in raw.replace(b"\r\n", b""), path.name
        head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        names = [line.partition(b":")[0].decode() for line in head.split(b"\n") if line[:1] not in {b" ", b"\t"}]
        assert {name.lower() for name in names} <= HEADERS, path.name
        assert len(names) == len({name.lower() for name in names})
        assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name) for name in names)
        assert all(len(line) <= 998 for line in raw.splitlines())
        for rules in (policy.default, policy.compat32):
            message = email.message_from_bytes(raw, policy=rules)
            assert [name.lower() for name in message] == [name.lower() for name in names]
            assert not any(kind in message for kind in ("Bcc", "Cc"))
        assert email.message_from_bytes(raw).get_content_maintype() in {"multipart", "text"}
        assert body


def test_each_letter_goes_to_whom_it_is_about(sent: tuple[Site, str, int]) -> None:
    """An address that a string would add or change is none of those of the list."""
    made, _, count = sent
    known = {f"p{number}@example.org" for number in range(count)} | {"boss@example.org"}
    senders = set()
    for path in eml(made):
        message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        (to,) = message["To"].addresses
        assert to.addr_spec in known
        senders.add(str(message["From"]))
    assert len(senders) == 1


def test_no_letter_has_an_element_that_was_not_meant(sent: tuple[Site, str, int], meant: set[str]) -> None:
    made, _, _ = sent
    for path in eml(made):
        message = email.message_from_bytes(path.read_bytes(), policy=policy.compat32)
        found, wrong = kinds(html_of(message))
        assert not wrong, path.name
        assert not found - meant, path.name


def test_parts_and_files_are_those_that_were_meant(sent: tuple[Site, str, int]) -> None:
    """Two texts and at most a date; a calendar holds its own lines only; nothing is written beside the folder."""
    made, _, _ = sent
    for path in eml(made):
        message = email.message_from_bytes(path.read_bytes(), policy=policy.compat32)
        parts = [part for part in message.walk() if not part.is_multipart()]
        assert [part.get_content_type() for part in parts][:2] == ["text/plain", "text/html"]
        assert all(part.get_content_type() == "text/calendar" for part in parts[2:])
        for part in parts[2:]:
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            assert data.count(b"BEGIN:VEVENT") == data.count(b"END:VEVENT") == 1
            assert all(re.match(rb"[A-Z-]+[;:]", line) for line in data.replace(b"\r\n ", b"").splitlines())
            assert re.fullmatch(r"[a-z0-9.-]+\.ics", part.get_filename() or "")
    for path in (made.root / "mail").rglob("*"):
        assert re.fullmatch(r"[A-Za-z0-9.-]+", path.name), path.name
        assert path.resolve().is_relative_to((made.root / "mail").resolve())
    assert {path.name for path in made.root.iterdir()} == {"content", "mail", "output", "people.csv", "statusgen.toml", "tickets.csv", ".statusgen", ".output.statusgen"}  # fmt: skip


def test_no_line_of_the_log_commands_the_runner(sent: tuple[Site, str, int]) -> None:
    ours = re.compile(r"::(?:warning|error|notice) title=statusgen::|::add-mask::sgk1_")
    for line in re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", sent[1]):
        assert "##[" not in line
        assert not line.lstrip().startswith("::") or ours.match(line), line


@pytest.mark.browser
def test_nothing_on_a_preview_runs(chromium: Any, sent: tuple[Site, str, int]) -> None:
    """Opened from disk as a person does, with its policy switched off."""
    made, _, _ = sent
    context = chromium.new_context(bypass_csp=True)
    context.add_init_script(
        "window.fired = []; for (const n of ['alert', 'confirm', 'prompt', 'print']) window[n] = s => window.fired.push(n + s);"
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda one: None if one.url.startswith("file:") else asked.append(one.url))
    pages = sorted((made.root / "mail").glob("*.html"))
    assert pages
    for path in pages[:: max(1, len(pages) // 60)]:
        page.goto(path.as_uri())
        page.evaluate(
            "document.querySelectorAll('body *').forEach(e => { for (const n of ['mouseover', 'focus', 'toggle', 'error', 'load']) e.dispatchEvent(new Event(n)); })"
        )
        assert page.evaluate("window.fired") == [], path.name
        assert (
            page.evaluate("document.querySelectorAll('script, iframe, object, embed, svg, math, form, base').length")
            == 0
        )
    assert not asked, "a mail fetches nothing"
    context.close()

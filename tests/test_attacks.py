"""Attacks outside of a browser: the whole corpus in every field of a site leaves nothing behind but text.

tests/test_attacks_browser.py looks at the same sites with Chromium.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from xml.etree import ElementTree as ET

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import addresses
from statusgen.cli.log_lines import harmless, without_tokens
from statusgen.cli.terminal import Terminal
from statusgen.text import cleaned
from tests.attack_sources import KINDS
from tests.attacks import FIRST, FOLDER, HARMLESS, PEERS, attacked, names, payloads
from tests.paths import PROJECT
from tests.sites import NOW, SECRET, Site
from tests.test_noninterference import WRITTEN

_MEGABYTES, _SECONDS = 512, 20
_WORDS = frozenset({"title", "name", "category", "creator", "summary"})
"""Elements of feeds that are text by the rules of their form: markup in them is a word."""
_OURS: dict[str, set[str]] = {"div": {"dir"}, "small": set(), "var": {"data-var"}, "DOCUMENT_FRAGMENT": set()}
# VmHWM, not ru_maxrss: that begins at what the process which started this one ever held.
_BUILD = """
import re, sys, time
from statusgen.cli import main
began = time.process_time()
try:
    code = main()
finally:
    most = int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) // 1024
    print(most, time.process_time() - began, file=open("cost", "w"))
sys.exit(code)
"""


def whole(root: Path, strings: tuple[str, ...], kinds: tuple[str, ...], *words: str) -> tuple[Site, str, float, float]:
    """The site of these strings, built by the command line in a process of its own: what it logged, its megabytes and seconds."""
    made = attacked(root, strings, kinds)
    environ = {
        "STATUSGEN_SECRET": WRITTEN,
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "PATH": "",
        "PYTHONPATH": str(PROJECT),
    }
    command = [sys.executable, "-c", _BUILD, "--now", NOW.isoformat(), *words, "build"]
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, check=False)
    log = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 0, log
    megabytes, seconds = (root / "cost").read_text().split()
    return made, log, float(megabytes), float(seconds)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((FIRST, 40), id="slice"),
        pytest.param((PEERS, 40), id="slice of peers"),
        pytest.param((FIRST, 1), marks=pytest.mark.proof, id="all"),
        pytest.param((PEERS, 1), marks=pytest.mark.proof, id="all of peers"),
    ],
)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, str, float, float]:
    """The site of the corpus, or of a slice of it."""
    kinds, step = request.param
    return whole(tmp_path_factory.mktemp("attacked"), payloads()[::step], kinds, "--output-format", "github")


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        *(pytest.param(kind, 40, id=f"{kind}, slice") for kind in ("csv", "markdown", "gatus", "upptime")),
        *(pytest.param(kind, 1, id=kind, marks=pytest.mark.proof) for kind in ("csv", *KINDS)),
    ],
)
def test_no_source_costs_much_memory_or_time(kind: str, step: int, tmp_path: Path) -> None:
    """A site of this source alone, from its bytes to all of its pages: each in a process of its own."""
    made, log, megabytes, seconds = whole(tmp_path, payloads()[::step], (kind,), "--output-format", "json")
    report = json.loads(log[log.index("{\n") : log.rindex("}") + 1])
    print(f"{kind}: {megabytes:.0f} MB, {seconds:.1f} s, {report['pages']} pages")
    assert all(source["records"] for source in report["sources"]), report["sources"]
    assert megabytes < _MEGABYTES
    assert seconds < _SECONDS
    assert report["incidents"] + report["tickets"] > 0
    assert [*made.output.glob("index.html")]


def test_no_file_is_written_outside_of_the_output(built: tuple[Site, str, float, float]) -> None:
    made = built[0]
    there = {path.name for path in made.root.iterdir()}
    given = {"content", "cost", "people.csv", "statusgen.toml", "tickets.csv", "cloud.json", "supplier.atom", "desk.json", "desk.jsonl", "cstate", "upptime", "alerts.json", "gatus.json"}  # fmt: skip
    assert there - given == {"output", ".statusgen", ".output.statusgen"}
    for path in made.output.rglob("*"):
        assert path.resolve().is_relative_to(made.output.resolve())
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*|404\.html|_headers|\.statusgen-manifest\.json", path.name), path


def test_no_line_of_the_log_commands_the_runner(built: tuple[Site, str, float, float]) -> None:
    ours = re.compile(r"::(?:warning|error) title=statusgen::|::add-mask::sgk1_")
    for line in re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", built[1]):
        assert "##[" not in line
        assert not line.lstrip().startswith("::") or ours.match(line), line


def test_what_feeds_say_is_harmless_html(built: tuple[Site, str, float, float]) -> None:
    """A reader of feeds shows titles as text or as HTML, and descriptions as HTML: neither has anything to run."""
    looked_at = 0
    feeds = [*built[0].output.glob("*.rss"), *built[0].output.glob("*.atom"), *built[0].output.glob("f/*.rss")][:12]
    for path in feeds:
        for element in ET.fromstring(path.read_bytes()).iter():
            for text in filter(None, (element.text, *element.attrib.values())):
                if element.tag.rpartition("}")[2] in _WORDS:
                    continue
                assert not dangers(text), (path.name, element.tag)
                looked_at += 1
    assert looked_at > 100


def dangers(html: str) -> list[str]:
    """Elements and attributes in a piece of HTML that are not on the list of those that text may have."""
    if "<" not in html:
        return []
    found = []
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False, treebuilder="etree").iter():
        known = {"href", "title", "rel"} if element.tag == "a" else _OURS.get(element.tag, set())
        found += [] if element.tag in cleaned.TAGS | _OURS.keys() else [str(element.tag)]
        found += sorted(element.attrib.keys() - known)
        href = element.attrib.get("href", "")
        found += [href] if not re.match(r"(?:https?|mailto):|[^:]*\Z", href) else []
    return found


def test_calendars_hold_their_own_lines_only(built: tuple[Site, str, float, float]) -> None:
    """A line break in a title would begin a property, or another event."""
    for path in built[0].output.rglob("*.ics"):
        data = path.read_bytes()
        assert b"\n" not in data.replace(b"\r\n", b"")
        for line in data.replace(b"\r\n ", b"").splitlines():
            assert re.match(rb"(?:[A-Z-]+)(?:;[A-Z-]+=[^:]*)*:", line), line
        assert data.count(b"BEGIN:VEVENT") == data.count(b"END:VEVENT") == data.count(b"\r\nUID:")


def test_json_files_are_json(built: tuple[Site, str, float, float]) -> None:
    found = [*built[0].output.rglob("*.json")]
    assert len(found) > 10
    for path in found:
        json.loads(path.read_bytes())


# ---- one door each, with all that it must stop


def test_no_name_leaves_its_folder_and_no_two_are_one() -> None:
    """Every traversal and reserved name, plain and in capitals: one safe segment each, and different on every disk."""
    payloads()
    every = [*names(), *(name.upper() for name in names())]
    made: dict[str, str] = {}
    for name in dict.fromkeys(every):
        segment = addresses.name_of(name)
        assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", segment), name
        assert segment.partition(".")[0] not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
        folded = unicodedata.normalize("NFC", segment).casefold()
        assert made.setdefault(folded, name) == name
    assert len(made) > 2_000


@pytest.mark.parametrize("stream", ["result", "note", "warning", "error", "json", "annotate"])
def test_no_attack_on_logs_gets_through_either_stream(stream: str, capsys: pytest.CaptureFixture[str]) -> None:
    payloads()
    terminal = Terminal(in_actions=True, verbosity=1)
    own = json.loads((FOLDER / "own-attacks.json").read_text("utf-8"))
    for attack in [*own["log_lines"], "\u3000::error::x", "\x85::error::x", "a\n  ::error::x", "a\u2029::error::x"]:
        if stream == "annotate":
            terminal.annotate("warning", [attack])
        else:
            getattr(terminal, stream)({"a": attack} if stream == "json" else attack)
        out, err = capsys.readouterr()
        for line in re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", out + err):
            assert "\x1b" not in line
            assert "##[" not in line
            assert not line.lstrip().startswith("::") or line.startswith("::warning title=statusgen::"), attack
        assert stream != "annotate" or (out + err).count("\n") == 1


@given(st.text(st.characters() | st.sampled_from(":#[\n\r\t \u2028\x1b\x85\u202e"), max_size=40))
def test_what_is_logged_is_never_a_command_and_ordinary_words_stay(text: str) -> None:
    logged = harmless(text, in_actions=True)
    for line in logged.split("\n"):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert line.replace("\t", "").isprintable() or not any(
            unicodedata.category(c) == "Cc" for c in line.replace("\t", "")
        )
    assert (
        harmless("3 tickets: see row 7 (https://example.org/)", in_actions=True)
        == "3 tickets: see row 7 (https://example.org/)"
    )


def test_a_log_shows_no_address_of_a_personal_page() -> None:
    """Under level unlisted whoever has it can read the page."""
    token = "a2" * 16
    assert without_tokens(f"output/u/{token}/index.html and f/{token}.rss") == "output/u/…/index.html and f/….rss"
    assert without_tokens("u/short/ and themes/default") == "u/short/ and themes/default"


@pytest.mark.parametrize("kinds", [FIRST, PEERS], ids=["first", "peers"])
def test_the_harmless_site_is_the_same_shape(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    """What the browser compares with is a site of the same kind, so that a difference comes from the attack."""
    made = attacked(tmp_path, HARMLESS, kinds)
    report = made.build(secret=SECRET)
    assert report.people > 1
    assert not [one for one in report.warnings if "set aside" in one]
    assert all(source.state.value == "ok" for source in report.sources)

"""Input hardening, row by row of research: security §3: each kind of input has one door, and the door holds.

What other tests hold already is not said again: fetching (test_fetch), text and Markdown (test_text), templates
(test_theme_sandbox), archives (test_unpack), front matter (test_content), logs and whole sites (test_attacks).
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import re
import time
from collections.abc import Iterator
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import statusgen
from statusgen import config
from statusgen.errors import SourceError
from statusgen.sources import feed_entries, json_guard, loose, xml_guard
from statusgen.sources.tables import read_json
from statusgen.text import cleaned
from statusgen.text.cells import as_csv, cell
from statusgen.text.headers import address, header, unexpected
from tests.attacks import FOLDER, names, payloads
from tests.paths import PROJECT
from tests.sites import HEAD

# ---- mail headers


def mail(value: str, recipient: str = "") -> bytes:
    """A mail with a foreign value in every header that may hold one."""
    message = EmailMessage(policy=policy.SMTP)
    to = address(recipient) or ("ana", "example.org")
    message["Subject"] = header(value)
    message["From"] = Address(header(value), "status", "example.org")
    message["To"] = Address(header(value), *to)
    message["X-Statusgen-Reason"] = header(value)
    message["List-Id"] = f"{header(value, 60)} <it.example.org>"
    message.set_content(value.encode("utf-8", "replace").decode())
    return message.as_bytes()


HEADERS = (
    "Subject",
    "From",
    "To",
    "X-Statusgen-Reason",
    "List-Id",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
)


def test_no_attack_adds_a_header_or_a_recipient() -> None:
    own = json.loads((FOLDER / "own-attacks.json").read_text("utf-8")) if FOLDER.is_dir() else pytest.skip("no attacks")
    every = [*own["email_subjects"], *own["email_addresses"], *payloads()[::7], *names()[::40]]
    for attack in every:
        made = mail(attack, attack)
        assert unexpected(made, HEADERS) == (), attack
        head = made.partition(b"\r\n\r\n")[0]
        assert b"evil@x.test" not in head or b"\r\nBcc" not in head
        assert re.findall(rb"(?im)^(?:b?cc|to):", head) == [b"To:"], attack


@given(st.text(st.characters() | st.sampled_from("=?\r\n:\x0b\x85\u2028 qQbB_<>@,"), max_size=80))
def test_no_text_adds_a_header(text: str) -> None:
    assert unexpected(mail(text), HEADERS) == ()
    assert header(header(text)) == header(text)


def test_the_check_sees_what_the_cleaner_might_miss() -> None:
    """This Python, or the next one, may write what nobody asked for: such a mail must not go out."""
    assert unexpected(b"Subject: a\r\nBcc: evil@x.test\r\n\r\nbody", ["Subject"]) == ("bcc",)
    assert unexpected(b"Subject: a\nSubject: b\n\nbody", ["Subject"]) == ("subject",)
    assert unexpected(b"Subject: a\r\n folded: on\r\n\r\nBcc: in the body", ["Subject"]) == ()
    assert unexpected(b"Subject: a\r\nno header here\r\n\r\n", ["Subject"]) == ("a line that is no header",)


def test_an_address_is_one_plain_address_or_none() -> None:
    assert address("Ana.Jansen+it@mail.Example.org") == ("Ana.Jansen+it", "mail.example.org")
    for wrong in ("a@b.test, e@x.test", "Ana <a@b.test>", "a@b.test\nBcc: e@x.test", "a@[127.0.0.1]", "@x.test", "a@", "a@b@c.test", '"a"@b.test', "a@b.test;c@d.test", "a..b@c.test", "a@b", "a@b.test\n"):  # fmt: skip
        assert address(wrong) is None, wrong


# ---- XML


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (nested(64), nested(65)),
        (
            b"<a " + b" ".join(b'b%d="x"' % n for n in range(64)) + b"/>",
            b"<a " + b" ".join(b'b%d="x"' % n for n in range(65)) + b"/>",
        ),
        (b"<a>" + b"<b/>" * 199_999 + b"</a>", b"<a>" + b"<b/>" * 200_000 + b"</a>"),
        (b"<a>" + b"x" * 1_000_000 + b"</a>", b"<a>" + b"x" * 1_000_001 + b"</a>"),
        (b'<a b="' + b"x" * 8_192 + b'"/>', b'<a b="' + b"x" * 8_193 + b'"/>'),
        (b"<a/>", b"<!DOCTYPE a><a/>"),
        (b"<a/>", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'),
        (b"<a/>" + b" " * (xml_guard.MOST_BYTES - 4), b"<a/>" + b" " * (xml_guard.MOST_BYTES - 3)),
    ],
    ids=["depth", "attributes", "elements", "text", "attribute", "doctype", "entity", "bytes"],
)
def test_the_xml_guard_holds_each_limit_and_no_less(good: bytes, bad: bytes) -> None:
    began = time.process_time()
    xml_guard.check(good)
    with pytest.raises(xml_guard.UnsafeXmlError):
        xml_guard.check(bad)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "body", [b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:1/", b"", b"null", b"\xef\xbb\xbf"]
)
def test_a_body_that_is_a_path_or_an_address_is_not_opened(body: bytes, tmp_path: Path) -> None:
    """feedparser alone opens it (research: security §3)."""
    with pytest.raises(SourceError):
        feed_entries.parse("history.atom", body, help="")
    real = tmp_path / "ok.xml"
    real.write_text('<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>')
    with pytest.raises(SourceError):
        feed_entries.parse("history.atom", str(real).encode(), help="")


# ---- JSON: one door for every reader


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        "[NaN]",
        "[-Infinity]",
        "[1e999]",
        "[" * 100_000,
        "[" + "9" * 5_000 + "]",
        '{"a": {"b": 1, "b": 2}}',
        "{",
        "",
    ],
)
def test_json_that_is_broken_ambiguous_or_endless_is_a_source_error_for_every_reader(text: str) -> None:
    with pytest.raises(SourceError):
        read_json("t.json", text.encode(), {"number": "n"}, "")
    with pytest.raises(SourceError):
        loose.parse("s.json", text.encode())


def test_half_a_character_is_dropped_wherever_it_stands() -> None:
    found = json_guard.loads('{"a\\ud800": ["\\uDFFFx", {"b": "\\ud83d\\ude00 \\udead"}]}')
    assert found == {"a": ["x", {"b": "\U0001f600 "}]}
    json.dumps(found, ensure_ascii=False).encode()


# ---- who may read what


_DOORS = {
    "json.loads": {
        "publish/place.py",
        "publish/targets/pages.py",
        "publish/targets/store.py",
        "levels.py",
        "cli/verify.py",
        "cli/live.py",
        "outbox/journal.py",
        "outbox/chat.py",
        "mailroom/letters.py",
    },  # our own manifests, the event of the runner, our own site, our own journal and letters
    "yaml.load": {"sources/front_matter.py"},
    "feedparser": {"sources/feed_entries.py"},
    "lxml": {"syndication.py"},  # our own feeds
    "xml.etree": {"text/markup.py"},  # Python-Markdown's elements
    "xml.dom": set(),
    "xml.sax": set(),
    "pickle": set(),
    "marshal": set(),
    "markdown": {"text/markup.py"},
    "nh3": {"text/cleaned.py"},
    "eval": set(),
    "exec": set(),
}


def test_each_kind_of_input_has_one_door() -> None:
    """A second reader would be one that nobody hardened."""
    found: dict[str, set[str]] = {name: set() for name in _DOORS}
    for path in (PROJECT / "statusgen").rglob("*.py"):
        for used in _used(ast.parse(path.read_text("utf-8"))):
            for name, where in found.items():
                if used == name or used.startswith(f"{name}."):
                    where.add(path.relative_to(PROJECT / "statusgen").as_posix())
    assert found == _DOORS


def _used(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=imported):
                yield from (one.name for one in imported)
            case ast.ImportFrom(module=str() as module, level=0):
                yield module
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)):
                yield f"{module}.{name}"
            case ast.Call(func=ast.Name(id=name)):
                yield name


def test_html_of_others_never_holds_what_every_hole_of_its_cleaner_needed() -> None:
    assert not cleaned.TAGS & {
        "svg",
        "math",
        "annotation-xml",
        "style",
        "template",
        "noscript",
        "iframe",
        "form",
        "select",
        "title",
    }


def test_a_configuration_takes_nothing_from_the_environment_but_secrets_by_name() -> None:
    made = config.parse(HEAD.replace("Test status", "${HOME} $PATH %USER%"))
    assert made.site.title == "${HOME} $PATH %USER%"


def test_no_cell_of_the_corpus_is_a_formula_for_a_spreadsheet() -> None:
    payloads()
    cells = [*json.loads((FOLDER / "csv" / "csv-formulas.json").read_text("utf-8"))]
    cells += json.loads((FOLDER / "own-attacks.json").read_text("utf-8"))["csv_cells"]
    numbers = {"+1", "-1", "-5"}
    for one in cells:
        guarded = cell(one)
        assert one in numbers or not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", guarded), one
    assert as_csv([["=1+1", "-5"]]) == "'=1+1,-5\r\n"


# ---- our own regular expressions


_BOUNDED = frozenset(
    {
        "statusgen.channels.pages._CODE",
        "statusgen.config.syntax._AT",
        "statusgen.sources.stage_words._TRAILING",
    }
)
"""What these see is short (a title of at most 300 characters, tomllib's own message), or our own (a template)."""


def slow(length: int, limit: float) -> list[str]:
    """Expressions that take longer than so many seconds for so many of one of their own characters, used as their module does."""
    found = []
    for info in pkgutil.walk_packages(statusgen.__path__, "statusgen."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        source = inspect.getsource(module)
        for name, pattern in vars(module).items():
            if (
                not (isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str))
                or f"{info.name}.{name}" in _BOUNDED
            ):
                continue
            used = set(re.findall(rf"\b{name}\.(match|fullmatch|search|sub|finditer|findall|split)\b", source))
            for way in sorted({way if way in {"match", "fullmatch"} else "search" for way in used}):
                for sign in sorted({*re.sub(r"\\[a-zA-Z]", "", pattern.pattern), *"a1 <&-\n"}):
                    began = time.process_time()
                    getattr(pattern, way)(sign * length)
                    if time.process_time() - began > limit:
                        found.append(f"{info.name}.{name}: {sign!r}")
    return found


def test_no_expression_of_ours_is_slow_on_its_worst_character() -> None:
    assert slow(10_000, 0.5) == []


@pytest.mark.proof
def test_no_expression_of_ours_is_slow_on_a_megabyte_of_its_worst_character() -> None:
    assert slow(1_000_000, 5) == []

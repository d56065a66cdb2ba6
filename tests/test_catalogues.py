"""Whatever a reader reads can be translated: messages are found, looked up as they are found, and complete."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from babel.messages import Catalog
from markdown_it import MarkdownIt

from statusgen import build, config, fetch, gather, site, snapshot, wording
from statusgen.model import Snapshot
from statusgen.roster import read_roster
from statusgen.state import DirState, load
from tests import messages, pseudo
from tests.paths import PROJECT
from tests.sites import NOW, SECRET

GREEK = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "ΑΒΨΔΕΦΓΗΙΞΚΛΜΝΟΠΧΡΣΤΘΩΣΧΥΖαβψδεφγηιξκλμνοπχρστθωσχυζ"
)
"""What people write is put into Greek letters, so that Latin ones can only be statusgen's own."""
WRITTEN = frozenset((
    "title", "name", "group", "audience", "team", "assignee", "author", "hold_reason", "meanwhile", "expected",
    "cause", "text", "body", "translations", "updates", "requester_name", "category", "subcategory", "location",
    "events", "zone_name",
))  # fmt: skip
OWN = re.compile(r"https?://\S+|\S+@\S+|\b[\w-]+(\.[\w-]+)+\b|\b[a-z]{1,3}-\d[\d-]*", re.IGNORECASE)
"""Addresses and numbers are the same in every language."""
NAMES = frozenset((
    "rss", "atom", "json", "opml", "ical", "icalendar", "utc", "html", "svg", "ok", "css", "statusgen", "statuspage",
    "slack", "teams", "javascript",
))  # fmt: skip


# ---- the words of the whole demo, in a language that is not there


def greek(value: Any, *, written: bool = False) -> Any:
    """The same with all that people wrote in Greek letters."""
    if isinstance(value, str):
        return value.translate(GREEK) if written else value
    if is_dataclass(value) and not isinstance(value, type):
        made = {
            f.name: greek(getattr(value, f.name), written=f.name in WRITTEN and f.name != "events")
            for f in fields(value)
        }
        return replace(value, **made)
    if isinstance(value, tuple):
        return tuple(greek(one, written=written) for one in value)
    if isinstance(value, dict):
        return {key: greek(one, written=written) for key, one in value.items()}
    return value


def snapshot_of(root: Path, settings: config.Config, state: DirState) -> Snapshot:
    memory = load(state, NOW)

    def get(source: Any) -> Any:
        return fetch.fetch_path(root / source.path, max_size=source.max_size, now=NOW)

    gathered = [gather.gather(one, settings, memory, now=NOW, get=get) for one in build.sources_of(settings, root)]
    told = [build.told_of(one, one.reading, memory) for one in gathered if one.reading]
    people = read_roster(settings, memory, root, NOW).people
    statuses = tuple(one.status for one in gathered)
    return snapshot.take(told, settings, now=NOW, people=people, statuses=statuses, gaps={}).snapshot


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of the demo in Japanese whose words are our pseudo-language's: its dates have no Latin letter."""
    root = tmp_path_factory.mktemp("pseudo")
    for name in ("content", "themes", "statusgen.toml"):
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        copy(PROJECT / name, root / name)
    words = root / "themes" / "pseudo" / "translations" / "ja.po"
    words.parent.mkdir(parents=True)
    words.write_bytes(pseudo.as_po(messages.extracted(), "ja"))
    toml = re.sub(
        r"languages = .*", 'languages = ["ja"]\ntheme = "pseudo"', (root / "statusgen.toml").read_text("utf-8")
    )
    settings = config.parse(toml.replace("Kadewerk IT status", "Καδε"))
    taken = snapshot_of(root, settings, DirState(root / ".statusgen"))
    sources = tuple(replace(source, name=source.name.translate(GREEK)) for source in taken.sources)
    taken = replace(greek(taken), now=NOW, sources=sources, journeys=taken.journeys)
    around, notes = build.surroundings(settings, taken, root=root, secret=SECRET, simulated=True)
    assert not notes
    return {page.path: page.render() for page in site.plan(taken, settings, around).pages}


class Words(HTMLParser):
    """The texts of a page that somebody reads or hears, each by itself."""

    SPOKEN = frozenset(("aria-label", "aria-description", "alt", "placeholder", "data-own", "data-checked"))
    MUTE = frozenset(("script", "style"))
    INLINE = frozenset(["a", "abbr", "b", "bdi", "code", "em", "i", "kbd", "s", "small", "span", "strong", "time", "u"])

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = [""]
        self._mute = 0
        self._until = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._mute += tag in self.MUTE
        if "translate" in given:  # an address or a command, to be copied as it is
            self._mute, self._until = self._mute + 1, tag
        if tag not in self.INLINE:
            self.found.append("")
        spoken = [given[name] for name in sorted(self.SPOKEN & given.keys())]
        if tag == "meta" and (given.get("name") or given.get("property")) in {
            "description",
            "og:title",
            "og:description",
        }:
            spoken.append(given.get("content"))
        if tag != "a" or "title" in given:
            spoken.append(given.get("title"))
        self.found[-1:-1] = [text for text in spoken if text]

    def handle_endtag(self, tag: str) -> None:
        self._mute -= tag in self.MUTE
        if tag == self._until:
            self._mute, self._until = self._mute - 1, ""
        if tag not in self.INLINE:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if not self._mute:
            self.found[-1] += data


def texts(path: str, content: bytes) -> Iterator[str]:
    """What is read in a file; pictures have no words, and programs match on Statuspage's in English."""
    kind = path.rpartition(".")[2]
    if kind == "png" or path in {"history.rss", "history.atom"}:
        return
    text = content.decode()
    if kind == "json":
        yield from _strings(json.loads(text)) if path.endswith("feed.json") or "updates.json" in path else ()
    elif kind == "ics":
        lines = re.sub(r"\r\n[ \t]", "", text).splitlines()
        wanted = ("SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "X-WR-CALNAME", "X-WR-CALDESC", "NAME")
        yield from (line.partition(":")[2] for line in lines if line.partition(":")[0].partition(";")[0] in wanted)
    elif kind in {"rss", "atom"}:
        told = {"title", "description", "summary", "content", "encoded", "subtitle", "category"}
        for element in ET.fromstring(content).iter():
            if element.tag.rpartition("}")[2] in told and element.text:
                yield from _in_html(element.text)
    elif kind in {"html", "svg"}:
        yield from _in_html(text)
    elif kind == "md" or path == "llms.txt":
        html = MarkdownIt("commonmark").render(text.replace("\n## Optional\n", ""))
        yield from _in_html(re.sub("<code>.*?</code>", " ", html))
    elif path.endswith("opml.xml"):
        yield from (
            one.get(name, "") for one in ET.fromstring(content).iter() for name in ("text", "title", "description")
        )


def _in_html(text: str) -> list[str]:
    reader = Words()
    reader.feed(text)
    return reader.found


def _strings(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, str) and key in {"title", "summary", "content_text", "content_html", "description", "name"}:
        yield from _in_html(value)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _strings(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one, key)


def left(text: str) -> list[str]:
    """The Latin words of a text that are neither translated nor the same in all languages."""
    rest = OWN.sub(" ", pseudo.without_messages(text))
    return [word for word in re.findall(r"[A-Za-z]{2,}", rest) if word.lower() not in NAMES]


def test_nothing_that_a_reader_sees_is_left_in_english(pages: dict[str, bytes]) -> None:
    """On any page, feed or calendar: what the extractor finds is what is looked up, and all that is printed is looked up."""
    found = {}
    for path, content in pages.items():
        words = {word: text for text in texts(path, content) for word in left(text)}
        for word, text in words.items():
            found.setdefault(word, f"{path}: {' '.join(text.split())[:200]}")
    assert not found
    assert any("[!!" in content.decode() for path, content in pages.items() if path.endswith(".rss"))
    assert len([path for path in pages if path.endswith(".html")]) > 40


# ---- the same, without running anything: no branch is left out


@pytest.mark.parametrize(
    "path", [path for path, is_template in messages.files() if is_template], ids=lambda path: path.name
)
def test_no_template_holds_words_that_are_not_messages(path: Path) -> None:
    source = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{#.*?#\}", " ", path.read_text("utf-8"), flags=re.DOTALL)
    source = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.DOTALL)
    found = [re.sub(r'[\w-]+="[^"]*"', " ", text) for text in _in_html(source)]  # a macro may make attributes
    assert [word for text in found for word in left(text)] == []


def test_no_view_makes_a_sentence_that_is_not_a_message() -> None:
    """Every text with two words in it in the views and in the wording is extracted."""
    known = {text for message in catalogue() for text in ([message.id] if isinstance(message.id, str) else message.id)}
    sources = [*(PROJECT / "statusgen" / "views").glob("*.py"), PROJECT / "statusgen" / "wording.py"]
    found = [
        f"{path.name}: {text}"
        for path in sources
        for text in _said(ast.parse(path.read_text("utf-8")))
        if text not in known
    ]
    assert found == []


def _said(tree: ast.Module) -> Iterator[str]:
    """Texts of two words or more that are no docstring and no markup, and do not belong to an error."""
    quiet = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "meant":
            quiet.add(id(node.args[0]))
        if isinstance(node, ast.Raise):
            quiet |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet
        if is_text and re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", node.value) and "<" not in node.value:
            yield node.value


@cache
def catalogue() -> Catalog:
    return messages.extracted()


# ---- the tool that keeps the catalogues


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    """A theme with three messages, all of them translated."""
    made = tmp_path / "themes" / "mine"
    (made / "templates").mkdir(parents=True)
    (made / "translations").mkdir()
    write(
        made,
        "{{ _('All is well') }} {% trans n=n %}{{ n }} day{% pluralize %}{{ n }} days{% endtrans %} {{ pgettext('nav', 'Now') }}",
    )
    known = messages.extracted(made)
    for message in known:
        message.string = (
            ("%(n)s dag", "%(n)s dagen") if message.pluralizable else "Nu" if message.context else "Alles goed"
        )
    known.locale = "nl"
    (made / "translations" / "nl.po").write_bytes(messages.as_po(known, what="the mine theme, Dutch"))
    return made


def write(theme: Path, template: str) -> None:
    (theme / "templates" / "page.html").write_text(template, "utf-8")


def dutch(theme: Path) -> messages.Translation:
    return messages.translation("nl", messages.extracted(theme), theme)


def test_a_catalogue_that_is_up_to_date_stays_as_it_is(theme: Path) -> None:
    assert [path.name for path in messages.outdated(theme)] == ["statusgen.pot"]
    for path, content in messages.outdated(theme).items():
        path.write_bytes(content)
    assert messages.outdated(theme) == {}
    assert dutch(theme).gaps == []
    text = (theme / "translations" / "nl.po").read_text("utf-8")
    assert "#: themes/mine/templates/page.html\n" in text
    assert "Date" not in text


def test_new_messages_are_to_do_changed_ones_fuzzy_and_gone_ones_dropped(theme: Path) -> None:
    write(theme, "{{ _('All is very well') }} {{ _('Closed') }} {{ pgettext('nav', 'Now') }}")
    said = dutch(theme)
    assert [str(gap) for gap in said.gaps] == [
        "fuzzy: the message has changed, or has too few plural forms: 'All is very well'",
        "not translated: 'Closed'",
    ]
    text = said.written.decode()
    assert 'msgstr "Nu"' in text
    assert "dagen" not in text
    assert "#~" not in text
    (theme / "translations" / "nl.po").write_bytes(said.written)
    assert "fuzzy: the message has changed, or has too few plural forms: 'All is very well'" in [
        str(gap) for gap in dutch(theme).gaps
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "what"),
    [
        ('"Alles goed"', '"Alles goed "', "spaces"),
        ('"Alles goed"', '"Alles %(n)s goed"', "placeholders"),
        ('"Alles goed"', '"Alles <b>goed</b>"', "tags"),
        ('"%(n)s dagen"', '"veel dagen"', "placeholders"),
        ('"%(n)s dagen"', '""', "not translated"),
        ('"Nu"', '""', "not translated"),
    ],
)
def test_what_is_wrong_with_a_translation_is_said(theme: Path, right: str, wrong: str, what: str) -> None:
    path = theme / "translations" / "nl.po"
    path.write_text(path.read_text("utf-8").replace(f" {right}", f" {wrong}"), "utf-8")
    (gap,) = dutch(theme).gaps
    assert what in str(gap)


def test_the_form_for_one_can_do_without_the_number(theme: Path) -> None:
    write(theme, "{% trans n=n %}One day{% pluralize %}{{ n }} days{% endtrans %}")
    path = theme / "translations" / "nl.po"
    path.write_text(
        path.read_text("utf-8").replace('%(n)s day"', 'One day"').replace('%(n)s dag"', 'Een dag"'), "utf-8"
    )
    assert dutch(theme).gaps == []


def test_a_language_with_too_few_plural_forms_is_told(theme: Path) -> None:
    path = theme / "translations" / "nl.po"
    path.rename(path.with_name("ar.po"))
    gaps = messages.translation("ar", messages.extracted(theme), theme).gaps
    assert [gap.what for gap in gaps] == ["fuzzy: the message has changed, or has too few plural forms"]


def test_what_the_pseudo_language_makes_of_a_message() -> None:
    said = pseudo.accented("We said <b>%(when)s</b> and did not make it.")
    assert said.startswith("[!! Wé šàîđ <b>%(when)s</b> àñđ")
    assert len(said) >= 1.4 * len("We said <b>%(when)s</b> and did not make it.")
    assert pseudo.accented(", ") == ", "
    assert pseudo.without_messages("a [!! b [!! c !!] !!] d") == "a  d"


# ---- the languages that the theme speaks


SPOKEN = messages.languages()


def words_of(code: str) -> wording.Words:
    return wording.words(code, "Europe/Amsterdam", (messages.THEME / "translations" / f"{code}.po").read_bytes())


def test_the_theme_speaks_six_languages() -> None:
    assert {"nl", "de", "fr", "es", "ar"} <= set(SPOKEN)


@pytest.mark.parametrize(
    ("number", "problems", "minutes"),
    [
        (0, "لا مشكلات", "0 دقيقة"),
        (1, "مشكلة واحدة", "دقيقة واحدة"),
        (2, "مشكلتان", "دقيقتان"),
        (3, "3 مشكلات", "3 دقائق"),
        (11, "11 مشكلة", "11 دقيقة"),
        (100, "100 مشكلة", ""),
    ],
)
def test_arabic_has_its_six_plural_forms(number: int, problems: str, minutes: str) -> None:
    words = words_of("ar")
    assert words.count("%(num)d problem", "%(num)d problems", number) == problems
    assert not minutes or words.duration(number) == minutes
    assert words.count("%(num)d day", "%(num)d days", 14) == "14 يومًا"
    assert words.count("%(num)d day", "%(num)d days", 100) == "100 يوم"


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages of the demo in every language that the theme speaks, its people's in Arabic."""
    root = tmp_path_factory.mktemp("spoken")
    codes = ", ".join(f'"{code}"' for code in SPOKEN)
    toml = re.sub(r"languages = .*", f"languages = [{codes}]", (PROJECT / "statusgen.toml").read_text("utf-8"))
    toml = re.sub(r"level = .*", 'level = "unlisted"', re.sub(r"hosting = .*", 'hosting = "private"', toml))
    settings = config.parse(toml)
    taken = snapshot_of(PROJECT, settings, DirState(root / ".statusgen"))
    taken = replace(taken, people=tuple(replace(one, language="ar") for one in taken.people))
    around, _ = build.surroundings(settings, taken, root=PROJECT, secret=SECRET, simulated=True)
    wanted = re.compile(r"(u/|([a-z]{2}/)?(services|incidents|planned|history|updates|about|me|index))")
    pages = (
        page
        for page in site.plan(taken, settings, around).pages
        if page.path.endswith(".html") and wanted.match(page.path)
    )
    return {page.path: page.render().decode() for page in pages}


def test_a_date_that_ends_in_a_dot_does_not_end_its_sentence(spoken: dict[str, str]) -> None:
    """ "mar. 24 nov." is a date in French; a sentence that ends in it must not have two dots."""
    for path, html in spoken.items():
        twice = re.search(r".{60}\w\.\.(?!\.)", re.sub(r"<[^>]+>", "", html), re.DOTALL)
        assert twice is None, (path, twice[0])


def test_arabic_pages_run_from_right_to_left_and_keep_numbers_whole(spoken: dict[str, str]) -> None:
    pages = {path: html for path, html in spoken.items() if '<html lang="ar" dir="rtl">' in html}
    assert len([path for path in pages if path.startswith("u/")]) > 10
    assert len(pages) > 40
    for path, html in pages.items():
        for number in re.findall(r">([^<>]*\+31 20[^<>]*)<", html):
            assert f"<bdi>{number}</bdi>" in html, path
        for number in set(re.findall(r"(?<=>)(?:REQ|INC|CHG|FAC)-\d+(?=<)", html)):
            assert re.search(rf"<bdi[^>]*>{number}</bdi>", html), (path, number)
            assert not re.search(rf"<(p|dd|td|li|a)[^>]*>{number}<", html), (path, number)


def test_a_page_in_a_language_names_no_message_of_another(spoken: dict[str, str]) -> None:
    """Six catalogues were not mixed up: what Dutch says for "All services" stands on Dutch pages alone."""
    homes = {code: spoken[f"{code}/index.html"] for code in SPOKEN[1:]} | {SPOKEN[0]: spoken["index.html"]}
    for code, html in homes.items():
        for other in SPOKEN:
            assert (words_of(other).say("All services") in html) == (other == code), (code, other)

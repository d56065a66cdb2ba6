"""Markdown twins: beside every public page, the same facts, nothing that a stranger wrote turned into markup; and llms.txt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from posixpath import normpath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from statusgen import addresses, config, wording
from statusgen.channels.markdown import Twins
from statusgen.model import Incident, IncidentStage, PlannedWork, Text
from statusgen.text import clean_line
from statusgen.views.common import Look
from statusgen.views.home import home
from statusgen.views.incident import incident_page, planned_page
from statusgen.views.parts import Support
from tests.feed_files import NOW_OF_DEMO, pages
from tests.paths import PROJECT
from tests.scenes import WORDS, ago, incident, look, said, services, snapshot, work
from tests.sites import DESK, HEAD, site
from tests.test_commonmark import MARKS

STRICT = MarkdownIt("commonmark")
BASE = "https://status.example.org/it/"
TWINS = Twins(
    WORDS, title="Kadewerk IT", base_url=BASE, support=Support(email="desk@example.org", phone="+31 20 555 0100")
)


@pytest.fixture(scope="module")
def demo() -> dict[str, str]:
    """Every page of the demo and its twin, and llms.txt."""
    made = pages(config.parse((PROJECT / "statusgen.toml").read_text("utf-8")), PROJECT, NOW_OF_DEMO)
    return {path: page.render().decode() for path, page in made.items() if path.endswith((".html", ".md", ".txt"))}


class Main(HTMLParser):
    """What the middle of a page says: its times, where it leads, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.times: list[str] = []
        self.links: set[str] = set()
        self.words: list[str] = []
        self._inside = False
        self._time = self._drawn = False
        self.feed(re.sub(r'<p class="crumb">.*?</p>', "", html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside |= tag == "main"
        if self._inside and tag == "a":
            self.links.add(dict(attrs).get("href") or "")
        self._time = self._inside and tag == "time"
        self._drawn |= tag == "svg"

    def handle_endtag(self, tag: str) -> None:
        self._inside &= tag != "main"
        self._drawn &= tag != "svg"
        self._time = False

    def handle_data(self, data: str) -> None:
        if self._inside and not self._drawn and data.strip():
            (self.times if self._time else self.words).append(" ".join(data.split()))


def plain(markdown: str) -> str:
    """The words of Markdown, as a strict reader shows them, on one line."""
    return " ".join(
        re.sub(r"<[^>]*>", " ", STRICT.render(markdown))
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", '"')
        .split()
    )


def twins(files: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The path, the page and the twin of every page that has one."""
    return [
        (path, files[path.removesuffix("md") + "html"], text)
        for path, text in files.items()
        if path.endswith("index.md")
    ]


def targets(markdown: str) -> list[str]:
    """Where Markdown leads to."""
    return re.findall(r'href="([^"]*)"', STRICT.render(markdown))


def resolved(path: str, target: str) -> str:
    """The path that a relative link leads to from a file of the site."""
    return normpath(f"/{path.rpartition('/')[0]}/{target}").lstrip("/")


# ---- where they are


def test_every_public_page_has_a_twin_and_says_so_and_nothing_else_does(demo: dict[str, str]) -> None:
    without = {"me", "embed", "404.html"}
    for path, html in demo.items():
        if path.endswith(".html"):
            has = path.removesuffix("html") + "md" in demo
            assert has == ('<link rel="alternate" type="text/markdown" href="index.md">' in html), path
            assert has or without & set(path.split("/")) or 'http-equiv="refresh"' in html, path
    kinds = {re.sub(r"^nl/", "", path).partition("/")[0] for path, _, _ in twins(demo)}
    assert kinds >= {"index.md", "services", "incidents", "planned", "history", "about", "updates", "opening-hours"}


def test_whatever_a_twin_leads_to_is_there(demo: dict[str, str]) -> None:
    """Links inside the site are relative, and stay in the language; those to pages lead to their twins."""
    there = set(pages(config.parse((PROJECT / "statusgen.toml").read_text("utf-8")), PROJECT, NOW_OF_DEMO))
    for path, _, text in twins(demo):
        for target in targets(text):
            if not re.match("https?:|mailto:|webcal:", target):
                leads = resolved(path, target)
                assert leads in there, f"{path}: {target}"
                assert not target.endswith((".html", "/"))
                assert leads.startswith("nl/") == path.startswith("nl/") or leads.endswith((".json", ".svg"))


# ---- what they say


def test_a_twin_says_all_that_its_page_says(demo: dict[str, str]) -> None:
    """Every time, every page that it leads to, and every sentence; without what only explains the drawing."""
    drawn = re.compile("tick|table|A click on|Find a|heartbeat|Add |Feed|Atom|RSS|Mail the|Follow")
    for path, html, text in twins(demo):
        page, said = Main(html), plain(text)
        for time in page.times:
            day = re.sub(r" \d{4}\b", "", time).partition(",")[0]
            assert day in re.sub(r" \d{4}\b", "", said), f"{path}: {time}"
        led = {resolved(path, target) for target in targets(text)}
        for link in page.links:
            if link.endswith("/") and not re.match("https?:|.*embed/", link):
                assert resolved(path, link) + "/index.md" in led, f"{path}: {link}"
        for words in page.words:
            if len(words.split()) > 3 and not drawn.search(words) and not path.startswith("nl/"):
                assert words.strip("() ·") in said, f"{path}: {words} (say it in statusgen/channels/markdown, too)"


def test_times_are_whole_and_no_word_is_relative(demo: dict[str, str]) -> None:
    for path, _, text in twins(demo):
        assert not re.search(r"\b(today|yesterday|tomorrow|tonight|ago|vandaag|gisteren)\b", text), path
    assert "Tue 24 Nov 2026, 08:52 +01:00" in demo["incidents/p-2026-0412/index.md"]


def test_an_incident_is_said_whole() -> None:
    one = incident(
        stage=IncidentStage.IDENTIFIED,
        updates=(
            said(50, "Nobody can print.", author="Aylin"),
            said(20, "A **disk** is full.", "identified", author="Joris"),
        ),
        next_update_at=ago(-25),
        team="Workplace",
        meanwhile={"": "Print on Quay 4."},
    )
    text = TWINS.render(incident_page(look(one), one), addresses.incident("p-1")).decode()
    assert text.startswith(
        "# Printing is down\n\nA \\*\\*disk\\*\\* is full.\n\nLast change Tue 24 Nov 2026, 10:00 +01:00"
    )
    for line in (
        "- **State**: Down",
        "- **Next update by**: Tue 24 Nov 2026, 10:45 +01:00",
        "- **What you can do now**: Print on Quay 4.",
        "- **Working on it**: Workplace",
        "- **Services touched**: [Printing](../../services/printing/index.md) (Down)",
        "## Step 3 of 5: Cause found",
        "- Now: **Cause found** Tue 24 Nov 2026, 10:00 +01:00",
        "### Being looked into",
        "Tue 24 Nov 2026, 09:30 +01:00 · Aylin",
        f"<{BASE}incidents/p-1/>",
    ):
        assert line in text, line
    assert text.index("Cause found\n\nTue") < text.index("Being looked into\n\nTue")


# ---- hostile words

nasty = (
    st.lists(st.sampled_from(MARKS), max_size=12).map("".join).map(clean_line).filter(lambda text: bool(text.strip()))
)
SECURE = re.compile("<(script|img|svg|iframe|style)", re.IGNORECASE)


def shape(markdown: bytes) -> list[str]:
    """The blocks and the links of Markdown, without its words."""
    found = []
    for token in STRICT.parse(markdown.decode()):
        found += [
            token.type + token.tag,
            *(one.type for one in token.children or () if one.type not in {"text", "text_special"}),
        ]
    return found


def dressed(words: str, one: Incident | PlannedWork) -> Incident | PlannedWork:
    """The same with other words wherever people write."""
    updates = tuple(replace(update, author=words, text=Text(body=words)) for update in one.updates)
    texts = {"title": {"": words}, "meanwhile": {"": words}, "updates": updates, "team": words, "audience": {"": words}}
    return replace(one, **texts, **({"cause": {"": words}} if isinstance(one, Incident) else {"expected": {"": words}}))


@given(nasty)
def test_hostile_words_change_nothing_but_the_words(words: str) -> None:
    """Whatever is written, the twin has the headings, lists and links that it has with harmless words."""
    broken = incident(updates=(said(50), said(20, stage="identified")), cause={"": "x"}, audience={"": "x"})
    planned = work(ago(-60), updates=(said(90, stage="scheduled"),))
    shapes = []
    for text in ("Words", words):
        one, plan = dressed(text, broken), dressed(text, planned)
        assert isinstance(one, Incident)
        assert isinstance(plan, PlannedWork)
        seen = Look(replace(snapshot(one), planned=(plan,), services=services(text, "Printing", "Mail")), WORDS)
        made = [
            TWINS.render(incident_page(seen, one), addresses.incident(one.id)),
            TWINS.render(planned_page(seen, plan), addresses.planned(plan.id)),
            TWINS.render(home(seen), addresses.HOME),
            TWINS.llms(home(seen), (), ()),
        ]
        assert not any(SECURE.search(STRICT.render(each.decode())) for each in made)
        shapes.append([shape(each) for each in made])
    links = len(re.findall("https?://", words))
    if not links:
        assert shapes[0] == shapes[1]


# ---- llms.txt


def test_llms_txt_has_the_form_that_its_readers_expect(demo: dict[str, str]) -> None:
    """A title, a quotation with the state in a sentence, words without a heading, then lists of links."""
    lines = demo["llms.txt"].split("\n")
    assert lines[0] == "# Kadewerk IT status"
    assert lines[2].startswith("> Two of ten services have a problem. Printing is down in the Harbour building.")
    sections = re.split(r"\n## ", demo["llms.txt"])
    assert "\n#" not in sections[0].removeprefix("# ")
    for section in sections[1:]:
        name, _, body = section.partition("\n\n")
        assert name
        for line in body.strip().split("\n"):
            assert re.match(r"- \[[^\]]+\]\(https://[^)\s]+\)(: .+)?$", line), line
    assert sections[-1].startswith("Optional\n")


def test_whatever_llms_txt_names_is_there(demo: dict[str, str]) -> None:
    settings = config.parse((PROJECT / "statusgen.toml").read_text("utf-8"))
    there = set(pages(settings, PROJECT, NOW_OF_DEMO))
    named = re.findall(rf"\({re.escape(settings.site.base_url)}([^)]*)\)", demo["llms.txt"])
    assert set(named) <= there
    assert {"index.md", "status.json", "api/v2/summary.json", "feed.json", "opml.xml", "planned.ics"} <= set(named)
    assert sum(name.startswith("services/") for name in named) == 10


def test_it_is_of_the_sites_first_language_and_leads_to_the_others() -> None:
    dutch = wording.language("nl", "nl/")
    text = TWINS.llms(home(look()), (), (dutch,)).decode()
    assert f"- [Nederlands]({BASE}nl/index.md)" in text


# ---- how they are made


def test_a_twin_is_written_anew_only_when_its_page_is(tmp_path: Path) -> None:
    made = site(tmp_path, HEAD + DESK)
    made.build()
    before = made.tree()
    assert made.build().written == 0
    (tmp_path / "content" / "incidents" / "p-1.md").write_text(
        (tmp_path / "content" / "incidents" / "p-1.md").read_text("utf-8").replace("Nobody can print.", "No paper."),
        "utf-8",
    )
    made.build()
    changed = {path for path, data in made.tree().items() if path.endswith(".md") and before[path] != data}
    assert changed == {"index.md", "services/printing/index.md", "incidents/p-1/index.md"}

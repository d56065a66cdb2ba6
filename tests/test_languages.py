"""A site in several languages: a whole tree for each, a switch between them, and everybody's page in their own."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.scenes import po
from tests.sites import DESK, HEAD, INCIDENT, Site, site

DUTCH = po("nl", Working="Werkt", Past="Geweest", **{"All services": "Alle diensten", "Open requests": "Open vragen"})
PEOPLE = "id,email,name,language\nana,ana@example.org,Ana,nl-BE\nbo,bo@example.org,Bo,en\ncy,cy@example.org,Cy,fr\n"


@pytest.fixture
def made(tmp_path: Path) -> Site:
    toml = HEAD.replace("[privacy]", 'languages = ["en", "nl"]\ntheme = "own"\n[privacy]') + DESK
    toml += '[people]\npath = "people.csv"\n'
    incident = INCIDENT.replace("title: Printing is down", "title: Printing is down\ntitle.nl: Printen werkt niet")
    files = {"themes/own/translations/nl.po": DUTCH, "people.csv": PEOPLE, "content/incidents/p-1.md": incident}
    return site(tmp_path, toml, files)


def test_every_public_page_and_feed_stands_in_each_language(made: Site) -> None:
    made.build()
    tree = set(made.tree())
    english = {
        path
        for path in tree
        if re.search(r"(index\.html|\.rss|\.atom|feed\.json|updates\.json|opml\.xml|planned\.ics|index\.md)$", path)
    }
    english = {path for path in english if not path.startswith(("nl/", "u/", "f/", "history.rss", "history.atom"))}
    assert {f"nl/{path}" for path in english} == {
        path for path in tree if path.startswith("nl/") and not path.startswith(("nl/u/", "nl/f/"))
    }
    assert '<html lang="nl" dir="ltr">' in made.page("nl")
    assert "Alle diensten" in made.page("nl")
    assert "All services" in made.page("")
    assert "Printen werkt niet" in made.page("nl/incidents/p-1")


def test_files_that_are_shared_by_all_languages_exist_once(made: Site) -> None:
    made.build()
    tree = set(made.tree(heartbeat=True))
    for name in ("heartbeat.json", "status.json", "robots.txt", "sitemap.xml", "404.html"):
        assert name in tree
        assert f"nl/{name}" not in tree
    assert not [path for path in tree if path.startswith("nl/assets")]
    assert 'href="../../../heartbeat.json"' in made.page("nl/services/mail")
    assert re.search(r'href="\.\./\.\./\.\./assets/status\.\w+\.css"', made.page("nl/services/mail"))


def test_a_page_leads_to_itself_in_the_other_languages(made: Site) -> None:
    """For people by a switch, for search engines by hreflang with whole addresses."""
    made.build()
    for address in ("services/mail", "nl/services/mail"):
        html = made.page(address)
        for code, url in (("en", ""), ("nl", "nl/"), ("x-default", "")):
            whole = f"https://status.example.org/it/{url}services/mail/"
            assert f'<link rel="alternate" hreflang="{code}" href="{whole}">' in html
    assert '<a href="../../nl/services/mail/" hreflang="nl" lang="nl" dir="ltr">Nederlands</a>' in made.page(
        "services/mail"
    )
    assert '<a href="../../../services/mail/" hreflang="en" lang="en" dir="ltr">English</a>' in made.page(
        "nl/services/mail"
    )
    assert 'aria-current="true">Nederlands' in made.page("nl/services/mail")
    assert 'rel="canonical" href="https://status.example.org/it/nl/services/mail/"' in made.page("nl/services/mail")


def test_what_a_service_was_called_leads_on_to_it_in_each_language(made: Site) -> None:
    """A static page that goes there at once, and names the new address to search engines; a service of that name stays itself."""
    toml = made.root / "statusgen.toml"
    toml.write_text(
        toml.read_text("utf-8").replace('name = "E-mail"', 'name = "E-mail"\naliases = ["exchange", "printing"]'),
        "utf-8",
    )
    made.build()
    for address, prefix in (("services/exchange", ""), ("nl/services/exchange", "nl/")):
        html = made.page(address)
        up = "../" * (address.count("/") + 1)
        assert f'<meta http-equiv="refresh" content="0; url={up}{prefix}services/mail/">' in html
        assert f'<link rel="canonical" href="https://status.example.org/it/{prefix}services/mail/">' in html
        assert f'<p><a href="{up}{prefix}services/mail/">E-mail</a></p>' in html
        for name in ("feed.rss", "updates.json", "planned.ics"):
            old, new = (made.output / folder / name for folder in (address, f"{prefix}services/mail"))
            assert old.read_bytes() == new.read_bytes(), "who subscribed goes on hearing of it"
    assert "refresh" not in made.page("services/printing")
    assert "exchange" not in (made.output / "sitemap.xml").read_text("utf-8")


def test_the_page_for_nothing_answers_in_the_other_languages_too(made: Site) -> None:
    made.build()
    html = (made.output / "404.html").read_text("utf-8")
    assert '<section lang="nl" dir="ltr" data-at="/nl/"' in html
    assert 'href="/it/nl/me/" hreflang="nl"' in html


def test_links_stay_in_the_language(made: Site) -> None:
    made.build()
    links = re.findall(r'<a href="([^"#]*)"', re.sub(r"<nav class=\"langs.*?</nav>", "", made.page("nl/services/mail")))
    inside = [link for link in links if link.startswith("../")]
    assert inside
    assert all(link.startswith("../../../nl/") or "heartbeat" in link for link in inside)


def test_many_languages_are_one_stop_on_the_way_of_a_keyboard(made: Site) -> None:
    """Two or three stand side by side; more are folded away, without script."""
    assert "details" not in re.search(r"<nav class=\"langs.*?</nav>", _built(made).page(""))[0]  # type: ignore[index]
    toml = made.root / "statusgen.toml"
    toml.write_text(toml.read_text("utf-8").replace('["en", "nl"]', '["en", "nl", "de", "ar"]'), "utf-8")
    (switch,) = re.findall(r"<nav class=\"langs.*?</nav>", _built(made).page("de"))
    assert re.search(r"<details><summary><span class=\"vh\">[^<]+</span>Deutsch</summary><ul>", switch)
    assert switch.count("<a ") == 4
    assert 'lang="ar" dir="rtl">العربية</a>' in switch


def _built(made: Site) -> Site:
    made.build()
    return made


def test_a_site_in_one_language_has_no_switch(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.build()
    assert "hreflang" not in made.page("")
    assert 'class="langs' not in made.page("")


def test_a_person_reads_their_page_in_their_language_or_the_first(made: Site) -> None:
    """Somebody whose list says nl-BE reads nl; somebody whose language the site does not speak reads its first."""
    made.build()
    pages = [path.read_text("utf-8") for path in (made.output / "u").glob("*/index.html")]
    pages = [page for page in pages if "INC-" in page]  # and not the one that is nobody's
    spoken = {re.search(r"INC-\d", page)[0]: re.search(r'<html lang="(\w+)"', page)[1] for page in pages}  # type: ignore[index]
    assert spoken == {"INC-2": "nl", "INC-3": "en", "INC-4": "en"}
    (ana,) = [page for page in pages if 'lang="nl"' in page]
    assert "Open vragen" in ana
    assert '<a href="../../nl/services/' in ana or '<a href="../../nl/updates/' in ana
    feeds = [path.read_text("utf-8") for path in (made.output / "f").glob("*.rss")]
    assert len([feed for feed in feeds if "<language>nl</language>" in feed]) == 1
    assert all("https://status.example.org/it/f/" in feed for feed in feeds)


def test_a_feed_in_another_language_has_ids_of_its_own(made: Site) -> None:
    made.build()
    english, dutch = ((made.output / name).read_text("utf-8") for name in ("feed.atom", "nl/feed.atom"))
    ids = [set(re.findall(r"<id>([^<]+)</id>", feed)) for feed in (english, dutch)]
    assert len(ids[0]) == len(ids[1]) == 2
    assert not ids[0] & ids[1]
    assert 'href="https://status.example.org/it/nl/incidents/p-1/"' in dutch


def test_a_catalogue_that_cannot_be_read_names_the_file(made: Site) -> None:
    from statusgen.errors import ThemeError

    (made.root / "themes/own/translations/nl.po").write_text('msgid "unfinished', "utf-8")
    with pytest.raises(ThemeError, match=r"translations/nl\.po"):
        made.build()


# ---- what people wrote, in several languages

WHOLE = """---
title: Printing is down
{more}services: {{ printing: major_outage }}
started: 2026-11-24T08:00+00:00
team: Workplace
audience: All who print
meanwhile: Walk to Quay 4
cause: A full disk
---
## Investigating, 2026-11-24 08:05, Joris
Nobody can print.
"""
DUTCH_HEAD = "title: Printen werkt niet\naudience: Wie print\nmeanwhile: Loop naar Kade 4\ncause: Een volle schijf\n"
DUTCH_BODY = "## Investigating, 2026-11-24 08:05, Joris\nNiemand kan printen.\n"
PLANNED = """---
title: New server
services: [mail]
starts: 2026-11-25T20:00+00:00
ends: 2026-11-25T21:00+00:00
audience: Everyone
expected: A short gap
meanwhile: Save your work
---
"""


def two_languages(tmp_path: Path, files: dict[str, str], languages: str = '["en", "nl"]') -> Site:
    words = po("nl", **{"in %(language)s": "in het %(language)s"})
    toml = HEAD.replace("[privacy]", f'languages = {languages}\ntheme = "own"\n[privacy]')
    made = site(tmp_path, toml, {"themes/own/translations/nl.po": words, **files})
    made.build()
    return made


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_all_that_is_written_by_hand_comes_in_the_readers_language(tmp_path: Path) -> None:
    files = {
        "content/incidents/p-1.md": WHOLE.format(more=""),
        "content/incidents/p-1.nl.md": f"---\n{DUTCH_HEAD}---\n{DUTCH_BODY}",
        "content/planned/c-1.md": PLANNED,
        "content/planned/c-1.nl.md": "---\ntitle: Nieuwe server\naudience: Iedereen\nexpected: Even weg\nmeanwhile: Bewaar je werk\n---\n",
        "content/services/mail.md": "---\naudience: Everyone\naudience.nl: Iedereen\n---\nYour mailbox.\n",
        "content/services/mail.nl.md": "Je postbus.\n",
        "content/pages/where.md": "---\ntitle: Where\ntitle.nl: Waar\n---\nOn the quay.\n",
        "content/pages/where.nl.md": "Op de kade.\n",
    }
    made = two_languages(tmp_path, files)
    expected = {
        "incidents/p-1": "Printen werkt niet|Wie print|Loop naar Kade 4|Een volle schijf|Niemand kan printen.",
        "planned/c-1": "Nieuwe server|Iedereen|Even weg|Bewaar je werk",
        "services/mail": "Iedereen|Je postbus.|Nieuwe server|Even weg",
        "where": "Waar|Op de kade.",
        "": "Printen werkt niet|Loop naar Kade 4|Niemand kan printen.|Nieuwe server|Even weg",
    }
    for address, texts in expected.items():
        shown = text_of(made.page(f"nl/{address}"))
        assert [text for text in texts.split("|") if text not in shown] == [], address
        assert "in het" not in shown, address
        assert "in Dutch" not in text_of(made.page(address)), address


def test_what_nobody_translated_is_shown_as_it_is_and_says_its_language(tmp_path: Path) -> None:
    """With `lang` for whoever hears it, its own direction, and a word for whoever sees it: once where all is in one language."""
    files = {
        "content/incidents/p-1.md": WHOLE.format(more=""),
        "content/planned/c-1.md": PLANNED,
        "content/services/mail.md": "---\naudience: Everyone\n---\nYour mailbox.\n",
        "content/pages/where.md": "---\ntitle: Where\n---\nOn the quay.\n",
    }
    made = two_languages(tmp_path, files)
    for address in ("incidents/p-1", "planned/c-1", "services/mail", "where", ""):
        page = made.page(f"nl/{address}")
        assert 'lang="en" dir="auto"' in page, address
        assert "in het Engels" in text_of(page), address
        assert 'lang="en" dir="auto"' not in made.page(address), address
    shown = text_of(made.page("nl/incidents/p-1"))
    assert shown.count("in het Engels") == 1
    for text in ("Printing is down", "All who print", "Walk to Quay 4", "A full disk", "Nobody can print."):
        assert text in shown


def test_a_half_translated_incident_names_the_language_of_the_other_half(tmp_path: Path) -> None:
    made = two_languages(tmp_path, {"content/incidents/p-1.md": WHOLE.format(more="title.nl: Printen werkt niet\n")})
    page = made.page("nl/incidents/p-1")
    assert '<h1 dir="auto">Printen werkt niet</h1>' in page
    shown = text_of(page)
    assert "Walk to Quay 4 (in het Engels)" in shown
    assert "Joris · in het Engels" in shown


def test_a_file_says_its_own_language_and_a_feed_has_one_by_its_source(tmp_path: Path) -> None:
    files = {"content/incidents/p-1.md": WHOLE.format(more="language: nl\n")}
    made = two_languages(tmp_path / "file", files)
    assert "in Dutch" in text_of(made.page("incidents/p-1"))
    assert "in het" not in text_of(made.page("nl/incidents/p-1"))
    other = two_languages(tmp_path / "first", {"content/incidents/p-1.md": WHOLE.format(more="")}, '["nl", "en"]')
    assert "in Dutch" in text_of(other.page("en/incidents/p-1"))


def test_a_language_that_is_none_is_told(tmp_path: Path) -> None:
    made = site(tmp_path, files={"content/incidents/p-1.md": WHOLE.format(more="language: Dutch please\n")})
    (warning,) = [one for one in made.build(secret=None).warnings if "language" in one]
    assert "content/incidents/p-1.md:3" in warning or "incidents/p-1.md:3" in warning


def test_a_feed_is_in_the_language_that_its_source_says_and_else_in_none_that_anybody_knows() -> None:
    from statusgen.model import Reading, Text, Ticket, TicketEvent, Update
    from statusgen.sources.spoken import in_language
    from tests.scenes import NOW, ago, incident, services, work

    word = Update(at=ago(5), text=Text(body="Wir suchen."))
    ticket = Ticket(
        source="x", number="1", events=(TicketEvent(at=None, status="New", milestone=None),), updates=(word,)
    )
    told = Reading(
        source="x",
        as_of=NOW,
        incidents=(incident(title={"": "Störung", "en": "Trouble"}, updates=(word,), meanwhile={"": "Warten"}),),
        planned=(work(ago(-60), title={"": "Umzug"}),),
        services=services("Post", text={"": Text(body="Ihr Postfach")}),
        tickets=(ticket, replace(ticket, number="2", language="fr")),
    )
    assert in_language(told, "") == told
    german = in_language(told, "de")
    assert list(german.incidents[0].title.items()) == [("de", "Störung"), ("en", "Trouble")]
    assert german.incidents[0].meanwhile == {"de": "Warten"}
    assert german.incidents[0].updates[0].text.language == "de"
    assert german.planned[0].title == {"de": "Umzug"}
    assert german.services[0].text == {"de": Text(body="Ihr Postfach", language="de")}
    assert [one.language for one in german.tickets] == ["de", "fr"]
    assert german.tickets[1].updates[0].text.language == "fr"
    assert in_language(replace(told, incidents=(incident(title={"": "a", "de": "b"}),)), "de").incidents[0].title == {
        "de": "b"
    }

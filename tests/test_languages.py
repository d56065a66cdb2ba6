"""A site in several languages: a whole tree for each, a switch between them, and everybody's page in their own."""

from __future__ import annotations

import re
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
        if re.search(r"(index\.html|\.rss|\.atom|feed\.json|updates\.json|opml\.xml|planned\.ics)$", path)
    }
    english = {path for path in english if not path.startswith(("nl/", "u/", "f/", "history.rss", "history.atom"))}
    assert {f"nl/{path}" for path in english} == {path for path in tree if path.startswith("nl/")}
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


def test_a_site_in_one_language_has_no_switch(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.build()
    assert "hreflang" not in made.page("")
    assert 'class="langs' not in made.page("")


def test_a_person_reads_their_page_in_their_language_or_the_first(made: Site) -> None:
    """Somebody whose list says nl-BE reads nl; somebody whose language the site does not speak reads its first."""
    made.build()
    pages = [path.read_text("utf-8") for path in (made.output / "u").glob("*/index.html")]
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

"""What a link shows in a chat, what a phone puts on its home screen, and the small page for a frame of another site."""

from __future__ import annotations

import json
import re
import struct
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import addresses, wording
from statusgen.channels.manifest import manifest
from statusgen.text import clean_line
from statusgen.views import snippets
from statusgen.views.common import Look
from statusgen.views.embed import embed_of_home, embed_of_service
from statusgen.views.history import months
from statusgen.views.home import home
from statusgen.views.plain import MePage
from statusgen.views.service import service_page
from tests.paths import PROJECT
from tests.scenes import NOW, SLOW, WORDS, ago, incident, look, renderer, silent, solved, theme
from tests.sites import site

BASE = "https://status.example.org/it/"
RENDERER = renderer()
LOOKS = ("ok", "warn", "down", "plan", "none", "busy")
BUSY = look(
    incident(next_update_at=NOW),
    incident({"mail": SLOW}, id="p-2", title='Mail is <late> & "slow"', started_at=ago(500)),
    incident({"phones": SLOW}, id="p-3", title="Calls drop", started_at=ago(600)),
)


def parsed(html: str) -> Element:
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False, strict=True)
    root: Element = parser.parse(html)
    return root


def metas(html: str) -> dict[str, str]:
    found = parsed(html).iter("meta")
    return {m.get("property") or m.get("name") or "": m.get("content") or "" for m in found}


def home_of(seen: Look, **more: Any) -> str:
    return renderer(**more).render(home(seen), addresses.HOME).decode()


# ---- previews of links


def test_a_link_shows_its_title_its_state_and_where_it_is_from() -> None:
    told = metas(RENDERER.render(service_page(BUSY, BUSY.services["mail"]), "services/mail/").decode())
    image = told.pop("og:image")
    assert {key: value for key, value in told.items() if key.startswith(("og:", "twitter:"))} == {
        "og:type": "website",
        "og:site_name": "Quay IT status",
        "og:title": "Mail: disrupted",
        "og:description": 'Mail: disrupted. Mail is <late> & "slow".',
        "og:url": f"{BASE}services/mail/",
        "og:locale": "en_GB",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "Mail: disrupted",
        "twitter:card": "summary_large_image",
    }
    assert re.fullmatch(rf"{BASE}assets/og-warn\.[0-9a-f]{{10}}\.png", image)


@pytest.mark.parametrize(
    ("seen", "picture"),
    [
        (look(), "ok"),
        (look(incident({"mail": SLOW})), "warn"),
        (look(incident()), "down"),
        (look(sources=(silent("mail"),)), "none"),
    ],
)
def test_the_picture_is_that_of_the_state(seen: Look, picture: str) -> None:
    """And what is not known is never shown green."""
    assert f"/assets/og-{picture}." in metas(home_of(seen))["og:image"]


def test_a_page_about_no_state_has_the_neutral_picture() -> None:
    html = RENDERER.render(months(look(solved(started_at=ago(90), ended_at=ago(60))))[0], addresses.HISTORY).decode()
    assert "/assets/og-busy." in metas(html)["og:image"]


def test_every_picture_that_a_page_names_is_a_file_of_the_site() -> None:
    image = metas(home_of(BUSY))["og:image"]
    assert image.removeprefix(BASE) in RENDERER.assets


def test_other_languages_are_named_with_their_territory() -> None:
    languages = (wording.language("nl"), wording.language("en", "en/"), wording.language("ar", "ar/"))
    seen = look(words=wording.words("nl", "Europe/Amsterdam"))
    html = home_of(seen, words=seen.words, languages=languages)
    assert metas(html)["og:locale"] == "nl_NL"
    assert re.findall(r'og:locale:alternate" content="(\w+)"', html) == ["en_GB", "ar_EG"]


@pytest.mark.parametrize(
    ("code", "locale"),
    [
        ("en", "en_GB"),
        ("nl", "nl_NL"),
        ("fr", "fr_FR"),
        ("pt-BR", "pt_BR"),
        ("en-US", "en_US"),
        ("sv", "sv_SE"),
        ("tlh", "tlh_TLH"),
    ],
)
def test_a_locale_is_a_language_and_a_territory(code: str, locale: str) -> None:
    assert wording.locale_of(code) == locale


def test_nothing_of_a_personal_page_is_in_a_preview(tmp_path: Any) -> None:
    """Nor can it be installed as an app, whose start page would not be it."""
    made = site(tmp_path)
    made.build()
    people = {name: data for name, data in made.tree().items() if name.startswith("u/") and name.endswith(".html")}
    assert len(people) > 3, "three people's, and the doors of the folder"
    for data in (*people.values(), RENDERER.render(MePage(on=True), addresses.ME)):
        assert b"og:" not in data
        assert b"twitter:" not in data
        assert b'rel="manifest"' not in data


@pytest.mark.parametrize("look_", LOOKS)
def test_a_picture_is_light_and_of_the_size_that_is_said(look_: str) -> None:
    data = theme()[f"assets/og-{look_}.png"]
    assert size(data) == (1200, 630)
    assert len(data) <= 20_000


def test_no_two_states_share_a_picture() -> None:
    assert len({theme()[f"assets/og-{look_}.png"] for look_ in LOOKS}) == len(LOOKS)


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


# ---- the home screen


def told(title: str = "Quay IT status", words: wording.Words = WORDS) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(manifest(title, words, paper=RENDERER.paper, asset=RENDERER.asset))
    return found


def test_a_phone_can_put_the_site_on_its_home_screen() -> None:
    found = told()
    assert (found["name"], found["short_name"], found["display"]) == ("Quay IT status", "Quay IT", "minimal-ui")
    assert {(icon["sizes"], icon["purpose"]) for icon in found["icons"]} == {
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    }  # fmt: skip
    assert found["theme_color"] == found["background_color"] == "#f7f5f0"
    for icon in found["icons"]:
        width, height = size(RENDERER.assets[icon["src"]])
        assert icon["sizes"] == f"{width}x{height}"


def test_it_holds_under_a_sub_path() -> None:
    """Addresses in a manifest are relative to itself, which lies at the top of the site."""
    found = told()
    assert found["start_url"] == found["scope"] == "./"
    assert all(icon["src"].startswith("assets/") for icon in found["icons"])
    html = RENDERER.render(service_page(BUSY, BUSY.services["mail"]), "services/mail/").decode()
    assert '<link rel="manifest" href="../../manifest.webmanifest">' in html
    assert re.search(r'<link rel="apple-touch-icon" href="\.\./\.\./assets/touch-icon\.\w+\.png">', html)
    assert "manifest-src 'self'" in html


def test_it_is_in_the_first_language() -> None:
    found = told(words=wording.words("ar", "UTC"))
    assert (found["lang"], found["dir"]) == ("ar", "rtl")


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("IT", "IT"),
        ("Donaudampfschifffahrt status", "Donaudampfschifffahrt"),
        ("A b c d e f g h i", "A b c d e f"),
        ("", ""),
    ],
)
def test_a_short_name_is_as_many_words_as_there_is_room_for(title: str, short: str) -> None:
    assert told(title)["short_name"] == short


@given(st.text(max_size=80))
def test_whatever_a_site_is_called_its_manifest_parses_and_says_so(title: str) -> None:
    assert told(clean_line(title))["name"] == clean_line(title)


# ---- the page in a frame


def embedded(seen: Look, service: str = "", words: wording.Words = WORDS) -> str:
    view = embed_of_service(service_page(seen, seen.services[service])) if service else embed_of_home(home(seen))
    address = addresses.embed(addresses.service(service) if service else addresses.HOME)
    return renderer(words=words).render(view, address).decode()


def test_it_says_the_state_and_what_goes_on_and_no_more_than_fits() -> None:
    """The headline counts what there is no room for."""
    root = parsed(embedded(BUSY))
    said = " ".join("".join(root.itertext()).split())
    assert "All three services have a problem" in said
    assert [link.text for link in root.findall(".//li/a")] == ["Printing is down", 'Mail is <late> & "slow"']
    assert "Last change Tue 24 Nov, 09:20" in said


def test_a_service_has_one_of_its_own() -> None:
    root = parsed(embedded(BUSY, "mail"))
    assert "".join(root.find(".//h1").itertext()) == "Mail: disrupted"  # type: ignore[union-attr]
    assert [link.get("href") for link in root.iter("a")] == [
        "../../../services/mail/",
        "../../../incidents/p-2/",
        "../../../",
    ]
    quiet = parsed(embedded(look(), "mail"))
    assert next(p.text for p in quiet.findall(".//main/p")) == "No known problems."


def test_what_is_not_known_says_so_and_is_not_green() -> None:
    html = embedded(look(sources=(silent("mail"),)), "mail")
    assert "Mail: not known" in html
    assert 'class="mark none"' in html
    assert 'class="mark ok"' not in html
    assert "No data since Tue 24 Nov, 09:55" in html


@pytest.mark.parametrize("service", ["", "mail"])
def test_it_is_complete_without_script_and_asks_nobody_for_anything(service: str) -> None:
    html = embedded(BUSY, service)
    root = parsed(html)
    assert not list(root.iter("script"))
    assert "default-src 'none'" in html
    assert "script-src" not in html
    for element in root.iter("link"):
        assert element.get("rel") in {"canonical", "icon", "stylesheet"}
        assert not (element.get("href") or "").startswith(("http", "//")) or element.get("rel") == "canonical"


@pytest.mark.parametrize(("service", "real"), [("", BASE), ("mail", f"{BASE}services/mail/")])
def test_search_engines_are_sent_to_the_real_page(service: str, real: str) -> None:
    root = parsed(embedded(BUSY, service))
    assert [link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"] == [real]
    assert metas(embedded(BUSY, service))["robots"] == "noindex"


def test_its_links_leave_the_frame() -> None:
    for link in parsed(embedded(BUSY)).iter("a"):
        assert (link.get("target"), link.get("rel")) == ("_blank", "noopener")


def test_another_language_has_its_own() -> None:
    languages = (wording.language("en"), wording.language("ar", "ar/"))
    words = wording.words("ar", "Europe/Amsterdam")
    seen = look(words=words)
    made = renderer(words=words, languages=languages)
    view = embed_of_home(home(seen))
    assert made.place(view, "embed/") == "ar/embed/"
    root = parsed(made.render(view, "embed/").decode())
    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")
    assert [link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"] == [f"{BASE}ar/"]
    assert [link.get("href") for link in root.iter("a")] == ["../../ar/", "../../ar/"]


@given(st.text(max_size=80))
def test_whatever_a_title_is_the_page_parses_and_says_it(title: str) -> None:
    title = clean_line(title) or "t"
    for html in (embedded(look(incident(title=title))), home_of(look(incident(title=title)))):
        parsed(html)
    links = re.findall(r"<li><a [^>]*>(.*?)</a>", embedded(look(incident(title=title))))
    assert [unescape(link) for link in links] == [title]


def test_no_time_is_relative() -> None:
    assert not re.search(r"\b(ago|today|tonight|yesterday|just now)\b", embedded(BUSY))


def test_pictures_are_drawn_from_the_theme_itself() -> None:
    """The script names every picture that is there, and takes colours and drawings out of the theme."""
    import runpy

    script = runpy.run_path(str(PROJECT / ".ci" / "images.py"))
    drawn = script["pictures"]()
    there = {path.name for path in (PROJECT / "themes/default/assets").glob("*.png")}
    assert set(drawn) == there
    for name, (width, height, svg) in drawn.items():
        assert size(theme()[f"assets/{name}"]) == (width, height)
        assert "var(" not in svg
        parsed(f"<!doctype html><title>x</title>{svg}")


# ---- to copy


def test_what_is_copied_shows_a_page_that_is_there(tmp_path: Any) -> None:
    made = site(tmp_path)
    made.build()
    tree = made.tree()
    for address in (addresses.HOME, addresses.service("mail")):
        for code in (snippets.frame(BASE, address, "IT"), snippets.badge(BASE, address, "IT")):
            root = parsed(f"<!doctype html><title>x</title>{code}")
            for element in root.iter():
                url = element.get("src") or element.get("href")
                assert url is None or addresses.file_of(url.removeprefix(BASE)) in tree, url


@given(st.text(max_size=40))
def test_a_name_in_it_is_escaped(name: str) -> None:
    name = clean_line(name)
    root = parsed(f"<!doctype html><title>x</title>{snippets.frame(BASE, '', name)}{snippets.badge(BASE, '', name)}")
    assert [frame.get("title") for frame in root.iter("iframe")] == [name]
    assert [image.get("alt") for image in root.iter("img")] == [name]


def test_the_manual_shows_the_same() -> None:
    manual = (PROJECT / "docs" / "feeds.md").read_text("utf-8")
    assert snippets.frame("https://status.example.org/", "", "IT status") in manual
    assert snippets.badge("https://status.example.org/", "services/mail/", "State of e-mail") in manual

"""HTML of views: it parses strictly, is complete without JavaScript, escapes what strangers wrote, and a theme cannot get out."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from gettext import GNUTranslations
from html import unescape
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from statusgen import addresses, wording
from statusgen.errors import ThemeError
from statusgen.model import ContentPage, PlannedStage, Text, TextFormat
from statusgen.views.common import Link, Look
from statusgen.views.history import months
from statusgen.views.home import home
from statusgen.views.incident import incident_page, planned_page
from statusgen.views.plain import AboutPage, Answer, MePage, NotFoundPage, SourceLine, UpdatesPage, words_page
from statusgen.views.service import service_page
from statusgen.wording import Language
from tests.paths import SHARED
from tests.scenes import DOWN, NOW, SLOW, ago, incident, look, po, renderer, said, services, silent, solved, theme, work

RELATIVE = re.compile(
    r"\b(today|tonight|yesterday|tomorrow|ago|just now|recently|at the moment|this (morning|evening|week))\b",
    re.IGNORECASE,
)
HOSTILE = "<b id=x>\"'&{{ 7*7 }}{% raw %}</title></script>"


def everything(text: str = "The print server's disk is full.", **fields: Any) -> Look:
    """A site on which something of each kind happens."""
    return look(
        incident(
            next_update_at=NOW + timedelta(minutes=25),
            updates=(said(50, text, author="Joris"),),
            team="Workplace",
            **fields,
        ),
        incident({"mail": SLOW}, id="p-2", title="Mail is late", next_update_at=ago(20), started_at=ago(500)),
        incident({}, id="p-3", title="New telephone numbers", notice=True),
        solved(
            id="p-4",
            title="Printing was slow",
            started_at=ago(days=3),
            ended_at=ago(days=3, minutes=-25),
            updates=(said(4300),),
        ),
        services=services("Mail", "Printing", "Phones", "Wifi", group={"": "Work together"}),
        planned=(
            work(NOW + timedelta(hours=11), expected={"": "One gap of at most 20 minutes"}),
            work(NOW + timedelta(days=2), 30, id="c-2", stage=PlannedStage.CANCELLED),
            work(ago(days=5), id="c-3"),
        ),
        sources=(silent("phones"),),
    )


def pages_of(seen: Look) -> Iterator[tuple[str, Any]]:
    """Every public page, by address."""
    yield addresses.HOME, home(seen)
    for service in seen.snapshot.services:
        yield addresses.service(service.id), service_page(seen, service)
    for one in seen.snapshot.incidents:
        yield addresses.incident(one.id), incident_page(seen, one)
    for planned in seen.snapshot.planned:
        yield addresses.planned(planned.id), planned_page(seen, planned)
    history, each = months(seen)
    yield addresses.HISTORY, history
    yield from ((addresses.month(page.first), page) for page in each)
    link = Link(address="where/", text="Where to find us")
    yield (
        addresses.ABOUT,
        AboutPage(
            rebuild="15 minutes", incident_sources=(SourceLine(name="supplier", kind="statuspage"),), links=(link,)
        ),
    )
    yield (
        addresses.UPDATES,
        UpdatesPage(
            base_url="https://status.example.org/it/",
            top_url="https://status.example.org/it/",
            services=(link,),
            badge="<a>",
            frame="<iframe>",
        ),
    )
    yield addresses.ME, MePage(on=True)
    yield addresses.NOT_FOUND, NotFoundPage(base_path="/it/")
    page = ContentPage(
        id="where", title={"": "Where"}, text={"": Text(body="## Quay\n\nRoom 4", format=TextFormat.MARKDOWN)}
    )
    yield "where/", words_page(seen, page)


RENDERER = renderer()
MADE = {address: RENDERER.render(view, address).decode() for address, view in pages_of(everything())}


def parsed(html: str) -> Element:
    """The document; html5lib in strict mode raises on every parse error that the standard names."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False, strict=True)
    root: Element = parser.parse(html)
    return root


def words_in(html: str) -> str:
    """The text of a page as a reader without JavaScript has it."""
    main = parsed(html).find(".//main")
    assert main is not None
    return " ".join(" ".join(main.itertext()).split())


every_page = pytest.mark.parametrize("address", MADE, ids=lambda address: address or "home")


# ---- every page


@every_page
def test_a_page_parses_strictly_and_has_its_landmarks(address: str) -> None:
    root = parsed(MADE[address])
    assert (root.get("lang"), root.get("dir")) == ("en", "ltr")
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert len(root.findall(f".//{landmark}")) == 1, landmark
    levels = [int(element.tag[1]) for element in root.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        named = element.get("aria-labelledby")
        assert named is None or named in ids


@every_page
def test_every_link_has_a_name_and_no_tag_is_a_link(address: str) -> None:
    for link in parsed(MADE[address]).iter("a"):
        assert "".join(link.itertext()).strip(), link.attrib
        assert "tag" not in str(link.get("class")).split()
        assert not any("tag" in str(inside.get("class")).split() for inside in link.iter())


@every_page
def test_a_page_asks_nobody_else_and_holds_no_inline_style_or_script(address: str) -> None:
    html = MADE[address]
    root = parsed(html)
    policy = next(m.get("content", "") for m in root.iter("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not list(root.iter("style"))
    assert all(script.get("src") and not script.text for script in root.iter("script"))
    assert not [name for element in root.iter() for name in element.attrib if name == "style" or name.startswith("on")]
    asked = [
        element.get("src") or element.get("href") for element in root.iter() if element.tag in {"script", "img", "link"}
    ]
    told = {link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"}
    assert not [
        url for url in asked if url and url not in told and re.match("[a-z]+:", url) and not url.startswith("data:")
    ]


@every_page
def test_a_page_holds_no_relative_word(address: str) -> None:
    """They are wrong by the next build; the script adds them."""
    assert not RELATIVE.search(words_in(MADE[address]))


@every_page
def test_links_inside_the_site_are_relative(address: str) -> None:
    """So the site works under any sub-path; only the page for what is not found cannot know where it is shown."""
    root = parsed(MADE[address])
    links = [link.get("href", "") for link in (*root.iter("a"), *root.iter("link")) if link.get("rel") != "canonical"]
    rooted = [link for link in links if link.startswith("/")]
    if address == addresses.NOT_FOUND:
        assert {"/it/", "/it/me/", "/it/updates/"} <= set(rooted)
    else:
        assert rooted == []


def test_canonical_addresses_are_whole() -> None:
    assert '<link rel="canonical" href="https://status.example.org/it/services/mail/">' in MADE["services/mail/"]


@pytest.mark.parametrize("address", [addresses.ME, addresses.NOT_FOUND])
def test_what_nobody_should_find_is_not_indexed(address: str) -> None:
    assert '<meta name="robots" content="noindex">' in MADE[address]
    assert "canonical" not in MADE[address]


def test_the_band_and_the_icon_of_a_tab_tell_the_state() -> None:
    """A page that is about no state is not green."""
    for address, look_, colour in [
        ("", "down", "a5121b"),
        ("services/wifi/", "ok", "176239"),
        ("services/phones/", "none", "4e5965"),
        ("about/", "busy", "16202b"),
    ]:
        assert f'class="band {look_}"' in MADE[address]
        assert f"='%23{colour}'" in unescape(MADE[address])


# ---- complete without JavaScript


def test_home_says_everything_without_javascript() -> None:
    text = words_in(MADE[""])
    for part in [
        "Two of four services have a problem Printing is down. Mail is late. Not known: Phones. Last change Tue 24 Nov, 09:55",
        "Printing · since Tue 24 Nov, 09:20 The print server's disk is full. Next update by Tue 24 Nov, 10:45 Working on it Workplace",
        "We said Tue 24 Nov, 10:00 and did not make it",
        "Wifi Working",
        "No data since Tue 24 Nov, 09:55",
        "Tue 24 Nov, 21:20 – 23:20 New mail server Mail · One gap of at most 20 minutes",
        "Printing was slow Solved after 25 minutes · Printing",
        "Sun 22 Nov",
        "Cancelled",
    ]:
        assert part in text, part


def test_an_incident_says_where_it_stands_without_javascript() -> None:
    text = words_in(MADE["incidents/p-1/"])
    assert "Next update by Tue 24 Nov, 10:45" in text
    assert "Step 2 of 5: Being looked into" in text
    assert "Now: Being looked into" in text
    assert "Being looked into Tue 24 Nov 2026, 09:30 · Joris The print server's disk is full." in text
    over = words_in(MADE["incidents/p-4/"])
    assert "Solved: Printing was slow" in over
    assert "It lasted 25 minutes" in over
    assert "Next update" not in over


def test_a_notice_owes_nothing_and_trouble_without_a_time_says_so() -> None:
    assert "no time given yet" not in words_in(MADE["incidents/p-3/"])
    open_ended = incident()
    seen = look(open_ended)
    assert "Next update no time given yet" in words_in(RENDERER.render(home(seen), "").decode())
    assert "Next update no time given yet" in words_in(
        RENDERER.render(incident_page(seen, open_ended), "incidents/p-1/").decode()
    )


def test_ninety_days_are_a_picture_with_words_and_a_table() -> None:
    root = parsed(MADE["services/printing/"])
    picture = next(one for one in root.iter() if one.get("role") == "img")
    assert picture.get("aria-label") == "Last 90 days: 2 days with trouble."
    rows = [" ".join(" ".join(row.itertext()).split()) for row in root.iter("tr")]
    assert "Tue 24 Nov Down going on Printing is down" in rows
    assert "Sat 21 Nov Down 25 minutes Printing was slow" in rows
    table = next(root.iter("details"))
    assert {link.get("href") for link in table.iter("a")} == {"../../incidents/p-1/", "../../incidents/p-4/"}


def test_needs_and_needed_by_carry_their_states_as_tags() -> None:
    """Colour, shape and word, as everywhere."""
    mail, printing = services("Mail", "Printing", needs=("printing",))
    seen = look(incident(), services=(mail, replace(printing, needs=())))
    needs = RENDERER.render(service_page(seen, mail), "services/mail/").decode()
    assert re.search(r'>Printing</a> <span class="tag down"><svg[^>]*>.*?</svg>Down</span>', needs)
    needed = RENDERER.render(service_page(seen, printing), "services/printing/").decode()
    assert re.search(r'>Mail</a> <span class="tag ok">.*?Working</span>', needed)


def test_planned_work_that_goes_on_is_happening_now() -> None:
    """It has a card with its end; the page does not say that all is quiet beside a headline that says otherwise."""
    seen = look(planned=(work(ago(30), expected={"": "One short gap"}, team="Mail team", meanwhile={"": "Use chat."}),))
    text = words_in(RENDERER.render(home(seen), "").decode())
    assert (
        "Happening now Going on now New mail server Mail · since Tue 24 Nov, 09:50 One short gap "
        "Meanwhile: Use chat. Until Tue 24 Nov, 11:50 Done by Mail team" in text
    )
    assert "All quiet." not in text


def test_home_is_green_and_calls_it_quiet_only_where_everything_is_known_to_work() -> None:
    quiet = RENDERER.render(home(look()), "").decode()
    assert '<div class="card ok"><p>All quiet. Does something not work for you?' in quiet
    unknown = RENDERER.render(home(look(sources=(silent("phones"),))), "").decode()
    assert '<div class="card none"><p>Does something not work for you?' in unknown


def test_planned_work_says_where_it_stands() -> None:
    one = work(NOW + timedelta(hours=3), published_at=ago(days=2))
    text = words_in(RENDERER.render(planned_page(look(planned=(one,)), one), "planned/c-1/").decode())
    assert "Done: Announced Sun 22 Nov, 10:20 Still to come: Start Tue 24 Nov, 13:20" in text
    assert "Services touched Mail Working" in text


def test_a_box_to_find_a_service_is_made_by_script_from_twenty_services_up() -> None:
    """Without script there is none: only a template, which is nothing."""
    few, many = (look(services=services(*(f"S{n}" for n in range(count)), aliases=("old",))) for count in (19, 20))
    assert "find" not in RENDERER.render(home(few), "").decode()
    html = RENDERER.render(home(many), "").decode()
    assert '<div class="find" data-found="# of 20 shown"><template><label>Find a service <input type="search"' in html
    assert html.count('data-row="old"') == 20
    assert not parsed(html).findall(".//main//div/label")


def test_nothing_at_an_address_is_answered_in_every_language() -> None:
    """With what may have become of a personal page or feed, as far as the site has any."""
    arabic = Language(code="ar", name="العربية", direction="rtl", prefix="ar/")
    others = (Answer(language=arabic, headline="لا شيء هنا", lede="…", now="الآن", mine="طلباتي"),)
    html = RENDERER.render(NotFoundPage(base_path="/it/", personal=True, others=others), "404.html").decode()
    assert '<section lang="ar" dir="rtl" data-at="/ar/"' in html
    assert 'href="/it/ar/" hreflang="ar">الآن</a>' in html
    text = words_in(html)
    assert "An address with /u/ in it is the page of one person." in text
    assert "An address with /f/ in it is the feed of one person." in text
    assert "/u/" not in words_in(MADE["404.html"])


def test_updates_says_first_which_one_to_take_and_every_address_can_be_copied_whole() -> None:
    """Whole addresses as one piece of text each, HTML among them as text; what leads to them is relative."""
    root = parsed(MADE["updates/"])
    section = next(one for one in root.iter("section") if one.get("aria-labelledby") == "which")
    anchors = {link.get("href", "")[1:] for link in section.iter("a")}
    assert anchors <= {one.get("id") for one in root.iter()}
    assert root.findall(".//main//section")[0] is section
    copies = ["".join(code.itertext()) for code in root.iter("code")]
    base = "https://status.example.org/it/"
    for feed in ("feed", "updates"):
        assert {f"{base}{feed}.{kind}" for kind in ("rss", "atom", "json")} <= set(copies)
    assert {f"{base}planned.ics", f"{base}opml.xml", f"{base}status.json", "<a>", "<iframe>", base} <= set(copies)
    assert f"/feed subscribe {base}updates.rss" in copies
    assert "webcal://status.example.org/it/planned.ics" in [link.get("href") for link in root.iter("a")]


def test_updates_stays_light_with_two_hundred_services() -> None:
    """20 kB packed, with 7.5 kB of style and script beside it."""
    many = tuple(Link(address=f"services/s{n}/", text=f"Service number {n * n} of the harbour") for n in range(200))
    view = UpdatesPage(
        base_url="https://x.example/", top_url="https://x.example/", services=many, badge="", frame="", many=200
    )
    html = RENDERER.render(view, "updates/")
    assert len(gzip.compress(html, 9)) + 7_500 < 20_000
    assert html.count(b'/feed.rss">RSS') == 200


def test_a_service_names_the_addresses_of_its_feeds_badge_and_frame() -> None:
    root = parsed(MADE["services/mail/"])
    copies = ["".join(code.itertext()) for code in root.iter("code")]
    names = [f"{feed}.{kind}" for feed in ("feed", "updates") for kind in ("rss", "atom", "json")]
    names += ["planned.ics", "badge.svg", "badge.json", "embed/", "status.json"]
    assert copies == [f"https://status.example.org/it/services/mail/{name}" for name in names]


def test_the_formula_of_uptime_is_printed() -> None:
    text = words_in(MADE["about/"])
    assert "Available = 100 % × (1 − minutes of outage ÷ minutes with data)" in text
    assert "half while it is partly down" in text


def test_nothing_of_the_build_is_in_a_page() -> None:
    """A quarter of an hour later every page has the same bytes."""
    later = Look(msgspec_replace(everything()), everything().words)
    again = {address: RENDERER.render(view, address).decode() for address, view in pages_of(later)}
    assert {address for address in MADE if MADE[address] != again[address]} == set()


def msgspec_replace(seen: Look) -> Any:
    """The same facts, fourteen minutes later."""
    return replace(seen.snapshot, now=NOW + timedelta(minutes=14))


def test_two_renderers_of_the_same_give_the_same_bytes() -> None:
    other = renderer()
    assert other.salt == RENDERER.salt
    assert all(other.render(view, address).decode() == MADE[address] for address, view in pages_of(everything()))


def test_blank_lines_go_but_those_of_a_code_block_stay() -> None:
    page = ContentPage(
        id="x", title={"": "X"}, text={"": Text(body="```\na\n\nb\n```\n\nEnd", format=TextFormat.MARKDOWN)}
    )
    html = RENDERER.render(words_page(look(), page), "x/").decode()
    assert "a\n\nb" in html
    assert "\n\n" not in re.sub("<pre.*?</pre>", "", html, flags=re.DOTALL)


# ---- hostile text


def hostile_page(payload: str) -> str:
    """All that a page shows of an incident, filled with one text."""
    one = incident(
        {"mail": DOWN}, title=payload, id=payload, team=payload, audience={"": payload}, meanwhile={"": payload}, cause={"": payload},
        updates=(said(5, payload, author=payload),), next_update_at=ago(1),
    )  # fmt: skip
    planned = (work(ago(9), title={"": payload}, expected={"": payload}, audience={"": payload}, team=payload),)
    seen = look(
        one,
        services=services("Mail", name={"": payload}, group={"": payload}, audience={"": payload}, team=payload),
        planned=planned,
    )
    views = [
        home(seen),
        service_page(seen, seen.snapshot.services[0]),
        incident_page(seen, one),
        planned_page(seen, planned[0]),
        months(seen)[1][0],
    ]
    return "".join(RENDERER.render(view, "a/b/").decode() for view in views)


def test_hostile_text_comes_out_as_text_everywhere() -> None:
    html = hostile_page(HOSTILE)
    assert "<b id" not in html
    assert "{{ 7*7 }}{% raw %}" in unescape(html)
    assert html.count("&lt;b id=x&gt;") > 15
    assert "\"'&" not in html


@pytest.mark.parametrize("name", ["jinja/ssti-payloads.json", "xss-payloads.json"])
def test_real_attacks_stay_text(name: str) -> None:
    """Templates are code and text is data: a template in a title is shown, not run; markup in it makes no element."""
    path = SHARED / "attacks" / name
    if not path.is_file():
        pytest.skip("the shared attack strings are not here")
    rows = json.loads(path.read_text("utf-8"))
    payloads = [row if isinstance(row, str) else row["payload"] for row in rows][:: 3 if "jinja" in name else 60]
    plain = tags_in(hostile_page("plain"))
    from statusgen.text import clean_line

    for payload in filter(None, map(clean_line, payloads)):
        assert tags_in(hostile_page(payload)) - plain <= {"a"}, payload


def tags_in(html: str) -> set[str]:
    """The elements of pages put together, and any attribute that runs something."""
    root = html5lib.parseFragment(html, namespaceHTMLElements=False, treebuilder="etree")
    given = [(name, value) for element in root.iter() for name, value in element.attrib.items()]
    runs = {
        name
        for name, value in given
        if name.startswith("on") or (name in {"href", "src"} and "script:" in value.lower())
    }
    return {str(element.tag) for element in root.iter()} | runs


# ---- themes


def test_assets_are_named_after_their_bytes() -> None:
    (style,) = [name for name in RENDERER.assets if re.fullmatch(r"assets/status\..*css", name)]
    assert re.fullmatch(r"assets/status\.[0-9a-f]{10}\.css", style)
    assert f'href="../../{style}"' in MADE["services/mail/"]
    other = renderer({"assets/status.css": b"body{}"})
    assert style not in other.assets
    assert other.salt != RENDERER.salt


def test_style_and_script_are_shipped_without_the_comments_of_their_authors() -> None:
    """Only what stands on lines of its own goes: what could be a string, or shares a line with code, is never touched."""
    style = (
        b"/* why\n it is */\na{b:c} /* stays */\n  /* goes */\nd{content:'/* no comment */'}\n/* x */ e{f:g}\n/* y */\n"
    )
    script = b"/* head\n of it */\nx('/* no */'); // stays\n  // goes\ny(`\n/* no */\n`)\n"
    shipped = renderer({"assets/status.css": style, "assets/status.js": script}).assets
    assert sorted(data for name, data in shipped.items() if name.startswith("assets/status.")) == [
        b"a{b:c} /* stays */\nd{content:'/* no comment */'}\n/* x */ e{f:g}\n",
        b"x('/* no */'); // stays\ny(`\n/* no */\n`)\n",
    ]


def test_a_theme_can_change_one_piece_and_a_page_is_rendered_anew() -> None:
    other = renderer({"templates/foot.html": b"<footer>Ours</footer>\n</body>\n</html>\n"})
    assert other.salt != RENDERER.salt
    html = other.render(home(everything()), "").decode()
    assert "<footer>Ours</footer>" in html
    assert parsed(html).find(".//h1") is not None


@pytest.mark.parametrize(
    ("file", "source", "place"),
    [
        (
            "home.html",
            "{% extends 'base.html' %}\n{% block main %}\n{{ page.nothing }}\n{% endblock %}",
            "templates/home.html:3",
        ),
        ("home.html", "{% extends 'base.html' %}\n{% if %}", "templates/home.html:2"),
        ("home.html", "{% extends 'bass.html' %}", "templates/home.html:1: there is no template 'bass.html'"),
        ("home.html", "{{ 1 // 0 }}", "templates/home.html:1"),
        ("home.html", "\n{{ page.last_change|time('moment', wrong=1) }}", "templates/home.html:2"),
    ],
)
def test_a_mistake_in_a_theme_names_file_and_line(file: str, source: str, place: str) -> None:
    broken = renderer({f"templates/{file}": source.encode()})
    with pytest.raises(ThemeError) as told:
        broken.render(home(everything()), "")
    assert told.value.message.startswith(place)
    assert told.value.help


def test_a_mistake_in_a_shared_piece_is_told_where_it_is() -> None:
    broken = (
        theme()["templates/macros.html"]
        .replace(b"<h1", b"{{ page.x }}<h1")
        .replace(b"{% macro head", b"\n{% macro head")
    )
    line = broken.decode().split("{{ page.x }}")[0].count("\n") + 1
    with pytest.raises(ThemeError, match=rf"templates/macros\.html:{line}: 'page' is undefined"):
        renderer({"templates/macros.html": broken}).render(home(everything()), "")


def test_a_theme_that_is_not_utf_8_says_so() -> None:
    with pytest.raises(ThemeError, match=r"templates/home\.html: it is not UTF-8"):
        renderer({"templates/home.html": b"\xe9"})


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ page.__class__ }}",
        "{{ page.__init__.__globals__ }}",
        "{{ words.zone.__reduce__() }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ page.cards.__class__.__base__.__subclasses__() }}",
        "{{ ''|attr('__class__') }}",
        "{{ (''.format.__func__ if false else '{0.__class__}').format(page) }}",
        "{% set _ = assets.update({'x': 1}) %}",
        "{% set _ = assets.clear() %}",
        "{{ range(10000000)|list }}",
    ],
)
def test_a_theme_cannot_get_out_of_its_sandbox(source: str) -> None:
    with pytest.raises(ThemeError):
        renderer({"templates/home.html": source.encode()}).render(home(everything()), "")


# ---- other languages


def translated(**messages: str) -> wording.Words:
    return wording.words("ar", "Europe/Amsterdam", po("ar", **messages))


def test_messages_are_translated_and_escaped() -> None:
    """In the page, in attributes, in conditions, and with a number in them."""
    words = translated(**{
        "All services": 'كل "الخدمات" <&> \\',
        "Main": "قائمة",
        "Since": "منذ",
        "Next update by": "التحديث",
        "All times are %(zone)s time.": "<b>%(zone)s</b>",
    })  # fmt: skip
    assert isinstance(words.catalogue, GNUTranslations)
    made = renderer(words=words)
    html = made.render(home(Look(everything().snapshot, words)), "").decode()
    assert '<html lang="ar" dir="rtl">' in html
    assert "كل &#34;الخدمات&#34; &lt;&amp;&gt; \\" in html
    assert 'aria-label="قائمة"' in html
    assert "التحديث" in html
    assert made.salt != RENDERER.salt
    parsed(html)


def test_a_new_catalogue_renders_pages_anew() -> None:
    assert renderer(words=translated(Main="قائمة")).salt != renderer(words=translated(Main="القائمة")).salt

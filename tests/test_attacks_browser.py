"""Attacks as a real Chromium sees them: no element that was not meant, no attribute that runs, no script that fires.

The pages are loaded with their policy switched off, so that it hides no mistake of ours: it is the second wall, not the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from statusgen import addresses
from statusgen.access import Access, written
from tests.attack_sources import victims
from tests.attacks import FIRST, HARMLESS, PEERS, attacked, payloads
from tests.browsers import served
from tests.sites import SECRET, Site

pytestmark = pytest.mark.browser

ACCESS = Access(secret=SECRET, site_id="status.example.org")
_LISTEN = """
window.fired = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
  window[name] = said => { window.fired.push(name + ' ' + said); };
"""
_CENSUS = """
html => {
  const found = new Set(), wrong = [];
  const doc = html === '' ? document : new DOMParser().parseFromString(html, 'text/html');
  for (const element of doc.querySelectorAll('*')) {
    const names = element.getAttributeNames().sort();
    if (element.localName === 'script' && element.type !== 'text/plain') names.push(element.src.split('/').pop() || element.textContent.length);
    found.add(element.localName + ' ' + names.join(' '));
    for (const name of names) {
      if (String(name).startsWith('on')) wrong.push(element.outerHTML.slice(0, 300));
      if (!['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'poster', 'srcset'].includes(name)) continue;
      let url; try { url = new URL(element.getAttribute(name), 'https://status.example.org/'); } catch { continue; }
      const ours = element.matches('link[rel=icon]') ? ['data:image/svg+xml,'] : ['data:text/calendar;charset=utf-8;base64,', 'webcal://status.example.org/it/'];
      if (!['http:', 'https:', 'mailto:', 'tel:'].includes(url.protocol) && !ours.some(one => element.getAttribute(name).startsWith(one))) wrong.push(element.outerHTML.slice(0, 300));
    }
  }
  return [[...found], wrong];
}
"""
_DANGEROUS = frozenset(
    "script iframe frame frameset object embed applet svg math style form button base meta link audio video source body".split()  # noqa: SIM905 - a list to read
)
"""Elements that run, fetch, cover or send something: those of a page are the page's own, whatever stands on it."""


def strange(kinds: Iterable[str], meant: frozenset[str]) -> set[str]:
    """Dangerous elements that the same site has not where nobody attacks it."""
    return {kind for kind in kinds if kind.partition(" ")[0] in _DANGEROUS} - meant


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((FIRST, 40), id="slice"),
        pytest.param((PEERS, 40), id="slice of peers"),
        pytest.param((FIRST, 1), marks=pytest.mark.proof, id="all"),
        pytest.param((PEERS, 1), marks=pytest.mark.proof, id="all of peers"),
    ],
)
def corpus(request: pytest.FixtureRequest) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Kinds of sources, and the strings that each of them tells."""
    kinds, step = request.param
    return kinds, payloads()[::step]


@pytest.fixture(scope="module")
def hostile(corpus: tuple[tuple[str, ...], tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory) -> Site:
    kinds, strings = corpus
    made = attacked(tmp_path_factory.mktemp("hostile"), strings, kinds)
    made.build()
    return made


@pytest.fixture(scope="module")
def meant(
    chromium: Any, corpus: tuple[tuple[str, ...], tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> frozenset[str]:
    """Every kind of element that a large site has where nobody attacks it."""
    kinds, strings = corpus
    words = (*(f"{HARMLESS[n % 5]} {n}" for n in range(min(len(strings), 400))), "nil")
    made = attacked(tmp_path_factory.mktemp("harmless"), words, kinds)
    made.build()
    found: set[str] = set()
    page = chromium.new_page()
    for path in made.output.rglob("*.html"):
        kinds, wrong = page.evaluate(_CENSUS, path.read_text("utf-8"))
        assert not wrong, path
        found |= set(kinds)
    with served(made.output) as url:
        found |= set(looked_at(chromium, url, [*map(opened_address, victims(words)[:3]), *overviews(made)])[0])
    page.close()
    return frozenset(found)


def overviews(made: Site) -> list[str]:
    """Pages that list everything, and the services that only a feed names."""
    found = [*made.output.glob("history/*/*/index.html"), *sorted(made.output.glob("services/*/index.html"))[:4]]
    deep = [path.parent.relative_to(made.output).as_posix() + "/" for path in found]
    return [addresses.HOME, addresses.HISTORY, addresses.UPDATES, *deep]


def opened_address(person: str) -> str:
    lock = ACCESS.page_lock(person)
    return f"{addresses.person(lock.token)}#k={written(lock.code).replace('-', '')}"


def looked_at(chromium: Any, url: str, places: list[str]) -> tuple[list[str], list[str]]:
    """The kinds of elements of pages that were really loaded, and everything that is wrong: what fired, and what was fetched."""
    context = chromium.new_context(bypass_csp=True)
    context.add_init_script(_LISTEN)
    page = context.new_page()
    wrong: list[str] = []
    kinds: set[str] = set()
    page.on("request", lambda asked: None if asked.url.startswith((url, "data:", "blob:")) else wrong.append(asked.url))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    for place in places:
        page.goto(url + place)
        if "#k=" in place:
            page.wait_for_selector("#out h1")
        found, bad = page.evaluate(_CENSUS, "")
        kinds |= set(found)
        page.evaluate(
            "document.querySelectorAll('main *').forEach(e => { for (const n of ['mouseover', 'focus', 'toggle', 'error', 'load', 'animationstart']) e.dispatchEvent(new Event(n)); })"
        )
        wrong += bad + page.evaluate("window.fired")
    context.close()
    return sorted(kinds), wrong


def test_the_dom_of_every_page_holds_only_what_was_meant(chromium: Any, hostile: Site, meant: frozenset[str]) -> None:
    """Chromium's own parser on every file: elements, attributes and addresses."""
    page = chromium.new_page()
    count = 0
    for path in sorted(hostile.output.rglob("*.html")):
        kinds, wrong = page.evaluate(_CENSUS, path.read_text("utf-8"))
        assert not wrong, path
        assert not strange(kinds, meant), path
        count += 1
    page.close()
    assert count > 150


def test_nothing_fires_on_the_pages_that_show_most(
    chromium: Any, hostile: Site, meant: frozenset[str], corpus: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    """Really loaded, with scripts on and the policy off: lists of everything, one incident with every text, every sealed page."""
    pages = sorted(hostile.output.glob("*/*/index.html"))
    some = [
        f"{path.parent.relative_to(hostile.output).as_posix()}/" for path in pages if path.parent.parent.name != "u"
    ]
    there = [one for one in (addresses.incident("many"), "words/") if (hostile.output / one).is_dir()]
    places = [*overviews(hostile), *there, addresses.service("mail"), *some[:: max(1, len(some) // 10)]]
    with served(hostile.output) as url:
        kinds, wrong = looked_at(chromium, url, [*places, *map(opened_address, victims(corpus[1]))])
    assert not wrong
    assert not strange(kinds, meant)


def test_sealed_pages_show_the_attacks_as_text(
    chromium: Any, hostile: Site, corpus: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    """So that the test before is not of empty pages: nearly every string has room on one of them."""
    kinds, strings = corpus
    told, count = "", 0
    page = chromium.new_page()
    with served(hostile.output) as url:
        for one in victims(strings):
            page.goto(url + opened_address(one))
            page.wait_for_selector("#out h1")
            told += page.evaluate("document.getElementById('out').textContent")
            count += page.evaluate("document.querySelectorAll('#out .ticket, #out li[id^=req-]').length")
    page.close()
    feeds = len({"csv", "json", "jsonl"} & set(kinds))
    assert count > 0.8 * 2 * feeds * len(strings)
    assert "<script>" in told
    assert "onerror" in told.lower()

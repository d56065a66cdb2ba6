"""Every shipped theme in a real Chromium: no barrier in either mode, no sideways scroll, and the colours that were promised."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from statusgen.theme.contrast import colours
from statusgen.themes import read_theme
from tests import browsers
from tests.paths import PROJECT
from tests.sites import DESK, HEAD, INCIDENT, TICKETS, site

pytestmark = pytest.mark.browser

OTHERS = sorted(path.name for path in (PROJECT / "themes").iterdir() if path.is_dir() and path.name != "default")
PAGES = ["", "services/mail/", "incidents/p-2026-0412/", "planned/c-2026-118/", "history/2026/11/", "history/", "updates/", "about/", "me/", "404.html"]  # fmt: skip
LONG = "DonaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaftX"


@dataclass(frozen=True)
class Built:
    """The demo in a theme, behind a web server."""

    name: str
    folder: Path
    url: str

    def pages(self) -> list[str]:
        """One of each kind; of the personal ones those that name a request: its requester's, and its team's."""
        naming = [path for path in (self.folder / "u").glob("*/index.html") if "REQ-20418" in path.read_text("utf-8")]
        assert len(naming) == 2
        return [*PAGES, *sorted(f"u/{path.parent.name}/" for path in naming)]


def demo_in(folder: Path, theme: str, files: dict[str, str] | None = None, *, sealed: bool = False) -> Path:
    """The demo built in a theme that is shipped or among `files`, its personal pages open unless `sealed`."""
    root = folder / "site"
    shutil.copytree(PROJECT / "content", root / "content")
    toml = (PROJECT / "statusgen.toml").read_text("utf-8").replace("[site]\n", f'[site]\ntheme = "{theme}"\n', 1)
    if not sealed:
        toml = re.sub(
            r'^level = "sealed".*\nhosting = "public"',
            'level = "unlisted"\nhosting = "private"',
            toml,
            flags=re.MULTILINE,
        )
    for name, text in {"statusgen.toml": toml, **(files or {})}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return browsers.built(folder, root)


@pytest.fixture(scope="module", params=OTHERS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = demo_in(tmp_path_factory.mktemp(request.param), request.param)
    with browsers.served(folder) as url:
        yield Built(request.param, folder, url)


def barriers(page: Any) -> list[str]:
    """What axe finds on a page, for certain or not."""
    from axe_playwright_python.sync_playwright import Axe

    told = Axe().run(page).response
    return [
        f"{one['id']} {one['nodes'][0]['html'][:120]}" for kind in ("violations", "incomplete") for one in told[kind]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(chromium: Any, built: Built, scheme: str) -> None:
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    for address in built.pages():
        page.goto(built.url + address, wait_until="networkidle")
        assert barriers(page) == [], address
    context.close()


@pytest.mark.parametrize("theme", OTHERS)
def test_the_gate_of_a_sealed_page_is_open_to_everybody(chromium: Any, tmp_path: Path, theme: str) -> None:
    output = demo_in(tmp_path, theme, sealed=True)
    gate = next((output / "u").glob("*/index.html")).parent.name
    with browsers.served(output) as url:
        for scheme in ("light", "dark"):
            context = chromium.new_context(color_scheme=scheme, bypass_csp=True, viewport={"width": 320, "height": 800})
            page = context.new_page()
            page.goto(f"{url}u/{gate}/", wait_until="networkidle")
            assert page.locator("#code").is_visible()
            assert barriers(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            context.close()


def test_nothing_scrolls_sideways_or_complains(chromium: Any, built: Built) -> None:
    context = chromium.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    for address in built.pages():
        page.goto(built.url + address)
        for width in (1920, 1280, 375, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
    assert said == []
    context.close()


@pytest.mark.parametrize("theme", OTHERS)
def test_eighty_letter_words_do_not_make_a_narrow_page_scroll(chromium: Any, tmp_path: Path, theme: str) -> None:
    toml = HEAD.replace('"E-mail"', f'"{LONG}"').replace("[site]", f'[site]\ntheme = "{theme}"')
    toml = toml.replace('level = "unlisted"\n', 'level = "unlisted"\nsecret = { file = "secret" }\n') + DESK
    files = {
        "tickets.csv": TICKETS.replace("Screen flickers", LONG).replace("ana", LONG),
        "content/incidents/p-1.md": INCIDENT.replace("Printing is down", LONG).replace("Joris", LONG),
        "secret": "sgk1_" + "A" * 43,
    }
    output = browsers.built(tmp_path, site(tmp_path / "site", toml, files).root)
    with browsers.served(output) as url:
        context = chromium.new_context(viewport={"width": 320, "height": 900})
        page = context.new_page()
        people = [f"u/{path.parent.name}/" for path in (output / "u").glob("*/index.html")]
        for where in ["", "services/mail/", "incidents/p-1/", "history/", "updates/", *people]:
            page.goto(url + where, wait_until="networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, where
        context.close()


# ---- what a theme's tokens do

USED = r"""() => {
  const found = new Set();
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return colour;
    }
    return getComputedStyle(document.documentElement).backgroundColor;
  };
  document.querySelectorAll('details').forEach(one => one.open = true);
  document.querySelectorAll('[hidden]').forEach(one => one.hidden = false);
  for (const e of document.querySelectorAll('body *')) {
    const style = getComputedStyle(e);
    const says = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && !(e instanceof SVGElement);
    if (says) found.add(['text', style.color, ground(e)].join('|'));
    for (const [one, where] of [[style, e.parentElement], [getComputedStyle(e, '::before'), e], [getComputedStyle(e, '::after'), e]])
      for (const side of ['Top', 'Left'])
        if (one.content !== 'none' && one[`border${side}Style`] !== 'none' && parseFloat(one[`border${side}Width`]))
          found.add(['drawn', one[`border${side}Color`], ground(where)].join('|'));
  }
  return [...found];
}"""


def distinct() -> dict[str, str]:
    """Every colour of the default theme, each as a colour that no other token has."""
    named = [name for name, value in colours(read_theme(PROJECT, "default"))["light"].items() if value.startswith("#")]
    return {
        name: f"#{16 + 8 * place:02x}{250 - 9 * place:02x}{(place * 53) % 256:02x}" for place, name in enumerate(named)
    }


def test_contrast_is_guarded_for_every_pair_that_pages_show(chromium: Any, tmp_path: Path) -> None:
    """Each token becomes a colour of its own; whichever stand on each other in a page of the demo, theme.toml has to name."""
    tokens = distinct()
    toml = "[tokens]\n" + "".join(f'{name} = "{colour}"\n' for name, colour in tokens.items())
    output = demo_in(tmp_path, "pairs", {"themes/pairs/theme.toml": toml})
    written = {"rgb({}, {}, {})".format(*(int(colour[at : at + 2], 16) for at in (1, 3, 5))): name for name, colour in tokens.items()}  # fmt: skip
    manifest = read_theme(PROJECT, "default").layers[0].manifest
    guarded = {"text": set(_pairs(manifest.text)), "drawn": {*_pairs(manifest.text), *_pairs(manifest.shapes)}}
    context = chromium.new_context()
    page = context.new_page()
    shown = set()
    with browsers.served(output) as url:
        for path in _some_of_each_kind(output):
            page.goto(url + path.relative_to(output).as_posix())
            shown |= {tuple(one.split("|")) for one in page.evaluate(USED)}
    context.close()
    used = {(kind, written.get(ink, ink), written.get(ground, ground)) for kind, ink, ground in shown}
    assert ("text", "muted", "surface") in used
    decoration = {"rule", "rgba(0, 0, 0, 0)"}
    unguarded = {
        one
        for one in used
        if (one[1], one[2]) not in guarded[one[0]] and not (one[0] == "drawn" and one[1] in decoration)
    }
    assert unguarded == set()


def _some_of_each_kind(output: Path, most: int = 6) -> Iterator[Path]:
    kinds: dict[str, list[Path]] = {}
    for path in sorted(output.rglob("*.html")):
        if b'http-equiv="refresh"' in path.read_bytes():
            continue  # it only leads on
        kinds.setdefault(path.relative_to(output).parts[0], []).append(path)
    return (path for paths in kinds.values() for path in paths[:most])


def _pairs(table: Any) -> Iterator[tuple[str, str]]:
    return ((ink, ground) for ink, grounds in table.items() for ground in grounds)


def test_paper_and_a_wish_for_contrast_win_over_the_tokens_of_a_theme(chromium: Any, tmp_path: Path) -> None:
    made = site(tmp_path, HEAD.replace("[site]", '[site]\ntheme = "quay"'), {
        "themes/quay/theme.toml": '[tokens]\npaper = "#123456"\nmuted = "#abcdef"\n[tokens.dark]\nink = "#fedcba"\n'
    })  # fmt: skip
    made.build()
    with browsers.served(made.output) as url:
        context = chromium.new_context(color_scheme="dark")
        page = context.new_page()
        page.goto(url)
        token = "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()"
        assert [page.evaluate(token, f"--{name}") for name in ("paper", "muted", "ink")] == [
            "#123456",
            "#abcdef",
            "#fedcba",
        ]
        page.emulate_media(contrast="more")
        assert page.evaluate(token, "--muted") == "#fedcba"
        page.emulate_media(contrast="no-preference", media="print")
        assert re.sub(r"^#(.)\1\1$", r"#\1", page.evaluate(token, "--paper")) in {"#fff", "#f"}
        context.close()

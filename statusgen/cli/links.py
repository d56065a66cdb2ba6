"""Internal links of a built site: each must lead to a file that is there, and to a place in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from posixpath import normpath
from urllib.parse import unquote, urljoin, urlsplit

from statusgen import addresses

_LINKS = {"a": "href", "link": "href", "area": "href", "script": "src", "img": "src", "source": "src", "iframe": "src"}
_HERE = "http://site.invalid"
_BY_THE_SERVER = frozenset({addresses.MY_PAGE, addresses.MY_FEED})
"""Where a server that knows who is signed in shows everybody their own: no files."""


@dataclass(slots=True)
class _Page(HTMLParser):
    """The links of one page with the line they stand on, and the ids that it offers."""

    links: list[tuple[int, str]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag of the page."""
        found = dict(attrs)
        if found.get("id"):
            self.ids.add(str(found["id"]))
        link = found.get(_LINKS.get(tag, ""))
        if link is not None and not ("canonical" in str(found.get("rel")) or "alternate" in str(found.get("rel"))):
            self.links.append((self.getpos()[0], link))


def broken(output: Path, base_path: str = "/") -> Iterator[str]:
    """Every internal link that leads nowhere, as `page:line: link`. `base_path` is where the site's root will be."""
    pages = {path.relative_to(output).as_posix(): _read(path) for path in sorted(output.rglob("*.html"))}
    files = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    for name, page in pages.items():
        for line, link in page.links:
            problem = _problem(urljoin(f"{_HERE}{base_path}{name}", link), base_path, files, pages)
            if problem:
                yield f"{name}:{line}: {link} {problem}"


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def _problem(url: str, base_path: str, files: set[str], pages: dict[str, _Page]) -> str:
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" != _HERE:
        return ""
    path = unquote(parts.path)
    if not path.startswith(base_path):
        return f"leaves the site, whose root is {base_path}"
    target = path[len(base_path) :]
    if target in _BY_THE_SERVER:
        return ""
    if target == "" or target.endswith("/"):
        target += "index.html"
    if normpath(target) not in files:
        return "leads nowhere"
    page = pages.get(normpath(target))
    if page and parts.fragment and unquote(parts.fragment) not in page.ids and parts.fragment != "top":
        return f"names a place that is not on that page: #{parts.fragment}"
    return ""

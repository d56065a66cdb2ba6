"""Every URL and output path is decided here and nowhere else.

An address is relative to the root of one language of the site, without a leading slash; a page's ends in a slash
("services/mail/"), the home page's is "". The first language lies at the site's own root, every other in a folder of its own
(`edition`). `file_of` gives the output path of a page. Links inside the site are relative (`relative`), so that it works under
any sub-path and from any static host; only `absolute` knows the base URL.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from hashlib import blake2b, blake2s

HOME = ""
HISTORY = "history/"
UPDATES = "updates/"
ABOUT = "about/"
ME = "me/"
NOT_FOUND = "404.html"
STATUS = "status.json"
HEARTBEAT = "heartbeat.json"
MANIFEST = "manifest.webmanifest"
API = "api/v2/"
STATUSPAGE_FEEDS = {"atom": "history.atom", "rss": "history.rss"}
BADGES = {"svg": "badge.svg", "shields": "badge.json"}
FEED = "feed"
UPDATE_FEED = "updates"
"""The two feeds, of the site or of a service, without their ending: one entry for each incident, and one for each update."""
OPML = "opml.xml"
LLMS = "llms.txt"
CALENDAR = "planned.ics"
"""The calendar of planned work, of the site or of a service."""

_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?\Z")
_ENDS_LIKE_A_HASH = re.compile(r"-[0-9a-f]{16}\Z")
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))})


def name_of(identifier: str) -> str:
    """A path segment for a foreign id: the id itself where it is plain, else a slug and 64 bits of BLAKE2s of the id.

    Different ids give different names, on case-folding file systems too; no id can leave its folder (research: security §3).
    """
    if _PLAIN.match(identifier) and identifier not in _RESERVED and not _ENDS_LIKE_A_HASH.search(identifier):
        return identifier
    ascii_text = unicodedata.normalize("NFKD", identifier).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:40].strip("-")
    digest = blake2s(identifier.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{slug}-{digest}" if slug else f"x-{digest}"


def subscribing(mailbox: str, service_id: str) -> str:
    """The mail by which somebody asks for the incidents of a service, as a link; `statusgen mailbox` reads it."""
    return f"mailto:{mailbox}?subject=subscribe%20{service_id}"


def edition(language: str) -> str:
    """The folder of a language that is not the site's first."""
    return f"{name_of(language.lower())}/"


def catalogue(language: str) -> str:
    """Where a theme keeps the words of a language."""
    return f"translations/{language}.po"


def service(service_id: str) -> str:
    """The page of a service."""
    return f"services/{name_of(service_id)}/"


def service_file(service_id: str, name: str) -> str:
    """A file beside the page of a service, such as feed.rss."""
    return service(service_id) + name


def incident(incident_id: str) -> str:
    """The page of an incident; its updates are `#u1` … from the oldest."""
    return f"incidents/{name_of(incident_id)}/"


def planned(planned_id: str) -> str:
    """The page of planned work."""
    return f"planned/{name_of(planned_id)}/"


def month(day: date) -> str:
    """The history page of the month that `day` lies in."""
    return f"history/{day.year:04d}/{day.month:02d}/"


def content_page(page_id: str) -> str:
    """A page written by hand."""
    return f"{name_of(page_id)}/"


def embed(address: str) -> str:
    """The small page that stands for the page at this address in a frame of another site."""
    return f"{address}embed/"


PEOPLE = "u/"
PEOPLES_FEEDS = "f/"
"""Where private pages and feeds lie."""


MY_PAGE = "me/page/"
MY_FEED = "me/feed.rss"
"""Where a server that knows who is signed in shows everybody their own: as deep as the page really lies, so that links hold."""


def person(token: str) -> str:
    """One person's page."""
    return f"{PEOPLE}{token}/"


def person_feed(token: str) -> str:
    """One person's feed."""
    return f"{PEOPLES_FEEDS}{token}.rss"


def ticket_anchor(number: str) -> str:
    """The id of a ticket on its requester's page."""
    return "req-" + name_of(number.lower())


def asset(name: str, digest: str) -> str:
    """A theme's file under a name that changes with its bytes, so that caches never mix two builds."""
    stem, _, ending = name.rpartition(".")
    return f"assets/{stem}.{digest[:10]}.{ending}" if stem else f"assets/{ending}.{digest[:10]}"


def asset_of(name: str, content: bytes) -> str:
    """The same, for a file with these bytes."""
    return asset(name, blake2b(content, digest_size=16).hexdigest())


def twin(address: str) -> str:
    """The Markdown twin of a page, beside it."""
    return address + "index.md"


def file_of(address: str) -> str:
    """The output path of an address: a page's is its index.html."""
    return address + "index.html" if address == "" or address.endswith("/") else address


def root_of(address: str) -> str:
    """The relative way from a page back to the site's root: "" for the home page, "../../" for services/mail/."""
    return "../" * address.count("/")


def relative(here: str, there: str) -> str:
    """The link from the page at `here` to the address `there`."""
    return root_of(here) + there or "./"


def absolute(base_url: str, address: str) -> str:
    """The whole URL of an address; `base_url` ends in a slash and may have a sub-path."""
    return base_url + address

"""The history of incidents and maintenances as Statuspage's own feed, for what reads that (research: status-pages §3.2).

Ids are tags that stay, `updated` moves; the text is one paragraph an update, newest first, in UTC and without a year, with
Statuspage's stages in English. The feeds for people are `channels.feeds`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape, unescape
from urllib.parse import quote, urljoin

from statusgen import addresses
from statusgen.syndication import Item, Shell, render_feed, render_item
from statusgen.text import to_html
from statusgen.views.statuspage import Happening, StatusPage, Told

MOST = 25
"""So many entries, as Statuspage has."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HREF = re.compile(r'href="([^"]*)"')


def entries(page: StatusPage) -> tuple[Happening, ...]:
    """What the feed tells: the newest incidents and maintenances, newest first."""
    found = sorted((*page.incidents, *page.maintenances), key=lambda one: (one.created_at, one.id), reverse=True)
    return tuple(found[:MOST])


def render(page: StatusPage, kind: str, site_id: str, base_url: str) -> bytes:
    """The feed as `atom` or `rss`.

    In RSS the id of an entry is its address, as Statuspage has it; a maintenance's has its number behind, because the windows of
    a series share a page.
    """
    tag = f"tag:{quote(site_id, safe='.-@')},2005:"
    shell = Shell(
        id=f"{tag}/history",
        title=f"{page.name} - Incident History",
        about="",
        url=addresses.absolute(base_url, addresses.STATUSPAGE_FEEDS[kind]),
        page=addresses.absolute(base_url, addresses.HOME),
        language=page.language,
        updated=page.updated_at,
        author=page.name,
    )
    items = (_item(one, page, kind, tag) for one in entries(page))
    return render_feed(shell, (render_item(item, kind) for item in items), kind)


def _item(one: Happening, page: StatusPage, kind: str, tag: str) -> Item:
    address = f"{one.url}#{one.number}" if one.window else one.url
    return Item(
        id=address if kind == "rss" else f"{tag}Incident/{one.number}",
        title=one.name,
        url=one.url,
        published=one.created_at if one.created_at <= page.updated_at else None,  # who knows when it was announced
        updated=one.updated_at,
        html="".join(_content(one)) or f"<p>{escape(one.name)}</p>",
    )


def _content(one: Happening) -> Iterator[str]:
    if one.window:
        yield f"<p><strong>THIS IS A SCHEDULED EVENT {_window(*one.window)}</strong></p>"
    older = [*(update.status for update in one.updates[1:]), ""]
    for update, before in zip(one.updates, older, strict=False):
        yield _update(update, before, one.url)


def _update(update: Told, before: str, url: str) -> str:
    """One update; the word is "Update" where the stage is that of the one before it."""
    word = "Update" if update.status == before else update.status.replace("_", " ").capitalize()
    start = f"<p><small>{_moment(update.at)} UTC</small><br><strong>{word}</strong> - "
    html = _HREF.sub(lambda link: f'href="{escape(urljoin(url, unescape(link[1])))}"', to_html(update.text))
    return start + html.removeprefix("<p>") if html.startswith("<p>") else f"{start}</p>{html}"


def _window(starts: datetime, ends: datetime) -> str:
    same = starts.astimezone(UTC).date() == ends.astimezone(UTC).date()
    return f"{_moment(starts)} - {_clock(ends) if same else _moment(ends)} UTC"


def _moment(at: datetime) -> str:
    """Such as "Aug 21, 00:37", with Statuspage's marks, by which its page turns it into the reader's zone."""
    local = at.astimezone(UTC)
    return f"{_MONTHS[local.month - 1]} <var data-var='date'>{local.day}</var>, {_clock(at)}"


def _clock(at: datetime) -> str:
    return f"<var data-var='time'>{at.astimezone(UTC):%H:%M}</var>"

"""A mail as a page: the HTML that leaves, with what its headers say above it and its text below. Nothing on it runs or is fetched."""

from __future__ import annotations

import base64
import re

from markupsafe import Markup

from statusgen.channels.mail.mime import Envelope

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HEAD = Markup('<meta http-equiv="Content-Security-Policy" content="{}"><meta name="robots" content="noindex">')
_BOX = (
    "font:14px/1.5 Segoe UI,Helvetica,Arial,sans-serif;color:#16202b;background-color:#ffffff;padding:12px 16px;"
    "border-bottom:2px solid #16202b;word-break:break-word"
)
_PRE = "white-space:pre-wrap;font:14px/1.5 Consolas,Menlo,monospace;margin:8px 0"
_OPENS_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_OPENS_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)
_ENDS_BODY = re.compile(r"</body>", re.IGNORECASE)


def page(envelope: Envelope, html: str, text: str, calendar: bytes) -> bytes:
    """The page of a mail. It is one file, and can lie anywhere."""
    made = _with(html, _OPENS_HEAD, _HEAD.format(_POLICY))
    made = _with(made, _OPENS_BODY, _above(envelope, calendar))
    below = Markup(
        '<details dir="auto" style="{}"><summary dir="ltr">text/plain</summary><pre dir="auto" style="{}">{}</pre></details>'
    )
    end = _ENDS_BODY.search(made)
    place = end.start() if end else len(made)
    return (made[:place] + str(below.format(_BOX, _PRE, text)) + made[place:]).encode("utf-8", "replace")


def _above(one: Envelope, calendar: bytes) -> Markup:
    """What the headers say, in their own words: From and To are what every mail program calls them."""
    rows = [
        ("From", f"{one.sender[0]} <{one.sender[1]}>"),
        ("To", f"{one.to[0]} <{one.to[1]}>" if one.to[0] else one.to[1]),
        ("Reply-To", one.reply_to),
        ("Subject", one.subject),
        ("Date", f"{one.at:%Y-%m-%d %H:%M %z}"),
    ]
    said = Markup("<br>").join(Markup("<b>{}:</b> <bdi>{}</bdi>").format(*row) for row in rows)
    if calendar:
        address = "data:text/calendar;charset=utf-8;base64," + base64.b64encode(calendar).decode()
        said += Markup(
            '<br><b>+</b> <a style="color:#0b4a6f!important" href="{}" download="promise.ics">promise.ics</a>'
        ).format(address)
    return Markup('<div dir="ltr" lang="en" style="{}">{}</div>').format(_BOX, said)


def _with(html: str, after: re.Pattern[str], piece: Markup) -> str:
    """The HTML with a piece behind the first tag of a kind; in front of all of it where a theme's template has none."""
    found = after.search(html)
    place = found.end() if found else 0
    return html[:place] + str(piece) + html[place:]  # of Markup, + would escape what stands around it

"""HTML that people copy into a site of their own, so that it shows our state: the page in a frame, and the badge.

Both stay as they are: what they show is made anew by each build, under addresses that do not change.
"""

from __future__ import annotations

from html import escape

from statusgen import addresses


def frame(base_url: str, address: str, name: str) -> str:
    """The small page of the page at an address, in a frame. `name` says to who cannot see it what it is; `base_url` is its edition's."""
    url = escape(addresses.absolute(base_url, addresses.embed(address)))
    return f'<iframe src="{url}" title="{escape(name)}" width="320" height="150" style="border:0"></iframe>'


def badge(base_url: str, address: str, name: str) -> str:
    """The badge of the page at an address, which leads to that page. `base_url` is the site's: badges exist once."""
    page = escape(addresses.absolute(base_url, address))
    picture = escape(addresses.absolute(base_url, address + addresses.BADGES["svg"]))
    return f'<a href="{page}"><img src="{picture}" alt="{escape(name)}"></a>'

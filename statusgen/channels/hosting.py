"""Rules for web servers: who is signed in reads their own page, under one address for everybody, and nobody lists anything.

What names people lies beside the output and is never published; what holds for everybody (`_headers`, the configuration of
Azure Static Web Apps) lies in it. Tried on real servers: research, security §2.5.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from statusgen.addresses import MY_FEED, MY_PAGE, PEOPLE, PEOPLES_FEEDS

PRIVATE_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
"""What private pages and feeds are served with. A page's own policy stands in the page; a policy there cannot speak of frames."""
PUBLIC_HEADERS = {"X-Content-Type-Options": "nosniff"}
"""What everything is served with. Public pages may stand in a frame: some are made for it."""
LASTING_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable"}
"""What the theme's files are served with, whose names change with their bytes."""
_FOLDERS = (PEOPLE, PEOPLES_FEEDS)
_NOBODY = "-none-"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+'=@/-]{0,253}\Z")
"""Names that mean themselves to nginx and Apache alike."""
_TOKEN = re.compile(r"[a-z2-7]{32}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where the person lives whom the server calls `identity`: the tokens of their page and feed."""

    identity: str
    page: str
    feed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What the rules are made for. `base_path` is that of the site's address, `root` its folder on the server.

    `sign_in`: "auth-request" or "basic".
    """

    base_path: str
    root: str
    sign_in: str


def usable(homes: Iterable[Home]) -> tuple[tuple[Home, ...], int]:
    """The homes that a server can tell apart, and how many it cannot: odd names, and names that differ in case only."""
    homes = tuple(homes)
    times = Counter(home.identity.casefold() for home in homes)
    kept = tuple(
        home
        for home in sorted(homes, key=lambda one: one.identity)
        if _PLAIN.match(home.identity) and times[home.identity.casefold()] == 1 and _TOKEN.match(home.page)
    )
    return kept, len(homes) - len(kept)


def nginx_map(homes: Iterable[Home]) -> str:
    """Who lives where: to be included in `http { }`."""
    homes = tuple(homes)
    return "".join(
        (
            "# Made by statusgen at every build. It names people and their secret addresses: keep it out of the site.\n",
            "# Include it in http { }.\n",
            "map_hash_bucket_size 512;\nmap_hash_max_size 65536;\n",
            _nginx_table("$sg_home", ((home.identity, home.page) for home in homes)),
            _nginx_table("$sg_feed", ((home.identity, home.feed) for home in homes)),
        )
    )


def _nginx_table(variable: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = "".join(f'    "{identity}" "{token}";\n' for identity, token in rows)
    return f'map $sg_who {variable} {{\n    default "{_NOBODY}";\n{lines}}}\n'


def nginx_locations(server: Server) -> str:
    """What may be read: to be included in the `server { }` of the site."""
    base, root = server.base_path, server.root.rstrip("/")
    headers = "".join(f'    add_header {name} "{value}" always;\n' for name, value in PRIVATE_HEADERS.items())
    asks = _NGINX_ASKS[server.sign_in]
    return f"""\
# Made by statusgen at every build. Include it in server {{ }}; the site's folder is {root}
# Sign-in: {_NGINX_NOTES[server.sign_in]}
location = {base}me/ {{ absolute_redirect off; return 302 {base}{MY_PAGE}; }}
location ^~ {base}{MY_PAGE} {{
{asks}    alias "{root}/{PEOPLE}$sg_home/";
    index index.html;
{headers}}}
location = {base}{MY_FEED} {{
{asks}    alias "{root}/{PEOPLES_FEEDS}$sg_feed.rss";
    types {{ }} default_type "application/rss+xml; charset=utf-8";
{headers}}}
location ^~ {base}{PEOPLE} {{ return 404; }}
location ^~ {base}{PEOPLES_FEEDS} {{ return 404; }}
"""


_NGINX_ASKS = {
    "auth-request": "    auth_request /oauth2/auth;\n    auth_request_set $sg_who $upstream_http_x_auth_request_email;\n",
    "basic": '    auth_basic "Your page";\n    auth_basic_user_file /etc/nginx/statusgen.htpasswd;\n    set $sg_who $remote_user;\n',
}
_NGINX_NOTES = {
    "auth-request": "oauth2-proxy at /oauth2/ (your own location), which sets X-Auth-Request-Email. Its `error_page 401` is yours.",
    "basic": "the names and passwords of /etc/nginx/statusgen.htpasswd.",
}


def apache_map(homes: Iterable[Home]) -> str:
    """Who lives where, as a RewriteMap of kind txt: page and feed in one line. Apache looks names up in lower case."""
    rows = "".join(
        f"page:{home.identity.lower()} {home.page}\nfeed:{home.identity.lower()} {home.feed}\n" for home in homes
    )
    return f"# Made by statusgen at every build. It names people and their secret addresses: keep it out of the site.\n{rows}"


def apache_vhost(server: Server, map_file: str) -> str:
    """What may be read: to be included in the `<VirtualHost>` of the site. Never as .htaccess, which fails open."""
    base, root = server.base_path, server.root.rstrip("/")
    headers = "".join(f'    Header always set {name} "{value}"\n' for name, value in PRIVATE_HEADERS.items())
    inner = re.escape(base)
    return f"""\
# Made by statusgen at every build. Include it in the <VirtualHost> of the site; its folder is {root}
# It needs mod_rewrite, mod_headers and a sign-in of yours for {base}me/ that sets REMOTE_USER, such as mod_auth_openidc or:
#   <Location "{base}me/">
#     AuthType Basic
#     AuthName "Your page"
#     AuthUserFile /etc/apache2/statusgen.htpasswd
#     Require valid-user
#   </Location>
RewriteEngine On
RewriteMap sg_lower int:tolower
RewriteMap sg_home "txt:{map_file}"
RewriteRule "^{inner}me/?$" "{base}{MY_PAGE}" [R=302,L]
RewriteCond "%{{LA-U:REMOTE_USER}}" "^(.+)$"
RewriteCond "page:${{sg_lower:%1}}" "^(.+)$"
RewriteCond "${{sg_home:%1|{_NOBODY}}}" "^([a-z2-7]{{32}})$"
RewriteRule "^{inner}{MY_PAGE}(|index\\.html)$" "{root}/{PEOPLE}%1/index.html" [END,E=SG:1]
RewriteCond "%{{LA-U:REMOTE_USER}}" "^(.+)$"
RewriteCond "feed:${{sg_lower:%1}}" "^(.+)$"
RewriteCond "${{sg_home:%1|{_NOBODY}}}" "^([a-z2-7]{{32}})$"
RewriteRule "^{inner}{re.escape(MY_FEED)}$" "{root}/{PEOPLES_FEEDS}%1.rss" [END,E=SG:1]
RewriteRule "^{inner}(?:{PEOPLE}|{PEOPLES_FEEDS})" "-" [R=404,L]
<Location "{base}me/">
{headers}</Location>
<Location "{base}{MY_FEED}">
    ForceType "application/rss+xml; charset=utf-8"
</Location>
<Directory "{root}">
    Options -Indexes
</Directory>
"""


def headers_file(base_path: str, *, private: bool) -> str:
    """`_headers`, which Netlify and Cloudflare Pages read. It holds for everybody and names nobody. `private`: there are personal pages.

    No header of one path stands in two rules that fit it: Cloudflare would send both in one line.
    """
    rules = {"/*": PUBLIC_HEADERS, f"{base_path}assets/*": LASTING_HEADERS}
    rules |= {f"{base_path}{folder}*": _own(PRIVATE_HEADERS) for folder in _FOLDERS if private}
    return "".join(f"{path}\n{_lines(headers)}" for path, headers in rules.items())


def _own(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in PUBLIC_HEADERS}


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"  {name}: {value}\n" for name, value in headers.items())


def static_web_app(base_path: str, *, private: bool) -> str:
    """`staticwebapp.config.json` for Azure. It cannot guard a page per person: personal pages stay sealed there.

    The headers of a route are added to those that hold everywhere. `private`: there are personal pages.
    """
    routes = [{"route": f"{base_path}assets/*", "headers": LASTING_HEADERS}]
    routes += [{"route": f"{base_path}{folder}*", "headers": _own(PRIVATE_HEADERS)} for folder in _FOLDERS if private]
    rules = {
        "routes": routes,
        "responseOverrides": {"404": {"rewrite": f"{base_path}404.html"}},
        "globalHeaders": PUBLIC_HEADERS,
        "mimeTypes": {".rss": "application/rss+xml", ".atom": "application/atom+xml", ".ics": "text/calendar"},
    }
    return json.dumps(rules, indent=2) + "\n"

"""A server with a login, as a secret URL names it: what relays of mail and mailboxes have in common. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from statusgen.errors import SecretError


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Where a server is, and whom it knows. `is_tls`: from the first byte on."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False

    @property
    def name(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    @property
    def is_this_machine(self) -> bool:
        """Whether what goes there leaves no wire."""
        with suppress(ValueError):
            return ip_address(self.host).is_loopback
        return self.host == "localhost"


def read_login(
    url: str, ports: Mapping[str, int], malformed: Callable[[str], SecretError]
) -> tuple[Login, SplitResult]:
    """The server of a URL, and the URL in parts for what else is in it. `ports`: by scheme; one in "s" is TLS.

    Raises what `malformed` makes of the reason: a SecretError that never shows the URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise malformed("it is not a URL") from None
    if parts.scheme not in ports or not parts.hostname:
        schemes = " or ".join(f"{scheme}://" for scheme in ports)
        raise malformed(f"it does not begin with {schemes} and a host")
    login = Login(
        host=parts.hostname,
        port=port or ports[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls=parts.scheme.endswith("s"),
    )
    return login, parts

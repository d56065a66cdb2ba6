"""How much a host takes, and whether a site comes near it. Figures are the hosts' own, read in November 2026."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from statusgen.publish.targets import pages
from statusgen.publish.targets.output import Output

NEAR = 0.8
"""From this part of a limit on it is said."""
_MIB = 1 << 20
_GB = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one host takes at most; None: no limit is known. `size` is of the whole site, `file` of one file, in bytes."""

    name: str
    size: int | None = None
    files: int | None = None
    file: int | None = None


HOSTS: Mapping[str, Limits] = {
    "github-pages": Limits(name="GitHub Pages", size=_GB),
    "gitlab-pages": Limits(name="GitLab Pages", size=_GB, files=200_000),
    "cloudflare": Limits(name="Cloudflare (free plan)", files=20_000, file=25 * _MIB),
    "cloudflare-paid": Limits(name="Cloudflare (paid plan)", files=100_000, file=25 * _MIB),
    "none": Limits(name="this host"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A limit that a site comes near to, or is over: `have` of `most`, in files or bytes."""

    host: str
    what: str
    have: int
    most: int

    @property
    def is_over(self) -> bool:
        """Whether the host refuses the site."""
        return self.have > self.most

    @property
    def said(self) -> str:
        """It as one sentence."""
        part = f"{100 * self.have / self.most:.0f} %"
        count = "size" not in self.what
        have, most = (f"{n:,}" if count else _megabytes(n) for n in (self.have, self.most))
        return f"{self.what}: {have}, and {self.host} takes {most} ({part})"


def host_of(kind: str, host: str | None) -> str:
    """Whose limits count for `[publish]` with this kind and host."""
    return host or ("github-pages" if kind == "github-pages" else "none")


def near(output: Output, host: str) -> Iterator[Near]:
    """The limits of this host that the site comes near to. The size is that of the tar for those who take one."""
    limits = HOSTS[host]
    sizes = output.sizes
    whole = pages.size_of(output) if host == "github-pages" else sum(sizes.values())
    found = (
        ("the size of the site", whole, limits.size),
        ("the number of files", len(sizes), limits.files),
        ("the size of the largest file", max(sizes.values(), default=0), limits.file),
    )
    for what, have, most in found:
        if most is not None and have >= NEAR * most:
            yield Near(host=limits.name, what=what, have=have, most=most)


def _megabytes(number: int) -> str:
    return f"{number / 1_000_000:,.1f} MB"

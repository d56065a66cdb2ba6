"""What `statusgen doctor` finds: one shape for all that looks for something."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING, OK = "error", "warning", "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that should be put right: `kind` names it for programs, `help` says how. Of level OK: one that is right."""

    level: str
    kind: str
    what: str
    help: str

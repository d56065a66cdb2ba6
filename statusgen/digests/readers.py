"""Who gets which digest: by what they said by mail, else by the list of people, else as the configuration says. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from statusgen.config.mail import Digest
from statusgen.digests.periods import is_weekly

DAILY, WEEKLY, NONE = "daily", "weekly", "none"


def wants(digest: Digest, listed: str, said: bool | None, others: Iterable[Digest]) -> bool:
    """Whether a reader wants a digest.

    `listed` is the column `digest` of the list of people, `said` what was said by mail (None: nothing). `others`: all digests
    for the same audience. Of their own requests people get the daily or the weekly one as they are listed; managers who are
    listed as daily get that one beside the weekly.
    """
    if said is not None:
        return said
    if listed == NONE:
        return False
    rhythm = WEEKLY if is_weekly(digest.schedule) else DAILY
    there_is_one = any((WEEKLY if is_weekly(one.schedule) else DAILY) == listed for one in others)
    if not listed or not there_is_one:
        return digest.opt == "out"
    if listed == rhythm:
        return True
    return digest.audience == "managers" and digest.opt == "out" and listed == DAILY

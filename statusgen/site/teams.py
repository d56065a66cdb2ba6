"""The pages of teams, for who manages them: sealed as the pages of people are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from statusgen.config import Config
from statusgen.digests.team import MOST_BEFORE, Tally
from statusgen.model import Person, Snapshot, Team
from statusgen.people import team_name
from statusgen.site.edition import Edition
from statusgen.site.page import Page
from statusgen.site.personal import spoken
from statusgen.site.private import Private
from statusgen.views.team import team_page
from statusgen.working_time import WorkingCalendar

_SINCE = timedelta(weeks=MOST_BEFORE + 3)
"""The week that is shown is over, and those before it begin no earlier than this."""


def team_pages(
    snapshot: Snapshot, editions: Mapping[str, Edition], private: Private, config: Config, calendar: WorkingCalendar
) -> Iterator[Page]:
    """The page of each team, in the language of its manager. None where the server asks who it is: it knows of people only."""
    if private.guarded or not snapshot.teams:
        return
    first = next(iter(editions.values()))
    tally = Tally(snapshot, config, calendar, first.look.index, since=snapshot.now - _SINCE)
    for team in snapshot.teams:
        manager = manager_of(team, snapshot.people)
        edition = spoken(manager.language if manager else "", editions)
        zone = ZoneInfo(manager.time_zone) if manager and manager.time_zone else calendar.zone
        view = team_page(
            edition.look,
            tally,
            team,
            zone=zone,
            calendar=calendar,
            hours=config.calendar.hours,
            sealed=private.sealed,
        )
        lock = private.access.team_lock(team.id, team.manager, private.generation(team_name(team.id)))
        yield private.page(edition, view, lock)


def manager_of(team: Team, people: tuple[Person, ...]) -> Person | None:
    """Who in the list of people manages a team: by id, else by e-mail address."""
    wanted = team.manager.casefold()
    by_id = next((one for one in people if one.id == team.manager), None)
    return by_id or next((one for one in people if one.email and one.email.casefold() == wanted), None)

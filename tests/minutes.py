"""How many minutes of CI a month costs, reckoned from the very schedules that `init --ci github` writes."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta

from statusgen.cli import init_ci

YEAR = 2027
MONTHS = 12


@dataclass(frozen=True)
class Budget:
    """A job counts as whole minutes. `busy`: the part of the runs in working time that find a change."""

    rebuild: timedelta
    heartbeat: timedelta
    mail: bool
    busy: float

    @property
    def minutes(self) -> int:
        """Minutes of an average month: a job for each run, and with each deploy one more, or two with mail."""
        total, age, debt = 0.0, timedelta(days=1), 0.0
        for at, gap in _with_gaps(runs(self.rebuild)):
            total += 1
            age += gap
            works = at.weekday() < 5 and 6 <= at.hour < 20
            debt += self.busy if works else 0
            if debt >= 1 or age > self.heartbeat - self.rebuild:
                total += 2 if self.mail else 1
                age, debt = timedelta(0), max(0.0, debt - 1)
        total += 4 * 260 if self.mail else 0  # digests on working days
        return round(total / MONTHS)


def runs(rebuild: timedelta) -> list[datetime]:
    """When the workflow is started in a year, if GitHub kept time."""
    found = []
    for cron in init_ci._crons(rebuild):
        minutes, hours, _, _, days = cron.split()
        for month in range(1, 13):
            for day in range(1, calendar.monthrange(YEAR, month)[1] + 1):
                date = datetime(YEAR, month, day)
                if (date.weekday() + 1) % 7 in _numbers(days, 7):
                    found += [
                        date.replace(hour=h, minute=m) for h in _numbers(hours, 24) for m in _numbers(minutes, 60)
                    ]
    return sorted(found)


def _numbers(field: str, most: int) -> list[int]:
    found: list[int] = []
    for part in field.split(","):
        if part == "*":
            found += range(most)
        elif part.startswith("*/"):
            found += range(0, most, int(part[2:]))
        elif "-" in part:
            first, last = map(int, part.split("-"))
            found += range(first, last + 1)
        else:
            found.append(int(part))
    return found


def _with_gaps(times: list[datetime]) -> list[tuple[datetime, timedelta]]:
    return [(at, at - before) for before, at in zip([times[0] - timedelta(hours=1), *times], times, strict=False)]


if __name__ == "__main__":
    for rebuild, heartbeat in ((15, 1), (15, 3), (30, 3), (60, 6)):
        for mail in (False, True):
            print(
                rebuild,
                heartbeat,
                mail,
                [
                    Budget(timedelta(minutes=rebuild), timedelta(hours=heartbeat), mail, busy).minutes
                    for busy in (0, 0.5, 1)
                ],
                len(runs(timedelta(minutes=rebuild))) / 12,
            )

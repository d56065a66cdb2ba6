"""The last ninety days of every service and what they come to: worked out once for all languages, since no language changes them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from statusgen import health
from statusgen.model import Service
from statusgen.views.gauge import DAYS


class Past:
    """The days of every service in one zone, each worked out when it is first asked for."""

    def __init__(self, index: health.Index, zone: ZoneInfo) -> None:
        self._index = index
        self._zone = zone
        self._days: dict[str, tuple[health.Day, ...]] = {}
        self._uptimes: dict[tuple[str, int], health.Uptime] = {}

    def days(self, service: Service) -> tuple[health.Day, ...]:
        """The last ninety days of a service, today among them."""
        if service.id not in self._days:
            self._days[service.id] = health.days(service, self._index, zone=self._zone, count=DAYS)
        return self._days[service.id]

    def uptime(self, service: Service, count: int = DAYS) -> health.Uptime:
        """Its uptime over so many days at the most, without the one that is not over: with it, every build would print another number."""
        key = service.id, count
        if key not in self._uptimes:
            days = self.days(service)[-count - 1 :]
            now = health.day_start(days[-1].date, self._zone)
            self._uptimes[key] = health.uptime(days[:-1], now=now, zone=self._zone)
        return self._uptimes[key]

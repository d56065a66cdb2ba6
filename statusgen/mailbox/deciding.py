"""What requests by mail change in what is remembered. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from statusgen.access import Access
from statusgen.mailbox.reading import Asked, Bounced, Confirmed, Ignored, Request, Said
from statusgen.state import Changes, Memory, Stop, Subscription, Suppressed
from statusgen.state.post import EVERYTHING, merge_stop, merge_subscription, merge_suppressed

CONFIRM = timedelta(days=3)
"""So long a question whether a subscription is meant can be answered; whoever asks again in that time is not asked anew."""
ALL, FAULTS = "all", "faults"
"""How a mail calls every series, and the series that subscriptions are part of."""
_QUESTIONS = 50


@dataclass(slots=True, kw_only=True)
class Tally:
    """How many mails asked for what: stopped, started, asked, confirmed, bounced, ignored (by why)."""

    counts: Counter[str] = field(default_factory=Counter)


def subscription_key(access: Access, address: str, service: str) -> str:
    """What state calls the subscription of an address to a service."""
    return access.pseudonym("subscription", f"{address.casefold()}\n{service}")


def address_key(access: Access, address: str) -> str:
    """What state calls an address."""
    return access.pseudonym("address", address.casefold())


def answer_of(access: Access, one: Subscription) -> str:
    """What the answer to the question about this subscription must carry; 46 characters."""
    return f"yes {access.mail_token(_purpose(one.service), address_key(access, one.address))}"


def _purpose(service: str) -> str:
    return f"confirm/{service}"


def pending(memory: Memory, now: datetime) -> Iterator[Subscription]:
    """Subscriptions that somebody is to be asked about, the oldest first; bounded, so that nobody makes us write to the world."""
    waiting = (
        one
        for one in memory.subscriptions.values()
        if (one.confirmed_at is None or one.confirmed_at < one.asked_at) and now - one.asked_at < CONFIRM
    )
    yield from sorted(waiting, key=lambda one: (one.asked_at, one.address, one.service))[:_QUESTIONS]


def changes_of(
    requests: Iterable[Request],
    memory: Memory,
    access: Access,
    *,
    services: frozenset[str],
    now: datetime,
    former: Access | None = None,
) -> tuple[Changes, Tally]:
    """What these requests change, and how many of each kind there were; the same requests again change nothing more.

    `former`: the key of the secret that went, while it is known: mail that was written under it can still be stopped.
    """
    draft = _Draft(memory, access, services, now, former)
    for request in requests:
        draft.add(request)
    changes = Changes(
        built_at=now,
        sources=None,
        stops=draft.stops,
        suppressed=draft.suppressed,
        subscriptions=draft.subscriptions,
    )
    return changes, draft.tally


class _Draft:
    def __init__(
        self, memory: Memory, access: Access, services: frozenset[str], now: datetime, former: Access | None
    ) -> None:
        self._memory = memory
        self._former = former
        self._access = access
        self._services = services
        self._now = now
        self.tally = Tally()
        self.stops: dict[str, Stop] = {}
        self.suppressed: dict[str, Suppressed] = {}
        self.subscriptions: dict[str, Subscription] = {}

    def add(self, request: Request) -> None:
        self._now += timedelta(microseconds=1)  # of two words of one person in one run, the later one counts
        match request:
            case Said():
                self._count(self._said(request))
            case Asked():
                self._count(self._asked(request))
            case Confirmed():
                self._count(self._confirmed(request))
            case Bounced():
                self._count(self._bounced(request))
            case Ignored():
                self._count(request.why)

    def _count(self, what: str) -> None:
        self.tally.counts[what] += 1

    def _said(self, request: Said) -> str:
        purpose = f"stop/{request.series}"
        recipient = self._access.read_mail_token(purpose, request.token)
        if recipient is None and self._former is not None:
            recipient = self._former.read_mail_token(purpose, request.token)
        if recipient is None:
            return "forged"
        kind = EVERYTHING if request.series == ALL else request.series
        self._say(recipient, kind, stops=request.stops)
        if request.stops and kind in {EVERYTHING, FAULTS}:
            self._end(recipient)
        return "stopped" if request.stops else "started"

    def _say(self, recipient: str, kind: str, *, stops: bool) -> None:
        said = Stop(stopped={kind: self._now}) if stops else Stop(asked={kind: self._now})
        self.stops[recipient] = merge_stop(self.stops.get(recipient, Stop()), said)

    def _end(self, recipient: str) -> None:
        """The subscriptions of an address, where it was an address that stopped."""
        accesses = [one for one in (self._access, self._former) if one]
        for key, one in self._known.items():
            if one.counts and recipient in {address_key(access, one.address) for access in accesses}:
                self._put(key, replace(one, ended_at=self._now))

    @property
    def _known(self) -> Mapping[str, Subscription]:
        return {**self._memory.subscriptions, **self.subscriptions}

    def _asked(self, request: Asked) -> str:
        if request.service not in self._services:
            return "no-service"
        key = subscription_key(self._access, request.address, request.service)
        known = self._known.get(key)
        if known and (known.counts or self._now - known.asked_at < CONFIRM):
            return "asked-again"
        fresh = Subscription(service=request.service, address=request.address, asked_at=self._now)
        self._put(key, merge_subscription(known, fresh) if known else fresh)
        return "asked"

    def _confirmed(self, request: Confirmed) -> str:
        for key, one in self._known.items():
            recipient = self._access.read_mail_token(_purpose(one.service), request.token)
            if recipient != address_key(self._access, one.address):
                continue
            if not one.counts and self._now - one.asked_at < CONFIRM:
                self._put(key, replace(one, confirmed_at=self._now))
                self._say(recipient, FAULTS, stops=False)
            return "confirmed"
        return "forged"

    def _bounced(self, request: Bounced) -> str:
        entry = self._memory.ledger.get(request.key)
        if entry is None or not entry.to:
            return "unknown"
        if not request.is_dead:
            return "bounced"
        strike = Suppressed(strikes={entry.period: self._now})
        self.suppressed[entry.to] = merge_suppressed(self.suppressed.get(entry.to, Suppressed()), strike)
        return "dead"

    def _put(self, key: str, one: Subscription) -> None:
        self.subscriptions[key] = one

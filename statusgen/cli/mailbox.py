"""`statusgen mailbox`: stops, bounces and subscriptions, read from the mailbox that answers and bounces go to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from statusgen.cli.session import Session, with_session
from statusgen.errors import SecretError, UsageError

if TYPE_CHECKING:
    from statusgen.access import Access
    from statusgen.config import Config, Secret
    from statusgen.letters import Letter, Skip
    from statusgen.mailroom import Room
    from statusgen.state import Changes, Memory

_SOON = timedelta(hours=24)
_WORDS = {
    "stopped": "stopped a series of mail",
    "started": "asked for a series again",
    "asked": "asked for the incidents of a service",
    "asked-again": "asked for what they have, or were asked about already",
    "confirmed": "confirmed a subscription",
    "no-service": "asked for a service that is not there",
    "dead": "came back: nobody is at that address",
    "bounced": "came back for another reason",
    "delayed": "late or delivered after all",
    "unknown": "came back, and were not ours",
    "forged": "with a token that is not ours",
    "automatic": "automatic answers, ignored",
    "other": "that ask for nothing, ignored",
    "address": "from an address that cannot be answered",
    "unreadable": "that cannot be read",
    "held-back": "that the server does not hand over; the next run asks again",
}


@click.command("mailbox")
@click.option("--dry-run", is_flag=True, help="Say what is there; remember, answer and mark nothing.")
@click.option("--delete", is_flag=True, help="Delete the mails that were handled; without it they are only marked.")
@with_session
def command(session: Session, /, *, dry_run: bool, delete: bool) -> int | None:
    """Read the mailbox for stops, bounces and subscriptions.

    What was stopped is not sent again; an address whose mail came back in two periods gets no more; who asks for the incidents of
    a service is asked once by mail whether that is meant. Automatic answers are ignored. Counts are printed, and never a name.
    """
    counts, why = run(session, session.config(), dry_run=dry_run, delete=delete)
    _say(session, counts)
    if why:
        session.terminal.warning(f"not every question could be sent. {why}")
    return 1 if why else None


def run(session: Session, config: Config, *, dry_run: bool = False, delete: bool = False) -> tuple[Counter[str], str]:
    """Read every mailbox, and ask whom there is to ask: what was there, in counts, and why asking did not work, or ""."""
    access = _access(session, config)
    counts: Counter[str] = Counter()
    for mailbox in _mailboxes(config):
        counts += _handled(session, config, mailbox, access, dry_run=dry_run, delete=delete)
    return counts, "" if dry_run else _ask(session, config, access)


def _access(session: Session, config: Config) -> Access:
    from statusgen.access import Access
    from statusgen.cli.secrets import privacy_secret, vault

    secret = privacy_secret(config, vault(session), session.doors.environ, session.now)
    if secret is None:
        raise SecretError(
            "without a secret no mail can be believed",
            help="Set STATUSGEN_SECRET: the tokens in mail are made with it.",
        )
    return Access(secret=secret, site_id=config.privacy.site_id)


def _mailboxes(config: Config) -> list[Secret]:
    found = [channel.mailbox for channel in config.channels.values() if channel.mailbox is not None]
    if not found:
        raise UsageError(
            "no channel has a mailbox",
            help='Write mailbox = { env = "IMAP_URL" } in the [channels] table that mail goes out by.',
        )
    return list(dict.fromkeys(found))


def _handled(
    session: Session, config: Config, mailbox: Secret, access: Access, *, dry_run: bool, delete: bool
) -> Counter[str]:
    """Read one mailbox. What is asked there is remembered first and marked then: asked twice, it changes nothing more."""
    from statusgen.cli.carrying import former_access
    from statusgen.cli.secrets import vault
    from statusgen.cli.signals import stoppable
    from statusgen.mailbox import changes_of, imap, read
    from statusgen.state import load, update

    former = former_access(session, config)
    services = frozenset(service.id for service in config.services)
    tallies: list[Counter[str]] = [Counter()]
    with stoppable(), imap.opened(imap.Where.of(vault(session).value(mailbox))) as box:
        requests = {uid: read(data) for uid, data in box.mails(box.fresh())}

        def decide(memory: Memory) -> Changes:
            changes, tally = changes_of(
                requests.values(), memory, access, former=former, services=services, now=session.now
            )
            tallies.append(tally.counts)
            return changes

        state = session.state(config)
        if dry_run:
            decide(load(state, session.now))
        elif requests:
            update(state, session.now, decide)
            box.mark(list(requests), delete=delete)
        if box.held_back:
            tallies[-1]["held-back"] = box.held_back
    return tallies[-1]


def _ask(session: Session, config: Config, access: Access) -> str:
    """Ask those who asked for something whether they meant it; each once. Why it did not work, or ""."""
    from statusgen.cli.mailing import open_room, sorted_out
    from statusgen.cli.sending import hand_out
    from statusgen.mailbox import pending
    from statusgen.state import load

    if not any(pending(load(session.state(config), session.now), session.now)):
        return ""
    room = open_room(session, config)
    if room is None:
        return "There is no mail."
    letters, skips = sorted_out(list(_questions(room)))
    return hand_out(session, config, access, letters, skips, sure=True).why


def _questions(room: Room) -> Iterator[Letter | Skip]:
    from statusgen.mailbox import answer_of, pending
    from statusgen.mailroom import Draft, written
    from statusgen.outbox.ledger import is_settled
    from statusgen.views.message import Recipient
    from statusgen.views.welcome import confirm_message

    people = {person.email.casefold(): person for person in room.people.values() if person.email}
    drafts = []
    for one in pending(room.memory, room.now):
        person = people.get(one.address.casefold())
        language = room.language(person.language if person else "")
        zone = (person.time_zone if person else "") or room.config.site.time_zone
        recipient = Recipient(id="", address=one.address, language=language, zone=zone)
        message = confirm_message(
            room.look(recipient),
            recipient,
            one.service,
            base_url=room.absolute(room.prefix(language)),
            answer=answer_of(room.access, one),
            made_at=one.asked_at,
        )
        drafts.append(Draft(message=message, period=f"{one.asked_at:%Y-%m-%d}", good_until=one.asked_at + _SOON))
    yield from written(room, drafts, is_known=lambda key: is_settled(room.memory, key))


def _say(session: Session, counts: Counter[str]) -> None:
    if session.terminal.as_json:
        session.terminal.json({"mails": counts.total(), **dict(sorted(counts.items()))})
        return
    if not counts:
        session.terminal.result("no new mail")
    for what, words in _WORDS.items():
        if counts[what]:
            session.terminal.result(f"  {counts[what]:>5,}  {words}")

"""Whose page is where: the address of one person's page, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusgen import addresses
from statusgen.cli.secrets import privacy_secret, vault
from statusgen.cli.session import Session
from statusgen.errors import UsageError
from statusgen.explain import Page

if TYPE_CHECKING:
    from statusgen.access import Access
    from statusgen.config import Config
    from statusgen.model import Person, Ticket
    from statusgen.state import Memory

PEOPLE = "[people]"
"""The name under which state remembers the list of people (statusgen.build)."""


def access_of(session: Session, config: Config) -> Access | str:
    """The key to personal addresses; or, in words, why there are no personal pages."""
    from statusgen.access import Access

    privacy = config.privacy
    if privacy.level == "off":
        return "personal pages are off: [privacy] level is off"
    secret = privacy_secret(config, vault(session), session.doors.environ)
    if secret is None:
        return "personal pages are off: there is no secret (STATUSGEN_SECRET, or `secret` in [privacy])"
    if privacy.level == "host":
        return "personal pages are off: level 'host' cannot be built yet"
    return Access(secret=secret, site_id=privacy.site_id)


def page_of_requester(session: Session, config: Config, ticket: Ticket, memory: Memory) -> Page:
    """The page of whoever asked for this ticket, as the last build wrote it."""
    from statusgen.people import by_requester

    access = access_of(session, config)
    if isinstance(access, str):
        return Page(why=access)
    found = by_requester((ticket,), _people(config, memory))
    if not found.tickets:
        return Page(why="no page: nobody in [people] has the requester's id or e-mail address")
    person = next(iter(found.tickets))
    address = addresses.person(access.page_token(person))
    if addresses.file_of(address) not in memory.pages:
        return Page(
            why="no page: the last build wrote none for this requester (revoked, left, or an id like another's)"
        )
    how = "the requester's id" if person == ticket.requester else "the requester's e-mail address"
    return Page(address=address, why=f"{how}, and [privacy] secret and site-id")


def page_of_person(session: Session, config: Config, person: str) -> str:
    """The address of the page of a person, by id or e-mail address. Raises UsageError that says why there is none."""
    from statusgen.state import load

    access = access_of(session, config)
    if isinstance(access, str):
        raise UsageError(access, help="docs/quick-start.md, part 5, says what a page for every employee needs.")
    people = _people(config, load(session.state(config), session.now)) or ()
    by_email = [one.id for one in people if one.email and one.email.casefold() == person.casefold()]
    return addresses.person(access.page_token(by_email[0] if by_email else person))


def _people(config: Config, memory: Memory) -> tuple[Person, ...] | None:
    """The list of people that the last build had; None where the site has no list."""
    if config.people is None:
        return None
    known = memory.remembered(PEOPLE)
    return known.reading.people if known else ()

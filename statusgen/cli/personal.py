"""Whose page is where: the people that a command may name, the address of one person's page, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from statusgen import addresses
from statusgen.cli.secrets import coming_secret, privacy_secret, vault
from statusgen.cli.session import Session
from statusgen.errors import UsageError
from statusgen.explain import Page

if TYPE_CHECKING:
    from statusgen.access import Access
    from statusgen.config import Config
    from statusgen.config.models import TeamConfig
    from statusgen.model import Person, Ticket
    from statusgen.state import Memory

WHENEVER = datetime.max.replace(tzinfo=UTC)
"""The moment at which all that was ever saved is known: for commands that only ask what is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The way to the page of one person, or of a team, which has no feed (""). `code` is None where none is needed.

    `is_there`: the last build wrote the page.
    """

    person: Person
    address: str
    code: str | None
    feed: str
    generation: int
    is_there: bool


def access_of(session: Session, config: Config) -> Access | str:
    """The key to personal addresses that counts; or, in words, why there are no personal pages."""
    from statusgen.access import Access

    privacy = config.privacy
    if privacy.level == "off":
        return "personal pages are off: [privacy] level is off"
    secret = privacy_secret(config, vault(session), session.doors.environ, session.now)
    if secret is None:
        return "personal pages are off: there is no secret (STATUSGEN_SECRET, or `secret` in [privacy])"
    return Access(secret=secret, site_id=privacy.site_id)


def coming_access(session: Session, config: Config) -> Access | None:
    """The key to the addresses that take over on `changes-on`."""
    from statusgen.access import Access

    secret = coming_secret(config, vault(session), session.now)
    return Access(secret=secret, site_id=config.privacy.site_id) if secret else None


def needed_access(session: Session, config: Config) -> Access:
    """The same. Raises UsageError where there are no personal pages."""
    access = access_of(session, config)
    if isinstance(access, str):
        next_step = "`statusgen secret new` makes a secret; docs/privacy.md says what a page for every employee needs."
        raise UsageError(access, help=next_step)
    return access


def entry_of(config: Config, access: Access, memory: Memory, person: Person) -> Entry:
    """The way to the page of a person, in the generation that counts. `config`: with the level that counts."""
    from statusgen.access import written
    from statusgen.roster import feed_generation_of, generation_of

    generation = generation_of(access, memory.standings, person.id)
    lock = access.page_lock(person.id, generation)
    page = addresses.person(lock.token)
    feed = addresses.person_feed(access.feed_token(person.id, feed_generation_of(access, memory.standings, person.id)))
    is_guarded = config.privacy.level == "host"
    return Entry(
        person=person,
        address=addresses.absolute(config.site.base_url, addresses.MY_PAGE if is_guarded else page),
        code=written(lock.code) if config.privacy.level == "sealed" else None,
        feed=addresses.absolute(config.site.base_url, addresses.MY_FEED if is_guarded else feed),
        generation=generation,
        is_there=addresses.file_of(page) in memory.pages,
    )


def entry_of_team(config: Config, access: Access, memory: Memory, team: TeamConfig) -> Entry:
    """The way to the page of a team. Raises UsageError where teams have none."""
    from statusgen.access import written
    from statusgen.model import Person
    from statusgen.people import team_name
    from statusgen.roster import generation_of

    if config.privacy.level == "host":
        raise UsageError(
            "teams have no page where the server asks who it is: it knows of people only",
            help='Use [privacy] level = "sealed" for pages of teams.',
        )
    generation = generation_of(access, memory.standings, team_name(team.id))
    lock = access.team_lock(team.id, team.manager, generation)
    page = addresses.person(lock.token)
    return Entry(
        person=Person(id=team.id, name=team.name),
        address=addresses.absolute(config.site.base_url, page),
        code=written(lock.code) if config.privacy.level == "sealed" else None,
        feed="",
        generation=generation,
        is_there=addresses.file_of(page) in memory.pages,
    )


def page_of_requester(session: Session, config: Config, ticket: Ticket, memory: Memory) -> Page:
    """The page of whoever asked for this ticket, as the last build wrote it."""
    from statusgen.people import by_requester
    from statusgen.roster import owners_since

    access = access_of(session, config)
    if isinstance(access, str):
        return Page(why=access)
    people = _listed(config, memory)
    found = by_requester((ticket,), people, owners_since(access, people or (), memory.standings))
    if not found.tickets:
        return Page(why="no page: nobody in [people] has the requester's id or e-mail address")
    person = next(iter(found.tickets))
    entry = entry_of(config, access, memory, found.people[person])
    if not entry.is_there:
        return Page(
            why="no page: the last build wrote none for this requester (revoked, left, or an id like another's)"
        )
    how = "the requester's id" if person == ticket.requester else "the requester's e-mail address"
    address = entry.address.removeprefix(config.site.base_url)
    return Page(address=address, why=f"{how}, and [privacy] secret and site-id")


def page_of_person(session: Session, config: Config, person: str) -> str:
    """The address of the page of a person, by id or e-mail address. Raises UsageError that says why there is none."""
    access = needed_access(session, config)
    memory = memory_of(session, config)
    found = find_person(config, memory, person)
    return entry_of(config, access, memory, found).address.removeprefix(config.site.base_url)


def memory_of(session: Session, config: Config) -> Memory:
    """What the last build left."""
    from statusgen.state import load

    memory = load(session.state(config), session.fixed_now or WHENEVER)
    for warning in memory.warnings:
        session.terminal.warning(warning)
    return memory


def find_person(config: Config, memory: Memory, given: str) -> Person:
    """The person of this exact id, else of this e-mail address. Raises UsageError where it is nobody, or more than one."""
    people = everybody(config, memory)
    for person in people:
        if person.id == given:
            return person
    found = [person for person in people if person.email and person.email.casefold() == given.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} people have that e-mail address", help="Name the person by id.")
    raise UsageError(
        "the last build knew nobody of that id or e-mail address",
        help="Ids are taken as they are, upper and lower case included. Build once after somebody was added.",
    )


def everybody(config: Config, memory: Memory) -> tuple[Person, ...]:
    """Everybody who may have a page: the list of people; without one, whoever has a ticket."""
    from statusgen.people import by_requester
    from statusgen.roster import PEOPLE

    listed = _listed(config, memory)
    if listed is not None:
        return listed
    readings = [known.reading for name in memory.facts if name != PEOPLE and (known := memory.remembered(name))]
    found = by_requester((ticket for reading in readings for ticket in reading.tickets), None)
    return tuple(found.people.values())


def _listed(config: Config, memory: Memory) -> tuple[Person, ...] | None:
    """The list of people that the last build had; None where the site has no list."""
    from statusgen.roster import PEOPLE

    if config.people is None:
        return None
    known = memory.remembered(PEOPLE)
    return known.reading.people if known else ()

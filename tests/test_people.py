"""People: who has which tickets. Where two could be taken for one another, nobody gets in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.errors import SourceError
from statusgen.model import Person, Ticket
from statusgen.people import by_requester, folded, read_people
from tests.strategies import event
from tests.strategies import ticket as made

LIST = """id,email,name,language,time-zone,team,services,digest,mail
e-1,Ana@Example.org,Ana Duarte,nl,Europe/Amsterdam,facilities,mail printing;vpn,daily,Milestones; faults
e-2,bo@example.org,Bo de Wit,,,,,,
"""
ANA = Person(
    id="e-1",
    email="Ana@Example.org",
    name="Ana Duarte",
    language="nl",
    time_zone="Europe/Amsterdam",
    team="facilities",
    services=("mail", "printing", "vpn"),
    digest="daily",
    mail=("milestones", "faults"),
)
BO = Person(id="e-2", email="bo@example.org", name="Bo de Wit")


def people(text: str | bytes) -> tuple[tuple[Person, ...], tuple[str, ...]]:
    return read_people(text if isinstance(text, bytes) else text.encode(), "people.csv")


# ---- the list


def test_every_column_is_read() -> None:
    assert people(LIST) == ((ANA, BO), ())


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-8", ",")])
def test_it_may_come_from_any_spreadsheet(encoding: str, delimiter: str) -> None:
    text = (
        LIST.replace("mail printing;vpn", "mail printing vpn")
        .replace("; ", " ")
        .replace(",", delimiter)
        .replace("\n", "\r\n")
    )
    assert people(text.encode(encoding)) == ((ANA, BO), ())


def test_only_the_id_is_needed_and_columns_may_stand_in_any_order() -> None:
    assert people("name,id\nBo de Wit,e-2\n") == ((Person(id="e-2", name="Bo de Wit"),), ())


def test_without_an_id_it_is_no_list_of_people() -> None:
    """What is to be written is said in the words of such a list, and nothing of a first row that may be about somebody."""
    for text in ("name,email\nBo,bo@example.org\n", "Bo Canary,bo@example.org\n"):
        with pytest.raises(SourceError, match="no column 'id'") as caught:
            people(text)
        assert "id, and any of email, name, language" in caught.value.help
        assert not any(word in f"{caught.value}{caught.value.help}" for word in ("sources.fields", "Canary", "bo@"))
    with pytest.raises(SourceError, match="more than once"):
        people("id,name,id\n1,Bo,2\n")


def test_an_email_that_is_no_address_is_said_and_kept() -> None:
    """A ticket may have it as it is; mail cannot go there."""
    found, warnings = people("id,email\ne-1,bo at example\ne-2,\ne-3,cy@example.org\n")
    assert [person.email for person in found] == ["bo at example", "", "cy@example.org"]
    assert warnings == ("people.csv: row 2: the email is no address, so no mail can go there.",)


def test_a_column_that_nobody_reads_is_said_with_a_hint() -> None:
    (warning,) = people("id,e-mail\ne-1,ana@example.org\n")[1]
    assert "the column 'e-mail' is not read; did you mean `email`?" in warning


def test_bad_rows_are_left_out_with_reason_count_and_first_row_and_without_a_word_about_the_person() -> None:
    text = (
        "id,name\n,Ana Canary\ne-2,Bo\n,Cy Canary\ne-4,Di Canary,x\ne\u200b5,Ed Canary\n" + "x" * 400 + ",Flo Canary\n"
    )
    found, warnings = people(text)
    assert [person.id for person in found] == ["e-2"]
    assert sorted(warnings) == [
        "people.csv: 2 rows, the first is row 2: left out: it has no id.",
        "people.csv: 2 rows, the first is row 6: left out: its id is too long or holds characters that nobody sees.",
        "people.csv: row 5: left out: it has 3 cells where the header has 2",
    ]


def test_a_time_zone_or_digest_that_is_none_is_emptied_and_said() -> None:
    found, warnings = people("id,time-zone,digest\ne-1,Mars/Phobos,hourly\ne-2,../etc/passwd,Weekly\ne-3,UTC,none\n")
    assert [(person.time_zone, person.digest) for person in found] == [("", ""), ("", "weekly"), ("UTC", "none")]
    assert any("2 rows, the first is row 2: the time-zone is none" in warning for warning in warnings)
    assert any("row 2: the digest is none of daily, weekly, none" in warning for warning in warnings)


@pytest.mark.parametrize(
    "alike",
    [
        ("Ana", "ana"),
        ("jos\u00e9", "jose\u0301"),
        ("ana", "\uff41\uff4e\uff41"),
        ("strasse", "stra\u00dfe"),
        ("e-1", "e-1"),
        ("Ana", "ana", "ANA"),
    ],
)
def test_of_ids_that_could_be_confused_none_is_kept(alike: tuple[str, ...]) -> None:
    rows = "".join(f"{identifier},{place}\n" for place, identifier in enumerate(alike))
    found, warnings = people(f"id,name\n{rows}bo,Bo\n")
    assert [person.id for person in found] == ["bo"]
    (warning,) = warnings
    assert (
        f"E-ID-COLLISION: {len(alike)} people have ids that are the same, or could be taken for one another" in warning
    )
    assert f"rows {', '.join(str(row) for row in range(2, 2 + len(alike)))})" in warning
    assert alike[0] not in warning


def test_the_same_row_twice_is_one_person() -> None:
    assert people("id,name\nbo,Bo\nbo,Bo\n") == ((Person(id="bo", name="Bo"),), ())


def test_ids_are_kept_as_they_are_but_for_blanks_around_them() -> None:
    found, _ = people("id\n Jose\u0301 \nB-OB\n")
    assert [person.id for person in found] == ["Jose\u0301", "B-OB"]


@given(st.text(max_size=12))
def test_folding_is_stable_and_sees_through_case_width_and_accents_form(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    for form in ("NFC", "NFD", "NFKC"):
        assert folded(unicodedata.normalize(form, text)) == folded(text)


# ---- whose ticket it is


def ticket(number: str, requester: str = "", email: str = "") -> Ticket:
    return made(event(None), number=number, requester=requester, requester_email=email, requester_name="Somebody")


def whose(requester: str = "", email: str = "", known: tuple[Person, ...] | None = (ANA, BO)) -> str:
    found = by_requester([ticket("1", requester, email)], known)
    assert found.unmatched == (0 if found.tickets else 1)
    return next(iter(found.tickets), "")


@pytest.mark.parametrize(
    ("requester", "email", "person"),
    [
        ("e-1", "", "e-1"),
        ("e-1", "bo@example.org", "e-1"),
        ("E-1", "", ""),
        ("", "ana@example.ORG", "e-1"),
        ("unknown", "BO@example.org", "e-2"),
        ("ana@example.org", "", ""),
        ("", "", ""),
        ("e-3", "cy@example.org", ""),
    ],
)
def test_with_a_list_it_is_the_exact_id_else_the_address_without_case_else_nobody(
    requester: str, email: str, person: str
) -> None:
    assert whose(requester, email) == person


def test_an_address_that_two_people_share_finds_neither() -> None:
    both = (ANA, Person(id="e-9", email="ana@example.org"))
    assert whose("", "ana@example.org", both) == ""
    assert whose("e-9", "ana@example.org", both) == "e-9"


def test_people_without_an_address_have_no_tickets_without_an_address() -> None:
    assert whose("", "", (Person(id="e-5"),)) == ""


def test_without_a_list_the_requester_is_the_id_and_else_the_address() -> None:
    found = by_requester([ticket("1", "Ana", "Ana@Example.org"), ticket("2", "", "Bo@Example.org"), ticket("3")], None)
    assert {name: [one.number for one in theirs] for name, theirs in found.tickets.items()} == {
        "Ana": ["1"],
        "bo@example.org": ["2"],
    }
    assert found.people["Ana"] == Person(id="Ana", email="Ana@Example.org", name="Somebody")
    assert found.unmatched == 1


def test_without_a_list_requesters_that_could_be_confused_get_nothing() -> None:
    found = by_requester([ticket("1", "Ana"), ticket("2", "ana"), ticket("3", "bo")], None)
    assert set(found.tickets) == set(found.people) == {"bo"}
    assert found.unmatched == 2


IDS = st.sampled_from(["ana", "Ana", "bo", "\uff42\uff4f", "jos\u00e9", "jose\u0301", ""])
EMAILS = st.sampled_from(["ana@example.org", "ANA@example.org", "bo@example.org", ""])


@settings(max_examples=80)
@given(
    st.lists(st.tuples(IDS, EMAILS), max_size=6),
    st.none() | st.lists(st.tuples(IDS.filter(bool), EMAILS), max_size=4, unique_by=lambda person: person[0]),
)
def test_no_ticket_has_two_owners_or_one_that_is_not_known(
    asked: list[tuple[str, str]], known: list[tuple[str, str]] | None
) -> None:
    listed = None if known is None else tuple(Person(id=identifier, email=email) for identifier, email in known)
    found = by_requester([ticket(str(n), who, email) for n, (who, email) in enumerate(asked)], listed)
    owned = [one.number for theirs in found.tickets.values() for one in theirs]
    assert len(owned) == len(set(owned))
    assert len(owned) + found.unmatched == len(asked)
    assert set(found.tickets) <= set(found.people)
    for identifier, theirs in found.tickets.items():
        person = found.people[identifier]
        for one in theirs:
            assert one.requester == person.id or one.requester_email.casefold() == person.email.casefold() != ""
    if listed is None:
        names = [folded(identifier) for identifier in found.tickets]
        assert len(names) == len(set(names))


def test_a_kind_of_mail_that_is_none_is_emptied_and_said() -> None:
    found, (warning,) = people("id,mail\ne-1,milestones everything\ne-2,none\n")
    assert [person.mail for person in found] == [(), ("none",)]
    assert warning == (
        "people.csv: row 2: the mail names something else than milestones, faults, none, so the site's rule is used."
    )

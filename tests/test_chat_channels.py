"""A channel of chat is told of public incidents and of its team's digest, each once, and of nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from statusgen.access import new_secret
from statusgen.cli import main
from statusgen.cli.doors import Doors
from tests.hooks import hooks
from tests.sites import HEAD, INCIDENT, SECRET, site

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOML = (
    HEAD.replace('level = "unlisted"\nhosting = "private"', "")
    + """
[people]
path = "people.csv"
[[teams]]
id = "workplace"
name = "Workplace"
manager = "may"
groups = ["Workplace"]
[[digests]]
name = "manager-weekly"
[channels.crowd]
kind = "webhook"
shape = "slack"
url = { env = "CROWD" }
[channels.team]
kind = "webhook"
shape = "mattermost"
url = { env = "TEAM" }
carries = ["workplace"]
[[sources]]
name = "desk"
kind = "csv"
path = "tickets.csv"
[sources.fields]
number = "Number"
title = "Subject"
status = "State"
requester = "Caller"
team = "Team"
opened-at = "Opened"
[sources.status]
in_progress = ["Active"]
"""
)
TICKETS = """Number,Subject,State,Caller,Team,Opened
INC-1,Screen flickers,Active,ana,Workplace,2026-11-16T09:00:00Z
"""
PEOPLE = "id,email,name\nana,ana@example.org,Ana\nmay,may@example.org,May\n"
FAULT = INCIDENT.replace("2026-11-24", "2026-11-23").replace("08:0", "09:1").replace("T10:00", "T11:00")


@pytest.fixture
def run(tmp_path, capsys):
    made = site(
        tmp_path,
        TOML,
        {"people.csv": PEOPLE, "tickets.csv": TICKETS, "content/incidents/p-1.md": "---\ntitle: x\n---\n"},
    )
    (tmp_path / "content" / "incidents" / "p-1.md").unlink()

    def run(*words, at, **urls):
        environ = {"STATUSGEN_SECRET": new_secret(SECRET), "CROWD": "https://chat.example.org/a"} | urls
        environ.setdefault("TEAM", "https://chat.example.org/b")
        doors = Doors(clock=lambda: at, environ=environ, is_terminal=lambda: False)
        code = main(["-C", str(made.root), *words], doors=doors)
        out, err = capsys.readouterr()
        assert code == 0, err
        assert "/hooks/s3cret" not in out + err
        return out

    return run


def test_an_incident_is_told_to_the_channel_when_it_begins_and_when_it_ends(run, tmp_path):
    fault = tmp_path / "content" / "incidents" / "p-1.md"
    with hooks() as crowd:
        run("build", at=MONDAY)
        run("notify", "--send", "--yes", at=MONDAY, CROWD=crowd.url)
        assert not crowd.got
        for minutes, text in (
            (20, FAULT),
            (40, FAULT),
            (120, FAULT + "\n## Resolved, 2026-11-23 10:55, Joris\nBack.\n"),
        ):
            fault.write_text(text)
            at = MONDAY + timedelta(minutes=minutes)
            run("build", at=at)
            run("notify", "--send", "--yes", at=at, CROWD=crowd.url)
        began, ended = (json.loads(body)["text"] for _, _, body in crowd.got)
    assert "Printing is down" in began
    assert "https://status.example.org/it/incidents/p-1/" in began
    assert "Answer this mail" not in ended
    assert "Screen flickers" not in began + ended


def test_the_digest_of_a_team_is_posted_once_and_to_its_own_channel_only(run):
    with hooks() as crowd, hooks() as team:
        run("build", at=MONDAY)
        for _ in range(2):
            run("digest", "--send", "--yes", at=MONDAY, CROWD=crowd.url, TEAM=team.url)
        ((_, _, body),) = team.got
        assert not crowd.got
    assert "/u/" in json.loads(body)["text"], "the page of the team, which only its code opens"


def test_a_preview_shows_what_chat_gets(run, tmp_path):
    run("build", at=MONDAY)
    run("digest", at=MONDAY)
    index = (tmp_path / "mail" / "index.html").read_text()
    (content,) = (tmp_path / "mail").glob("*.json")
    assert content.name in index
    assert "chat ·" in index
    assert json.loads(content.read_text())["text"]
    assert "&quot;text&quot;" in content.with_suffix(".html").read_text()


def test_without_a_channel_of_mail_mail_still_goes_to_the_folder(run, tmp_path):
    with hooks() as team:
        run("build", at=MONDAY)
        run("digest", "--send", "--yes", at=MONDAY, TEAM=team.url)
    (mail,) = (tmp_path / "mail").glob("*.eml")
    assert b"To: May <may@example.org>" in mail.read_bytes()


def test_a_trial_to_oneself_is_sent_and_counts_for_nothing(run, tmp_path):
    """What comes after it is still a rehearsal first, and then the mail itself."""
    run("build", at=MONDAY)
    with hooks() as team:
        assert "1 sent" in run("digest", "--only", "may", "--to", "me@example.org", "--send", at=MONDAY, TEAM=team.url)
        (trial,) = (tmp_path / "mail").glob("*.eml")
        assert b"To: May <me@example.org>" in trial.read_bytes()
        assert "rehearsal" in run("digest", "--send", at=MONDAY, TEAM=team.url)
        assert not team.got
        assert "2 sent" in run("digest", "--send", at=MONDAY, TEAM=team.url)
        assert len(team.got) == 1

"""Chat goes out by the same ledger: posted once, never to where a redirect leads, and with no secret in any message."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from statusgen import config
from statusgen.errors import MailError, SecretError
from statusgen.outbox import Limits
from statusgen.outbox.chat import AppriseWay, Hook, WebhookWay
from statusgen.outbox.ways import ways_of
from statusgen.state import LetterState, load
from tests.hooks import hooks
from tests.postbox import NOW, letter, send, state_in

MESSAGE = json.dumps({"title": "Mail is down", "body": "Since 10:14.", "text": "Mail is down"}).encode()
SENT, LATER, REFUSED, DOUBT = LetterState.SENT, LetterState.LATER, LetterState.REFUSED, LetterState.IN_DOUBT


def chat(name="ana", **more):
    return letter(name, channel="chat", address="", content=MESSAGE, **more)


def by_hook(folder, url, *letters, shape="slack", **more):
    return send(folder, {"chat": WebhookWay(Hook.of(url, shape), limits=Limits())}, *letters, **more)


def standing(folder):
    (entry,) = load(state_in(folder), NOW).ledger.values()
    return entry.state


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, SENT),
        (204, SENT),
        (302, LATER),
        (400, REFUSED),
        (403, LATER),
        (404, LATER),
        (410, LATER),
        (501, REFUSED),
        (429, LATER),
        (503, LATER),
        (500, DOUBT),
        (502, DOUBT),
        (520, DOUBT),
        (0, DOUBT),
    ],
)
def test_every_answer_is_classed_by_whether_the_message_was_taken(tmp_path, status, expected):
    with hooks(status) as server:
        by_hook(tmp_path, server.url, chat())
        by_hook(tmp_path, server.url, chat())
        assert server.got == [("/hooks/s3cret", "application/json", MESSAGE)]
    assert standing(tmp_path) is expected


def test_a_webhook_that_was_taken_back_costs_no_message(tmp_path):
    """Nor is it asked once for each: who sets a new address has them all posted by the next run."""
    with hooks(404) as gone:
        by_hook(tmp_path, gone.url, chat(number=1), chat(number=2))
        assert len(gone.got) == 1
    with hooks() as server:
        by_hook(tmp_path, server.url, now=NOW + timedelta(hours=1))
        assert len(server.got) == 2


def test_what_cannot_be_reached_waits(tmp_path):
    with hooks() as server:
        url = server.url
    by_hook(tmp_path, url, chat())
    assert standing(tmp_path) is LATER


def test_ntfy_wants_its_topic_in_the_message(tmp_path):
    with hooks() as server:
        by_hook(tmp_path, server.url, chat(), shape="ntfy")
        ((path, _, body),) = server.got
    assert path == "/hooks/"
    assert json.loads(body) == {"topic": "s3cret", **json.loads(MESSAGE)}


@pytest.mark.parametrize("url", ["", "http://chat.example.org/s3cret", "ftp://chat.example.org/s3cret", "s3cret"])
def test_a_webhook_is_https_and_is_never_shown(url):
    with pytest.raises(SecretError) as caught:
        Hook.of(url, "slack")
    assert "s3cret" not in f"{caught.value}{caught.value.help}"
    assert "s3cret" not in repr(Hook.of("https://chat.example.org/s3cret", "slack"))


class Recorder:
    """In place of Apprise."""

    def __init__(self, took=True):
        self.took = took
        self.urls: list[str] = []
        self.sent: list[tuple[str, str]] = []

    def add(self, servers):
        self.urls.append(servers)
        return not servers.startswith("nonsense")

    def notify(self, body, title=""):
        self.sent.append((title, body))
        if self.took is None:
            raise RuntimeError("a plug-in fell over")
        return self.took


@pytest.mark.parametrize(("took", "expected"), [(True, SENT), (False, DOUBT), (None, DOUBT)])
def test_apprise_takes_title_and_body_once(tmp_path, took, expected):
    recorder = Recorder(took)
    way = AppriseWay("slack://a/b/c\n\n ntfy://topic ", limits=Limits(), notifier=lambda: recorder)
    for _ in range(2):
        send(tmp_path, {"chat": way}, chat())
    assert recorder.urls == ["slack://a/b/c", "ntfy://topic"]
    assert recorder.sent == [("Mail is down", "Since 10:14.")]
    assert standing(tmp_path) is expected


def test_a_url_that_apprise_does_not_know_is_said_without_it():
    with pytest.raises(SecretError, match="does not know") as caught:
        AppriseWay("nonsense://s3cret", limits=Limits(), notifier=Recorder)
    assert "s3cret" not in f"{caught.value}{caught.value.help}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Apprise's own
def test_real_apprise_posts_a_message(tmp_path, capfd):
    pytest.importorskip("apprise", reason="the extra chat is not installed")
    with hooks() as server:
        port = server.server_address[1]
        way = AppriseWay(f"json://127.0.0.1:{port}/s3cret", limits=Limits())
        assert send(tmp_path, {"chat": way}, chat()).sent == 1
        ((_, _, body),) = server.got
    assert json.loads(body)["message"] == "Since 10:14."
    dead = AppriseWay(f"json://127.0.0.1:{port}/s3cret", limits=Limits())
    send(tmp_path, {"chat": dead}, chat("bo", number=2))
    assert "s3cret" not in "".join(capfd.readouterr())


TOML = """config-version = 1
site = { title = "IT", base-url = "https://status.example.org/" }
[channels.mail]
kind = "smtp"
url = { env = "SMTP" }
from = "IT status <status@example.org>"
rate = "2/s"
connections = 3
in-doubt = "skip"
[channels.team]
kind = "webhook"
shape = "slack"
url = { env = "HOOK" }
[channels.files]
kind = "folder"
"""


def test_every_channel_of_the_configuration_has_its_way(tmp_path):
    secrets = {"SMTP": "smtp://u:p@mail.example.org", "HOOK": "https://chat.example.org/s3cret"}
    ways = ways_of(config.parse(TOML), value=lambda one: secrets[one.env], folder=tmp_path)
    assert {name: way.name for name, way in ways.items()} == {
        "mail": "mail.example.org:587",
        "team": "chat.example.org",
        "files": str(tmp_path),
    }
    assert ways["mail"].limits == Limits(connections=3, per_second=2.0, max_per_run=500, retries=False)
    assert ways["mail"]._sender == "status@example.org"
    plain = config.parse(TOML.partition("[channels")[0])
    assert list(ways_of(plain, value=lambda _: "", folder=tmp_path)) == ["folder"]


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(MailError, match="not installed") as caught:
        AppriseWay("slack://a/b/c", limits=Limits())
    assert "statusgen[chat]" in caught.value.help

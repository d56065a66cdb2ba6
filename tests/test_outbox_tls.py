"""Mail goes out over TLS that was checked, to whoever the certificate names, and with a login that came after it."""

from __future__ import annotations

import ssl

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from statusgen.errors import MailError, SecretError
from statusgen.outbox import Limits
from statusgen.outbox.smtp import Relay, SmtpWay
from statusgen.state import load
from tests.mail_servers import certificate, free_ports
from tests.postbox import NOW, QUICK, letter, send, state_in

pytestmark = pytest.mark.filterwarnings(
    "ignore:Requiring AUTH while not requiring TLS"
)  # TLS is there from the first byte


class Taker:
    """Keeps what comes, and whether it came over TLS and from whom."""

    def __init__(self):
        self.taken: list[tuple[str, bytes, bool, bool]] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        secure = server.transport.get_extra_info("ssl_object") is not None
        self.taken.append((envelope.rcpt_tos[0], envelope.original_content, secure, session.authenticated))
        return "250 taken"


def login(_server, _session, _envelope, _mechanism, data) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"ci", b"p@ss/word"), handled=False)


class Secure(Controller):
    """STARTTLS on a socket that begins in clear, as submission has it; `implicit`: TLS from the first byte."""

    def __init__(self, handler, context, *, implicit=False):
        self.context, self.implicit = context, implicit
        super().__init__(
            handler, hostname="localhost", port=free_ports(1)[0], ssl_context=context if implicit else None
        )

    def factory(self):
        more = {} if self.implicit else {"tls_context": self.context, "require_starttls": True}
        auth = {"authenticator": login, "auth_required": True, "auth_require_tls": not self.implicit}
        return SMTP(self.handler, hostname="localhost", **more, **auth)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    certificate(folder)
    return folder


@pytest.fixture(params=[False, True], ids=["starttls", "tls"])
def server(keys, request):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys / "cert.pem", keys / "key.pem")
    controller = Secure(Taker(), context, implicit=request.param)
    controller.start()
    yield controller
    controller.stop()


def way(server, *, host="localhost", password="p%40ss%2Fword", context=None) -> SmtpWay:
    scheme = "smtps" if server.implicit else "smtp"
    relay = Relay.of(f"{scheme}://ci:{password}@{host}:{server.port}")
    trusting = context or ssl.create_default_context
    return SmtpWay(relay, sender="bounces@example.org", limits=Limits(), timeouts=QUICK, context=trusting)


def trusting(keys):
    return lambda: ssl.create_default_context(cafile=str(keys / "cert.pem"))


def test_a_letter_arrives_byte_for_byte_over_tls_and_logged_in(server, keys, tmp_path):
    letters = [letter("ana"), letter("bo", number=2)]
    assert send(tmp_path, way(server, context=trusting(keys)), *letters).sent == 2
    assert server.handler.taken == [(one.address, one.content, True, True) for one in letters]


def test_a_port_that_begins_in_clear_is_told_from_one_that_cannot_be_trusted(server, keys, tmp_path):
    """smtps:// with port 587 is the commonest mistake of all."""
    relay = Relay.of(f"smtps://ci:p%40ss%2Fword@localhost:{server.port}")
    tls = SmtpWay(relay, sender="bounces@example.org", limits=Limits(), timeouts=QUICK, context=trusting(keys))
    if server.implicit:
        assert send(tmp_path, tls, letter("ana")).sent == 1
        return
    with pytest.raises(MailError, match="does not begin in TLS, as smtps:// says") as caught:
        send(tmp_path, tls, letter("ana"))
    assert "587" in caught.value.help


def test_a_certificate_that_nobody_vouches_for_is_refused(server, tmp_path):
    with pytest.raises(MailError, match="cannot be trusted") as caught:
        send(tmp_path, way(server), letter("ana"))
    assert "SSL_CERT_FILE" in caught.value.help
    assert not server.handler.taken


def test_a_certificate_of_another_name_is_refused(server, keys, tmp_path):
    with pytest.raises(MailError, match="cannot be trusted"):
        send(tmp_path, way(server, host="127.0.0.1", context=trusting(keys)), letter("ana"))
    assert not server.handler.taken


def test_an_authority_of_ones_own_can_be_named(server, keys, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(keys / "cert.pem"))
    assert send(tmp_path, way(server), letter("ana")).sent == 1


def test_a_wrong_password_aborts_before_any_try(server, keys, tmp_path):
    with pytest.raises(SecretError, match="does not take the user or the password"):
        send(tmp_path, way(server, password="wrong", context=trusting(keys)), letter("ana"))
    assert [entry.tries for entry in load(state_in(tmp_path), NOW).ledger.values()] == [0]

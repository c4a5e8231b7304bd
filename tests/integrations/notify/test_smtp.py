"""Letters through a strict mail server, over real sockets: how they look, when they are tried again, and what is refused."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.core.messages.letter import Letter
from bot.ports.errors import Refused, Unavailable
from bot.ports.notifier import Recipient
from integrations.notify.smtp import BadServer, Server, SmtpNotifier, read_server
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.mail.server import MailServer, Transport

ANN = Recipient("Änn Exámple", "ann@acme.example")
LETTER = Letter("Zwölf Änderungen warten", "Ein Text mit ü.\n.\n..two dots\n", "<p>ü</p>")
SENDER = "llmgate@acme.example"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as office:
        yield office


def notifier(office: MailServer, clock: FakeClock, scheme: str = "smtp", login: str = "") -> SmtpNotifier:
    host, _, port = office.address.partition(":")
    user, _, password = login.partition(":")
    server = Server(scheme, host, int(port), user, password)
    return SmtpNotifier(server, SENDER, clock, office.certificate.believed())


def test_a_letter_arrives_as_it_was_written(server: MailServer, clock: FakeClock) -> None:
    notifier(server, clock).send(ANN, LETTER, "person:ann|write|1")
    (mail,) = server.mails
    assert (mail.sender, mail.recipients) == (SENDER, ("ann@acme.example",))
    assert mail.text == LETTER.text
    assert mail.html.strip() == LETTER.html
    assert mail.message["To"] == "Änn Exámple <ann@acme.example>"
    assert mail.message["Subject"] == LETTER.subject
    assert mail.message["Date"].datetime == clock.now()
    assert mail.message["Auto-Submitted"] == "auto-generated"


def test_the_same_key_makes_the_same_message_id(server: MailServer, clock: FakeClock) -> None:
    for key in ("a", "a", "b"):
        notifier(server, clock).send(ANN, LETTER, key)
    first, again, other = (mail.message["Message-ID"] for mail in server.mails)
    assert first == again != other
    assert first.endswith("@acme.example>")


def test_a_letter_without_html_has_one_part(server: MailServer, clock: FakeClock) -> None:
    notifier(server, clock).send(ANN, replace(LETTER, html=""), "a")
    assert server.mails[0].message.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    ("transport", "scheme", "secure"), [("starttls", "smtp", True), ("tls", "smtps", True), ("plain", "smtp+plain", False)]
)
def test_each_scheme_sends_and_logs_in_as_it_says(clock: FakeClock, transport: Transport, scheme: str, secure: bool) -> None:
    with MailServer(transport, {"gate": "pass-word"}) as office:
        notifier(office, clock, scheme, "gate:pass-word").send(ANN, LETTER, "a")
        assert [(mail.user, mail.secure) for mail in office.mails] == [("gate", secure)]


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_password_is_said(clock: FakeClock) -> None:
    with MailServer("tls", {"gate": "hunter2"}) as office:
        server = Server("smtps", "127.0.0.1", office.port, "gate", "hunter2")
        with pytest.raises(Refused, match=r"a certificate of .* that does not hold"):
            SmtpNotifier(server, SENDER, clock).send(ANN, LETTER, "a")
        assert "AUTH" not in office.verbs


def test_a_server_elsewhere_that_offers_no_starttls_is_told_nothing(server: MailServer, clock: FakeClock) -> None:
    """`localhost` with a capital is no name of this machine to the settings, and resolves to it all the same."""
    there = Server("smtp", "LOCALHOST", server.port)
    with pytest.raises(Refused, match="does not offer what STARTTLS needs"):
        SmtpNotifier(there, SENDER, clock).send(ANN, LETTER, "a")
    assert "MAIL" not in server.verbs


def test_a_wrong_password_is_refused_and_not_quoted(clock: FakeClock) -> None:
    with MailServer(accounts={"gate": "right"}) as office:
        with pytest.raises(Refused, match=r"answer 535 to the login") as refused:
            notifier(office, clock, login="gate:hunter2").probe()
        assert "hunter2" not in str(refused.value)
        assert base64.b64encode(b"\0gate\0hunter2").decode() not in str(refused.value)


def test_a_login_that_the_server_does_not_offer_is_refused(server: MailServer, clock: FakeClock) -> None:
    with pytest.raises(Refused, match="does not offer what the login needs"):
        notifier(server, clock, login="gate:x").probe()


@pytest.mark.parametrize("verb", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "letter"])
@pytest.mark.parametrize(("code", "kind"), [(421, Unavailable), (451, Unavailable), (550, Refused), (0, Unavailable)])
def test_what_the_server_says_decides_whether_it_is_tried_again(
    server: MailServer, clock: FakeClock, verb: str, code: int, kind: type[Exception]
) -> None:
    server.fail_next(verb, code)
    with pytest.raises(kind) as failed:
        notifier(server, clock).send(ANN, LETTER, "a")
    assert server.mails == []
    assert not code or str(code) in str(failed.value)
    notifier(server, clock).send(ANN, LETTER, "a")
    assert len(server.mails) == 1


def test_a_server_that_has_the_letter_and_fumbles_the_goodbye_was_told_once(server: MailServer, clock: FakeClock) -> None:
    server.fail_next("QUIT", 0)
    notifier(server, clock).send(ANN, LETTER, "a")
    assert len(server.mails) == 1


def test_a_letter_whose_answer_was_lost_comes_again_under_the_same_id(server: MailServer, clock: FakeClock) -> None:
    server.fail_next("letter", 0, after=True)
    with pytest.raises(Unavailable):
        notifier(server, clock).send(ANN, LETTER, "a")
    notifier(server, clock).send(ANN, LETTER, "a")
    assert len({mail.message["Message-ID"] for mail in server.mails}) == 1


def test_a_letter_over_the_servers_size_is_refused(clock: FakeClock) -> None:
    with MailServer(max_size=2_000) as office:
        with pytest.raises(Refused, match="552"):
            notifier(office, clock).send(ANN, replace(LETTER, text="x" * 3_000), "a")
        assert office.mails == []


def test_nobody_listening_is_tried_again(clock: FakeClock) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        server = Server("smtp", "127.0.0.1", held.getsockname()[1])
        with pytest.raises(Unavailable, match="no answer from smtp://127"):
            SmtpNotifier(server, SENDER, clock).send(ANN, LETTER, "a")


def test_nothing_that_others_wrote_becomes_a_header(server: MailServer, clock: FakeClock) -> None:
    evil = "x\r\nBcc: eve@evil.example\r\n\r\nbody"
    notifier(server, clock).send(
        Recipient(evil, "ann@acme.example"), replace(LETTER, subject=evil), "k\r\nBcc: eve@evil.example"
    )
    (mail,) = server.mails
    assert mail.recipients == ("ann@acme.example",)
    assert mail.message["Bcc"] is None
    assert mail.text == LETTER.text


@pytest.mark.parametrize(
    "address",
    ["", "ann", "ann@", "@acme.example", "a b@acme.example", "ann@acme.example>", "ann@acme.example\r\nBcc: eve@x.example",
     "ann@acme.example, eve@evil.example", "änn@acme.example", "a" * 250 + "@acme.example", '"a b"@acme.example'],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_a_connection(server: MailServer, clock: FakeClock, address: str) -> None:
    with pytest.raises(Refused, match="no e-mail address of Ann") as refused:
        notifier(server, clock).send(Recipient("Ann", address), LETTER, "a")
    assert len(address) < 6 or address not in str(refused.value)
    assert server.verbs == []


@pytest.mark.parametrize(
    ("url", "password", "said"),
    [
        ("http://mail.example", "", "saw scheme 'http'"),
        ("mail.example:587", "", "wanted smtps://"),
        ("smtp://mail.example/path", "", "wanted smtps://"),
        ("smtp://mail.example:x", "", "cannot be read"),
        ("smtps://gate:hunter2@mail.example", "", "wanted it in a file"),
        ("smtps://gate@mail.example", "", "wanted both, or neither"),
        ("smtps://mail.example", "hunter2", "wanted both, or neither"),
        ("smtps://gate@mail.example", "hüntér2", "outside ASCII"),
        ("smtp+plain://gate@mail.example", "hunter2", "would show the password"),
    ],
)
def test_a_server_that_could_not_work_is_refused_and_no_password_is_quoted(url: str, password: str, said: str) -> None:
    with pytest.raises(BadServer, match=said) as refused:
        read_server(url, password)
    assert "hunter2" not in str(refused.value)


def test_ports_follow_from_the_scheme_and_no_password_shows() -> None:
    assert [read_server(f"{scheme}://mail.example").port for scheme in ("smtps", "smtp", "smtp+plain")] == [465, 587, 25]
    server = read_server("smtps://gate%40acme.example@mail.example:2465", "hunter2\n")
    assert (server.user, server.password, server.port) == ("gate@acme.example", "hunter2", 2465)
    assert "hunter2" not in repr(server)

"""Alerts by e-mail, through the command and a mail server of this machine: a good one, and bad ones of every kind."""

from __future__ import annotations

import html
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from leedskg.accounts.model import COMMAND_LINE
from tests.sample_accounts import Browser
from tests.sample_contributions import TownSite, town_site
from tests.test_following import merge, named
from tests.waiting import until

SITE = "https://graph.example.org/"
NUMBERS = count(1)
#: A query whose title is what ends a message in SMTP.
DOT = """# title: .
# description: All.
# answers: a test
SELECT ?n { ?e <http://www.w3.org/2004/02/skos/core#altLabel> ?n }
"""


class Mailbox:
    """What a mail server has taken; `act` is what it does instead of taking the next message."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.act: Callable[[SMTP], str | None] = lambda _: None
        self.refused: set[str] = set()
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.act(server)
        if answer is None or not answer.startswith("5"):
            assert isinstance(envelope.content, bytes)
            self.raw.append(envelope.content)
            letter = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return answer or "250 taken"


@contextmanager
def mail_server(mailbox: Mailbox, **options: object) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownSite]:
    options = {"smtp_host": "127.0.0.1", "smtp_sender": "graph@example.org", "public_address": SITE}

    def prepare(town) -> None:
        (town.sample.root / "queries" / "dot.rq").write_text(DOT, encoding="utf-8")

    with town_site(tmp_path_factory.mktemp("mail"), prepare, **options) as made:
        yield made


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    with mail_server(made) as made.port:
        yield made


@pytest.fixture
def browser(site: TownSite) -> Iterator[Browser]:
    name = f"reader{next(NUMBERS)}"
    made = site.signed_in(name)
    yield made
    site.accounts.people.disable(COMMAND_LINE, site.accounts.people.named(name))


def send(site: TownSite, port: int, code: int = 0, **environment: str):
    known = {
        "LEEDSKG_SMTP_HOST": "127.0.0.1", "LEEDSKG_SMTP_PORT": str(port), "LEEDSKG_SMTP_SECURITY": "none",
        "LEEDSKG_SMTP_SENDER": "graph@example.org", "LEEDSKG_PUBLIC_ADDRESS": SITE, "LEEDSKG_SMTP_TIMEOUT": "2",
    }  # fmt: skip
    return site.town.run("alerts", "send", code=code, **(known | environment))


def text(letter: EmailMessage) -> str:
    content = letter.get_content()
    assert isinstance(content, str)
    return content


def link(letter: EmailMessage, what: str) -> str:
    found = re.search(rf"{SITE}(alerts/{what}\?token=\S+)", text(letter))
    assert found, text(letter)
    return f"/{found[1]}"


def post(site: TownSite, path: str) -> tuple[int, str]:
    """Send what a mail program sends: no cookie, no page before, from somewhere else."""
    answer = site.app.test_client().post(
        path, data={"List-Unsubscribe": "One-Click"}, headers={"Accept": "text/html", "Origin": "https://mail.example"}
    )
    return answer.status_code, html.unescape(answer.text)


def ask_for(browser: Browser, email: str, status: int = 303) -> str:
    answer = browser.send("/account/following/mail", status, page="/account/following", email=email)
    return html.unescape(answer.text)


def begin(site: TownSite, browser: Browser, mailbox: Mailbox, email: str = "zoe@example.org") -> None:
    """Have alerts of the institute sent to an address that has confirmed it."""
    browser.send("/account/following", kind="entity", of="zoe-institute")
    ask_for(browser, email)
    send(site, mailbox.port)
    assert post(site, link(mailbox.letters.pop(), "confirm"))[0] == 200


def change(site: TownSite) -> str:
    name = f"Name {next(NUMBERS)}"
    merge(site, named(name, "zoe-institute"), name)
    return name


def test_an_address_is_asked_once_and_gets_each_thing_once(site: TownSite, browser: Browser, mailbox: Mailbox) -> None:
    browser.send("/account/following", kind="entity", of="zoe-institute")
    ask_for(browser, "zoe@example.org")
    assert "A message will go to zoe@example.org" in browser.page("/account/following").text
    change(site)
    assert "asked to confirm: 1." in send(site, mailbox.port).output
    send(site, mailbox.port)
    (question,) = mailbox.letters
    assert question["To"] == "zoe@example.org"
    assert "Zoë" not in text(question), "an address that has not said yes learns nothing"
    confirm = link(question, "confirm")
    assert "Send me alerts" in site.browser().page(confirm).text
    send(site, mailbox.port)
    assert len(mailbox.letters) == 1, "looking at the link begins nothing"
    assert "Confirmed. You will hear" in post(site, confirm)[1]
    assert "Alerts have gone to zoe@example.org" in browser.page("/account/following").text
    send(site, mailbox.port)
    assert len(mailbox.letters) == 1, "what was before stays on the site"
    name = change(site)
    assert "what is new: 1." in send(site, mailbox.port).output
    assert "what is new: 0." in send(site, mailbox.port).output
    digest = mailbox.letters[1]
    assert digest["Subject"] == "1 thing that you follow has changed"
    assert (digest["From"], digest["Auto-Submitted"]) == ("graph@example.org", "auto-generated")
    told = text(digest)
    assert f"{SITE}id/zoe-institute" in told
    assert re.search(rf"\* \d+ \w+ \d{{4}}: Merged contribution \d+: {name}", told)
    assert "Changed: Zoë Institute (research centre)" in told
    assert f"{SITE}account/following" in told
    assert name in browser.page("/account/following").text, "it is new on the site until it is seen there"


def test_what_was_seen_on_the_site_is_not_sent(site: TownSite, browser: Browser, mailbox: Mailbox) -> None:
    begin(site, browser, mailbox)
    change(site)
    page = browser.page("/account/following").text
    moment = re.search(r'name="moment" value="([^"]+)"', page)
    assert moment
    browser.send("/account/following/seen", moment=moment[1], follow=re.findall(r'name="follow" value="(\d+)"', page))
    send(site, mailbox.port)
    assert mailbox.letters == []


def test_the_messages_end_by_one_click_and_the_address_is_forgotten(
    site: TownSite, browser: Browser, mailbox: Mailbox
) -> None:
    begin(site, browser, mailbox)
    change(site)
    send(site, mailbox.port)
    (digest,) = mailbox.letters
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    header = re.search(rb"^List-Unsubscribe: <(\S+)>\r$", mailbox.raw[-1], re.MULTILINE)
    assert header, "one header, not folded and not encoded"
    parts = urlsplit(header[1].decode())
    stop = f"{parts.path}?{parts.query}"
    assert stop == link(digest, "stop")
    assert "Stop my alerts" in site.browser().page(stop).text
    assert "Alerts have gone to" in browser.page("/account/following").text, "looking at the link ends nothing"
    assert "You will get no more alerts" in post(site, stop)[1]
    assert post(site, stop)[0] == 200, "twice does no harm"
    assert "zoe@example.org" not in browser.page("/account/following").text
    change(site)
    send(site, mailbox.port)
    assert len(mailbox.letters) == 1


def test_links_that_are_not_ours_are_as_unknown_ones(site: TownSite, browser: Browser, mailbox: Mailbox) -> None:
    ask_for(browser, "old@example.org")
    send(site, mailbox.port)
    letter = mailbox.letters.pop()
    confirm, stop = link(letter, "confirm"), link(letter, "stop")
    ask_for(browser, "new@example.org")
    assert post(site, stop)[0] == 200
    assert "new@example.org" in browser.page("/account/following").text, "a link holds for its own address"
    unknown = {what: post(site, f"/alerts/{what}?token=made-up") for what in ("confirm", "stop")}
    wrong = [confirm, f"{confirm}x", confirm.replace("confirm", "stop"), stop.replace("stop", "confirm"),
             "/alerts/stop", "/alerts/stop?token=" + "x" * 5000]  # fmt: skip
    for path in wrong:
        what = "confirm" if "confirm?" in path else "stop"
        status, page = post(site, path)
        assert (status, without_nonce(page)) == (404, without_nonce(unknown[what][1])), path
        assert site.browser().get(path).status_code == 404


def without_nonce(page: str) -> str:
    return re.sub(r'nonce="[^"]*"', "", page)


@pytest.mark.parametrize(
    "email",
    [
        "nobody", "a@b", "a b@example.org", "zoë@example.org", "a@example.org\r\nBcc: all@example.org",
        "a@example.org, b@example.org", "<a@example.org>", "a" * 300 + "@example.org", "@example.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_told_beside_the_field(browser: Browser, email: str) -> None:
    page = ask_for(browser, email, 400)
    assert '<a href="#email">Enter an e-mail address' in page
    assert "A message will go to" not in page


def test_names_and_titles_add_no_header_and_end_no_message(site: TownSite, browser: Browser, mailbox: Mailbox) -> None:
    begin(site, browser, mailbox)
    browser.send("/account/following", kind="query", of="dot")
    title = "One\r\n.\r\nBcc: all@example.org"
    number = site.town.contribute("odd.ttl", named("Odd", "zoe-institute"), "--title", title).output
    found = re.search(r"Contribution (\d+) is", number)
    assert found
    site.town.run("contributions", "accept", found[1], "--reason", "seen")
    until(lambda: site.pool.generation().number == site.town.generation())
    send(site, mailbox.port)
    (digest,) = mailbox.letters
    assert set(digest.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version", "List-Unsubscribe", "List-Unsubscribe-Post", "X-Peer", "X-MailFrom", "X-RcptTo",
    }  # fmt: skip
    assert mailbox.raw[-1].count(b"\r\n.\r\n") == 1, "the title of the query, as it is"
    told = text(digest)
    assert "n: Odd" in told
    assert "alerts/stop" in told, "to its end"
    assert not re.search(r"(?m)^Bcc:", told)


# Servers that do not work


def test_one_recipient_that_is_refused_does_not_hold_up_the_others(
    site: TownSite, browser: Browser, mailbox: Mailbox
) -> None:
    begin(site, browser, mailbox, "gone@example.org")
    other = site.signed_in("other")
    begin(site, other, mailbox, "other@example.org")
    mailbox.refused = {"gone@example.org"}
    change(site)
    failed = send(site, mailbox.port, 1).output
    assert "550 nobody of that name here" in failed
    assert "what is new: 1." in failed
    mailbox.refused = set()
    assert "what is new: 1." in send(site, mailbox.port).output
    assert [each["To"] for each in mailbox.letters] == ["other@example.org", "gone@example.org"], "each once"
    site.accounts.people.disable(COMMAND_LINE, site.accounts.people.named("other"))


def test_a_message_that_is_refused_at_its_end_is_sent_the_next_time_as_it_was(
    site: TownSite, browser: Browser, mailbox: Mailbox
) -> None:
    begin(site, browser, mailbox)
    change(site)
    mailbox.act = lambda _: "554 full"
    assert "554 full" in send(site, mailbox.port, 1).output
    assert mailbox.letters == []
    mailbox.act = lambda _: None
    send(site, mailbox.port)
    send(site, mailbox.port)
    assert len(mailbox.letters) == 1


def test_a_server_that_dies_after_the_text_gets_no_second_one(
    site: TownSite, browser: Browser, mailbox: Mailbox
) -> None:
    begin(site, browser, mailbox)
    name = change(site)

    def die(server: SMTP) -> str:
        server.transport.abort()
        return "250 taken"

    mailbox.act = die
    assert "may have the message or not; it is not sent again" in send(site, mailbox.port, 1).output
    mailbox.act = lambda _: None
    send(site, mailbox.port)
    assert len(mailbox.letters) == 1, "the server had it: never twice"
    assert name in browser.page("/account/following").text, "and where it had not, the site tells it"


@contextmanager
def rude_server(*answers: bytes) -> Iterator[int]:
    """A server that gives these answers, one for each line that it gets, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                with client, client.makefile("rb") as lines:
                    try:
                        for number, answer in enumerate(answers):
                            if number and not lines.readline():
                                break
                            client.sendall(answer)
                        if answers and not answers[-1]:
                            client.recv(1)  # says nothing more, and stays
                    except OSError:
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            thread.join(timeout=10)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([b"220 hello\r\n", b"250 me\r\n"], "left before it took the message"),
        ([b"220 hello\r\n", b"250 me\r\n", b"250 ok\r\n", b"250 ok\r\n"], "left before it took the message"),
        ([b"220 hello\r\n", b"250 me\r\n", b"451 later\r\n"], "451 later"),
        ([b"220 hello\r\n", b"250 me\r\n", b"250 ok\r\n", b"250 ok\r\n", b"452 no room\r\n"], "452 no room"),
        ([b"554 go away\r\n"], "cannot be reached: 554 go away"),
        ([b"\xff\xfe\x00 what\r\n" * 50], "cannot be reached"),
        ([b""], "cannot be reached"),
        ([b"220 hello\r\n", b""], "timed out"),
    ],
)
def test_a_server_that_fails_before_the_text_leaves_all_for_the_next_time(
    site: TownSite, browser: Browser, mailbox: Mailbox, answers: list[bytes], told: str
) -> None:
    begin(site, browser, mailbox)
    change(site)
    with rude_server(*answers) as rude:
        failed = send(site, rude, 1, LEEDSKG_SMTP_TIMEOUT="1").output
    assert told in failed
    assert "Traceback" not in failed
    send(site, mailbox.port)
    assert len(mailbox.letters) == 1


def test_no_server_at_all_is_told_and_what_is_due_waits(site: TownSite, browser: Browser, mailbox: Mailbox) -> None:
    ask_for(browser, "zoe@example.org")
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = free.getsockname()[1]
    failed = send(site, nobody, 1).output
    assert f"the mail server 127.0.0.1 port {nobody} cannot be reached" in failed
    assert "waits for the next sending" in failed
    send(site, mailbox.port)
    assert [each["To"] for each in mailbox.letters] == ["zoe@example.org"]


def test_a_disabled_account_and_one_without_an_address_are_not_written_to(
    site: TownSite, browser: Browser, mailbox: Mailbox
) -> None:
    silent = site.signed_in("silent")
    silent.send("/account/following", kind="entity", of="zoe-institute")
    begin(site, browser, mailbox)
    (account,) = [each for each in site.accounts.people.everyone() if each.shown in browser.page("/account").text]
    change(site)
    site.accounts.people.disable(COMMAND_LINE, account)
    assert "what is new: 0." in send(site, mailbox.port).output
    assert mailbox.letters == []


# Secrets


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


def test_the_password_goes_through_starttls_to_a_server_whose_certificate_is_known(  # noqa: PLR0917 - what it takes
    site: TownSite, browser: Browser, mailbox: Mailbox, certificate: tuple[Path, Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    seen = []

    def authenticate(*arguments) -> AuthResult:
        seen.append((arguments[-1].login, arguments[-1].password))
        return AuthResult(success=arguments[-1].password == b"s3cret", handled=False)

    password = tmp_path / "password"
    password.write_text("s3cret\n", encoding="utf-8")
    asked = {"LEEDSKG_SMTP_HOST": "localhost", "LEEDSKG_SMTP_SECURITY": "starttls", "LEEDSKG_SMTP_USER": "graph",
             "LEEDSKG_SMTP_PASSWORD_FILE": str(password)}  # fmt: skip
    ask_for(browser, "zoe@example.org")
    options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": authenticate}
    with mail_server(mailbox, **options) as port:
        assert "does not let us in" in send(site, port, 1, **asked).output
        assert seen == [], "no password to a server that nobody vouches for"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        send(site, port, **asked)
        assert seen[-1] == (b"graph", b"s3cret")
        assert len(mailbox.letters) == 1
        password.write_text("wrong", encoding="utf-8")
        ask_for(browser, "zoe2@example.org")
        failed = send(site, port, 1, **asked).output
        assert "does not let us in: 535" in failed
        assert "wrong" not in failed
        password.write_text("pässword", encoding="utf-8")
        assert "beyond ASCII" in send(site, port, 1, **asked).output
        password.unlink()
        assert "cannot be read" in send(site, port, 1, **asked).output
        password.write_text("s3cret", encoding="utf-8")
    with mail_server(mailbox) as plain:
        assert "does not let us in" in send(site, plain, 1, **asked).output, "a server without STARTTLS"


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("SMTP_SENDER", "", "LEEDSKG_SMTP_SENDER has to be the e-mail address"),
        ("SMTP_SENDER", "a@example.org\nBcc: b@example.org", "LEEDSKG_SMTP_SENDER has to be"),
        ("SMTP_SECURITY", "ssl", "has to be starttls, tls or none"),
        ("SMTP_PORT", "0", "has to be a port from 1 to 65535"),
        ("SMTP_USER", "graph", "set both or neither"),
        ("PUBLIC_ADDRESS", "", "needs LEEDSKG_PUBLIC_ADDRESS too"),
        ("SMTP_HOST", "", "no mail server is set"),
    ],
)
def test_settings_that_do_not_fit_are_told(site: TownSite, setting: str, value: str, told: str) -> None:
    assert told in send(site, 2525, 2, **{f"LEEDSKG_{setting}": value}).output


def test_the_server_can_be_tried(site: TownSite, mailbox: Mailbox) -> None:
    known = {"LEEDSKG_SMTP_HOST": "127.0.0.1", "LEEDSKG_SMTP_PORT": str(mailbox.port), "LEEDSKG_SMTP_SECURITY": "none",
             "LEEDSKG_SMTP_SENDER": "graph@example.org", "LEEDSKG_PUBLIC_ADDRESS": SITE}  # fmt: skip
    site.town.run("alerts", "try", "me@example.org", **known)
    assert "can send e-mail" in text(mailbox.letters[0])
    nowhere = known | {"LEEDSKG_SMTP_HOST": "mail..example.org"}
    assert "cannot be reached" in site.town.run("alerts", "try", "me@example.org", code=1, **nowhere).output
    site.town.run("alerts", "try", "me@example.org\nBcc: b@example.org", code=2, **known)
    assert len(mailbox.letters) == 1

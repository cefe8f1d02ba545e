"""Messages, and the mail server that takes them.

A message is claimed when the server has said that it will take it, before the text goes out. Where the text did not go
out whole, or is refused, the claim is given back, and the next sending tries again. Where the server leaves after the
text and before it has answered, nobody can know whether it has the message: the claim stays, so that no message comes
twice; what it would have told stays new on the site.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path

from leedskg.errors import MailError, excerpt
from leedskg.settings import SettingError, Settings

#: A header of one long word, such as a link, is not to be folded; RFC 5322 has lines of up to 998 characters.
_POLICY = SMTP.clone(max_line_length=998)
_TAKEN, _GO_ON = (250, 251), (354,)


class NoServerError(MailError):
    """The mail server cannot be reached or does not let us in, so that no message of this sending can go out."""


def message(sender: str, to: str, subject: str, text: str, *, name: str) -> EmailMessage:
    """Make a message; `name` tells it from all others, and is the same when it is tried again."""
    made = EmailMessage(_POLICY)
    made["From"], made["To"], made["Subject"], made["Date"] = sender, to, subject, formatdate()
    made["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, cte="quoted-printable")
    return made


class MailServer:
    """The mail server of the settings."""

    def __init__(self, settings: Settings) -> None:
        """Read which it is. Raises SettingError where the settings name none."""
        if not settings.smtp_host:
            raise SettingError("no mail server is set: LEEDSKG_SMTP_HOST names it; docs/accounts.md has the others")
        self._settings = settings

    def deliver(self, letter: EmailMessage, to: str, claim: Callable[[], bool], release: Callable[[], None]) -> bool:
        """Send one message; False where somebody else has claimed it.

        Raises NoServerError where no message can be sent now, and MailError where this one could not.
        """
        with self._connected() as server:
            try:
                self._expect(server.mail(self._settings.smtp_sender), _TAKEN)
                self._expect(server.rcpt(to), _TAKEN)
                self._expect(server.docmd("DATA"), _GO_ON)
            except (OSError, smtplib.SMTPException) as error:
                raise MailError(f"the mail server left before it took the message: {_said(error)}") from None
            if not claim():
                server.close()  # without the end of the text, so that the server drops it
                return False
            try:
                server.send(_on_the_wire(letter))
            except (OSError, smtplib.SMTPException) as error:
                release()
                raise MailError(f"the mail server left while the message was sent: {_said(error)}") from None
            try:
                code, reply = server.getreply()
            except (OSError, smtplib.SMTPException):
                raise MailError(
                    "the mail server left without an answer, and may have the message or not; it is not sent again, "
                    "and what it tells stays new on the site"
                ) from None
            if code not in _TAKEN:
                release()
                raise MailError(f"the mail server refused the message: {code} {_words(reply)}")
            return True

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        settings, context = self._settings, ssl.create_default_context()
        where = f"{settings.smtp_host} port {settings.smtp_port}"
        password = self._password() if settings.smtp_user else ""
        try:
            if settings.smtp_security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    settings.smtp_host, settings.smtp_port, timeout=settings.smtp_timeout, context=context
                )
            else:
                server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=settings.smtp_timeout)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:  # the last of a name that no host can have
            raise NoServerError(f"the mail server {where} cannot be reached: {_said(error)}") from None
        try:
            try:
                if settings.smtp_security == "starttls":
                    server.starttls(context=context)
                server.ehlo_or_helo_if_needed()
                if settings.smtp_user:
                    server.login(settings.smtp_user, password)
            except (OSError, smtplib.SMTPException) as error:
                raise NoServerError(f"the mail server {where} does not let us in: {_said(error)}") from None
            yield server
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            server.close()

    def _password(self) -> str:
        path = Path(self._settings.smtp_password_file).expanduser()
        try:
            password = path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise NoServerError(f"LEEDSKG_SMTP_PASSWORD_FILE, {path}, cannot be read: {why}") from None
        if not (self._settings.smtp_user + password).isascii():
            raise NoServerError(
                "LEEDSKG_SMTP_USER or the password for it has characters beyond ASCII, with which this program cannot "
                "sign in; set others at the mail server"
            )
        return password

    @staticmethod
    def _expect(answer: tuple[int, bytes], wanted: tuple[int, ...]) -> None:
        if answer[0] not in wanted:
            raise MailError(f"the mail server refused the message: {answer[0]} {_words(answer[1])}")


def _on_the_wire(letter: EmailMessage) -> bytes:
    """Return a message as DATA wants it: lines that begin with a dot get another, and a dot by itself is the end."""
    text = letter.as_bytes(policy=_POLICY)
    return re.sub(rb"(?m)^\.", b"..", text).rstrip(b"\r\n") + b"\r\n.\r\n"


def _words(reply: bytes) -> str:
    return excerpt(reply.decode("utf-8", "replace"), 200)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return f"{error.smtp_code} {_words(reply if isinstance(reply, bytes) else reply.encode())}"
    return excerpt(str(error), 200) or type(error).__name__

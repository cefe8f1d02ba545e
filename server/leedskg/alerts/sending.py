"""Alerts by e-mail: the questions to new addresses, and a digest to each person with what is new to them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from leedskg.accounts import Accounts
from leedskg.accounts.alert_addresses import Recipient
from leedskg.accounts.follows import Follow
from leedskg.alerts.mail import MailServer, NoServerError, message
from leedskg.alerts.news import FollowedThing, NewsReader
from leedskg.errors import MailError, excerpt
from leedskg.wording import plain_date

#: Followed things that a digest tells of, and characters of a line in it.
_MOST_THINGS, _LONGEST_LINE = 40, 300
_QUESTION = """Somebody with an account at the {site} has asked for alerts to this address.

If that was you, please confirm: open this page and press the button.
{confirm}

If it was not you, ignore this message, and you will get no more. To have this address deleted now:
{stop}
"""
_DIGEST = """{number} that you follow in the {site} {have} changed.

{things}
See all that is new, and choose what you follow:
{page}

To stop these messages:
{stop}
"""


@dataclass
class Sent:
    """What a sending came to: messages that went out, and what went wrong, a sentence each."""

    questions: int = 0
    digests: int = 0
    failures: tuple[str, ...] = ()


class AlertSender:
    """Sends what is due; `site` is the address of the site, which ends in a slash, and `name` what it is called."""

    def __init__(self, accounts: Accounts, server: MailServer, sender: str, site: str, name: str) -> None:
        self._follows, self._addresses = accounts.follows, accounts.addresses
        self._server, self._sender, self._site, self._name = server, sender, site, name

    def send(self, news: Callable[[], tuple[NewsReader, str]]) -> Sent:
        """Send all that is due, a message after the other; where there is no server, the rest is left for next time.

        `news` gives what reads the graph and the moment of its publication; it is asked only if somebody wants to know.
        """
        sent = Sent()
        try:
            for each in self._addresses.to_ask():
                sent.questions += self._tried(sent, each, lambda each=each: self._ask(each))  # type: ignore[misc]
            waiting = [
                (each, follows) for each in self._addresses.to_write() if (follows := self._follows.of(each.account))
            ]
            if waiting:
                reader, moment = news()
                for each, follows in waiting:
                    told = [thing for thing in self._things(reader, follows, moment) if thing.items]
                    if told:
                        sent.digests += self._tried(sent, each, partial(self._tell, each, told, moment))
        except NoServerError as error:
            sent.failures += (f"{error}. What is due waits for the next sending.",)
        return sent

    @staticmethod
    def _tried(sent: Sent, recipient: Recipient, deliver: Callable[[], bool]) -> bool:
        try:
            return deliver()
        except NoServerError:
            raise
        except MailError as error:
            sent.failures += (f"nothing was sent to {recipient.account.sign_in_name}: {error}",)
            return False

    def _things(self, reader: NewsReader, follows: Sequence[Follow], moment: str) -> Iterator[FollowedThing]:
        """Yield what is new to somebody who has neither seen it nor been written to of it, up to a moment."""
        for thing in reader.things(follows, lambda follow: max(follow.seen, follow.mailed)):
            yield replace(thing, items=tuple(item for item in thing.items if item.at <= moment))

    def _ask(self, recipient: Recipient) -> bool:
        text = _QUESTION.format(
            site=self._name, confirm=self._link(recipient, "confirm"), stop=self._link(recipient, "stop")
        )
        name = self._named("ask", recipient, recipient.email)
        letter = message(
            self._sender, recipient.email, f"Please confirm: alerts from the {self._name}", text, name=name
        )
        return self._server.deliver(
            letter,
            recipient.email,
            lambda: self._addresses.claim(recipient),
            lambda: self._addresses.release(recipient),
        )

    def _tell(self, recipient: Recipient, things: Sequence[FollowedThing], moment: str) -> bool:
        follows = [each.follow for each in things]
        stop = self._link(recipient, "stop")
        number, have = (f"{len(things)} things", "have") if len(things) > 1 else ("1 thing", "has")
        text = _DIGEST.format(
            site=self._name,
            number=number,
            have=have,
            things="\n".join(self._lines(things)),
            page=f"{self._site}account/following",
            stop=stop,
        )
        name = self._named("digest", recipient, moment, *(f"{each.id}:{each.mailed}" for each in follows))
        letter = message(self._sender, recipient.email, f"{number} that you follow {have} changed", text, name=name)
        letter["List-Unsubscribe"] = f"<{stop}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return self._server.deliver(
            letter,
            recipient.email,
            lambda: self._follows.claim(follows, moment),
            lambda: self._follows.release(follows, moment),
        )

    def _lines(self, things: Sequence[FollowedThing]) -> Iterator[str]:
        site = self._site.rstrip("/")
        for thing in things[:_MOST_THINGS]:
            yield _line(thing.target.name)
            yield f"{site}{thing.target.path}"
            if thing.target.fate:
                yield _line(thing.target.fate)
            for item in thing.items:
                yield f"* {plain_date(item.at[:10])}: {_line(item.title)}"
                yield from (f"    {_line(line.text)}" for line in item.lines)
                if item.more > 0:
                    yield "    and more"
            if thing.more:
                yield "* and earlier changes"
            yield ""
        if len(things) > _MOST_THINGS:
            yield f"And {len(things) - _MOST_THINGS} more.\n"

    def _link(self, recipient: Recipient, what: str) -> str:
        return f"{self._site}alerts/{what}?{urlencode({'token': self._addresses.link(recipient, what)})}"

    @staticmethod
    def _named(what: str, recipient: Recipient, *parts: str) -> str:
        """Return a name for a message that is the same when it is sent again, and says nothing to others."""
        told = "\0".join((what, recipient.account.id, *parts))
        return f"{what}.{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def _line(text: str) -> str:
    return excerpt(text, _LONGEST_LINE)

"""What an account is, what its role may do, and who may review whose contribution."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Deed = Literal["contribute", "review", "administer"]
DEEDS: tuple[Deed, ...] = ("contribute", "review", "administer")


class Role(StrEnum):
    """What an account is trusted with; each role may do what the one before it may."""

    CONTRIBUTOR = "contributor"
    STEWARD = "steward"
    ADMINISTRATOR = "administrator"

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """What the role may do."""
        return DEEDS[: list(Role).index(self) + 1]


#: What a role may do, for those who give one out.
ROLE_WORDS = {
    Role.CONTRIBUTOR: "sends contributions",
    Role.STEWARD: "sends contributions and reviews those of others",
    Role.ADMINISTRATOR: "does both, and looks after accounts",
}


@dataclass(frozen=True)
class Account:
    """A person who may do more than read. `id` is what other records point to; it says nothing about the person."""

    id: str
    sign_in_name: str
    name: str
    role: Role
    created: str
    disabled: bool = False
    has_password: bool = False

    @property
    def shown(self) -> str:
        """The name with the sign-in name: names can look alike, sign-in names cannot."""
        return f"{self.name} ({self.sign_in_name})"

    def may(self, deed: Deed) -> bool:
        """Return whether the account may do this now."""
        return not self.disabled and deed in self.role.deeds


@dataclass(frozen=True)
class Actor:
    """Who does something, or nobody that is known; and roughly from where."""

    account: Account | None
    place: str


#: The person at the machine itself, who needs no account.
COMMAND_LINE = Actor(None, "command line")


@dataclass(frozen=True)
class Permission:
    """Whether something may be done, and the sentence to tell a person: why not, or on what ground after all."""

    allowed: bool
    why: str = ""

    def __bool__(self) -> bool:
        return self.allowed


def may_review(account: Account, contributor: str, single_steward: str, everyone: Iterable[Account]) -> Permission:
    """Return whether an account may accept or reject what the account with the id `contributor` has contributed.

    `single_steward` is the setting: `yes` lets stewards accept what is their own, `no` never does, and `auto` does
    while no other account in use may review, so that a person alone can work and a second steward ends it.
    """
    if not account.may("review"):
        state = "disabled" if account.disabled else f"that of a {account.role}"
        return Permission(False, f"Reviewing needs the role of steward; this account is {state}.")
    return _may_review_own(account, single_steward, everyone) if account.id == contributor else Permission(True)


def _may_review_own(account: Account, single_steward: str, everyone: Iterable[Account]) -> Permission:
    if single_steward == "yes":
        return Permission(True, "It is your own contribution; the settings of this site let stewards accept their own.")
    if single_steward == "no":
        return Permission(False, "It is your own contribution; another steward has to review it.")
    others = [each for each in everyone if each.id != account.id and each.may("review")]
    if not others:
        return Permission(True, "It is your own contribution; you may review it as the only steward here.")
    names = ", ".join(each.shown for each in others[:3]) + (" or another" if len(others) > 3 else "")
    return Permission(False, f"It is your own contribution; somebody else has to review it: {names}.")

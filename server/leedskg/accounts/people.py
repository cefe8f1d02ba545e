"""Names of accounts: the one to sign in with, and the one that others see.

A sign-in name is brought to one form (NFKC, then case folded) and is ASCII after that, so that no two can look alike:
a Cyrillic or full-width letter either becomes the plain one or is refused. A display name may be in any script; it is
always shown beside the sign-in name where it matters who somebody is.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import unicodedata

from leedskg.accounts import passwords
from leedskg.accounts.audit import AuditLog, Clock, text_of
from leedskg.accounts.database import AccountDatabase
from leedskg.accounts.model import Account, Actor, Role
from leedskg.errors import EntryError, UnknownNameError

SIGN_IN_LENGTH = 64
NAME_LENGTH = 80

_SIGN_IN_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]*[a-z0-9])?")
#: Control and format characters (among them those that turn the direction of text), separators of lines, surrogates.
_NOT_IN_A_LINE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def canonical_sign_in_name(text: str) -> str:
    """Return a sign-in name's one form; empty for a text that cannot be one. Never raises: it is what one types."""
    if len(text) > SIGN_IN_LENGTH * 4:
        return ""
    found = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
    return found if len(found) <= SIGN_IN_LENGTH and _SIGN_IN_NAME.fullmatch(found) else ""


def checked_sign_in_name(text: str) -> str:
    """Return the one form of a new sign-in name; raises EntryError for a text that cannot be one."""
    if not text.strip():
        raise EntryError("sign_in_name", "Enter a sign-in name")
    found = canonical_sign_in_name(text)
    if not found:
        raise EntryError(
            "sign_in_name",
            f"A sign-in name has at most {SIGN_IN_LENGTH} characters: letters from a to z, digits, and . _ - + @ "
            "between them",
        )
    return found


def checked_line(field: str, what: str, text: str, length: int = NAME_LENGTH) -> str:
    """Return one line of text of at most `length` characters, tidied; raises EntryError naming the field."""
    if len(text) > length * 4:
        raise EntryError(field, f"{what} has at most {length} characters")
    found = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    if any(unicodedata.category(character) in _NOT_IN_A_LINE for character in found):
        raise EntryError(field, f"{what} cannot have control characters or other invisible ones")
    if not found:
        raise EntryError(field, f"Enter {what[0].lower()}{what[1:]}")
    if len(found) > length:
        raise EntryError(field, f"{what} has at most {length} characters, not {len(found)}")
    return found


def alike(name: str) -> str:
    """Return a form of a display name that is the same for names that differ only in case, width or composition."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


COLUMNS = (
    "account.id, account.sign_in_name, account.name, account.role, account.created, account.disabled, "
    "account.password IS NOT NULL AS has_password"
)


def account_of(row: sqlite3.Row) -> Account:
    """Return the account in a row that has COLUMNS."""
    return Account(
        id=row["id"],
        sign_in_name=row["sign_in_name"],
        name=row["name"],
        role=Role(row["role"]),
        created=row["created"],
        disabled=bool(row["disabled"]),
        has_password=bool(row["has_password"]),
    )


class People:
    """Everybody who has an account here."""

    def __init__(self, database: AccountDatabase, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self.audit = audit
        self._clock = clock

    def everyone(self) -> list[Account]:
        """Return all accounts, the disabled ones too, by their sign-in names."""
        rows = self._database.rows(f"SELECT {COLUMNS} FROM account ORDER BY sign_in_name")  # noqa: S608 - constants
        return [account_of(row) for row in rows]

    def find(self, account_id: str) -> Account | None:
        """Find the account with this id, in use or not."""
        rows = self._database.rows(f"SELECT {COLUMNS} FROM account WHERE id = ?", account_id)  # noqa: S608
        return account_of(rows[0]) if rows else None

    def named(self, sign_in_name: str) -> Account:
        """Find the account with this sign-in name; raises UnknownNameError."""
        name = canonical_sign_in_name(sign_in_name)
        rows = self._database.rows(f"SELECT {COLUMNS} FROM account WHERE sign_in_name = ?", name)  # noqa: S608
        if not rows:
            raise UnknownNameError(f"there is no account with the sign-in name {sign_in_name!r}")
        return account_of(rows[0])

    def kept_password(self, sign_in_name: str) -> tuple[Account, str | None] | None:
        """Find the account that one may sign in to by this name, with its password's hash; never a disabled one."""
        rows = self._database.rows(
            f"SELECT {COLUMNS}, account.password FROM account WHERE sign_in_name = ? AND disabled = 0",  # noqa: S608
            canonical_sign_in_name(sign_in_name),
        )
        return (account_of(rows[0]), rows[0]["password"]) if rows else None

    def add(self, actor: Actor, sign_in_name: str, name: str, role: Role) -> Account:
        """Make an account, without a password: its person gets in by a one-time link. Raises EntryError."""
        with self._database.writing() as connection:
            return self.add_within(connection, actor, sign_in_name, name, role)

    def add_within(
        self, connection: sqlite3.Connection, actor: Actor, sign_in_name: str, name: str, role: Role
    ) -> Account:
        """Make an account as a part of a larger transaction."""
        made = Account(
            id=secrets.token_hex(6),
            sign_in_name=checked_sign_in_name(sign_in_name),
            name=checked_line("name", "The name", name),
            role=role,
            created=text_of(self._clock()),
        )
        self._check_free(connection, made.id, made.sign_in_name, made.name)
        connection.execute(
            "INSERT INTO account (id, sign_in_name, name, role, created) VALUES (?, ?, ?, ?, ?)",
            (made.id, made.sign_in_name, made.name, made.role, made.created),
        )
        self.audit.add(connection, actor, f"made the account, {made.role}", made.sign_in_name)
        return made

    def rename(self, actor: Actor, account: Account, sign_in_name: str, name: str) -> None:
        """Change both names of an account. Raises EntryError."""
        wanted = checked_sign_in_name(sign_in_name)
        shown = checked_line("name", "The name", name)
        with self._database.writing() as connection:
            self._check_free(connection, account.id, wanted, shown)
            connection.execute(
                "UPDATE account SET sign_in_name = ?, name = ? WHERE id = ?", (wanted, shown, account.id)
            )
            what = "changed the name" if wanted == account.sign_in_name else f"changed the sign-in name to {wanted}"
            self.audit.add(connection, actor, what, account.sign_in_name)

    def change_role(self, actor: Actor, account: Account, role: Role) -> None:
        """Give an account another role. Raises EntryError rather than leave no administrator."""
        with self._database.writing() as connection:
            if role is not Role.ADMINISTRATOR:
                self._keep_an_administrator(connection, account, "role")
            connection.execute("UPDATE account SET role = ? WHERE id = ?", (role, account.id))
            self.audit.add(connection, actor, f"changed the role to {role}", account.sign_in_name)

    def disable(self, actor: Actor, account: Account) -> None:
        """Shut an account: its sessions and links end, its tokens are revoked, and what it follows is forgotten.

        Its contributions stay.
        Raises EntryError rather than leave no administrator.
        """
        now = text_of(self._clock())
        with self._database.writing() as connection:
            self._keep_an_administrator(connection, account, "disable")
            connection.execute("UPDATE account SET disabled = 1 WHERE id = ?", (account.id,))
            connection.execute("DELETE FROM session WHERE account = ?", (account.id,))
            connection.execute("UPDATE token SET revoked = ? WHERE account = ? AND revoked IS NULL", (now, account.id))
            for table in ("link", "follow", "alert"):
                connection.execute(f"DELETE FROM {table} WHERE account = ?", (account.id,))  # noqa: S608 - constants
            self.audit.add(connection, actor, "disabled the account", account.sign_in_name)

    def enable(self, actor: Actor, account: Account) -> None:
        """Open a disabled account again; its tokens stay revoked."""
        with self._database.writing() as connection:
            connection.execute("UPDATE account SET disabled = 0 WHERE id = ?", (account.id,))
            self.audit.add(connection, actor, "enabled the account", account.sign_in_name)

    def set_password(self, actor: Actor, account: Account, password: str) -> None:
        """Give an account a password, and end all its sessions and links. Raises EntryError."""
        kept = passwords.hashed(passwords.checked_password(password, account.sign_in_name, account.name))
        with self._database.writing() as connection:
            connection.execute("UPDATE account SET password = ? WHERE id = ?", (kept, account.id))
            connection.execute("DELETE FROM session WHERE account = ?", (account.id,))
            connection.execute("DELETE FROM link WHERE account = ?", (account.id,))
            self.audit.add(connection, actor, "set a password", account.sign_in_name)

    def rehash(self, account: Account, password: str, outdated: str) -> None:
        """Keep the same password by the figures in force now, unless it has been changed meanwhile."""
        kept = passwords.rehashed(password)
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE account SET password = ? WHERE id = ? AND password = ?", (kept, account.id, outdated)
            )

    def _check_free(self, connection: sqlite3.Connection, account_id: str, sign_in_name: str, name: str) -> None:
        for row in connection.execute("SELECT id, sign_in_name, name FROM account WHERE id != ?", (account_id,)):
            if row["sign_in_name"] == sign_in_name:
                raise EntryError("sign_in_name", f"There is an account with the sign-in name {sign_in_name} already")
            if alike(row["name"]) == alike(name):
                raise EntryError("name", "Another account has this name; add something that tells the two apart")

    def _keep_an_administrator(self, connection: sqlite3.Connection, account: Account, field: str) -> None:
        (others,) = connection.execute(
            "SELECT count(*) FROM account WHERE role = ? AND disabled = 0 AND id != ?",
            (Role.ADMINISTRATOR, account.id),
        ).fetchone()
        if not others and account.role is Role.ADMINISTRATOR and not account.disabled:
            raise EntryError(field, "This is the only administrator. Make somebody else one first")

"""Who uses this instance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import attrs

from taskcore.errors import Fault
from taskcore.values import AuditId, SessionId, TeamId, TokenId, UserId, line_faults, text_faults, zone_faults

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f-\x9f]{1,64}@[^@\s\x00-\x1f\x7f-\x9f]{1,189}")


@attrs.frozen(slots=True)
class User:
    """A person, or a service account, on this instance. `email` is unique and case-folded."""

    id: UserId
    email: str
    name: str
    created_at: datetime
    time_zone: str = "UTC"
    is_admin: bool = False
    disabled_at: datetime | None = None
    email_verified_at: datetime | None = None
    deleted_at: datetime | None = None
    """When its owner deleted it; what it wrote stays, under nobody's name."""
    version: int = 1

    @property
    def active(self) -> bool:
        return self.disabled_at is None


@attrs.frozen(slots=True)
class Credential:
    """What proves that somebody is the user: the hash of a password, never the password."""

    user_id: UserId
    password_hash: str
    version: int = 1


@attrs.frozen(slots=True)
class Session:
    """One sign-in, on one device: the family of all the refresh tokens that follow from it."""

    id: SessionId
    user_id: UserId
    created_at: datetime
    expires_at: datetime
    used_at: datetime
    """When it was last refreshed."""
    origin: str | None = None
    """Where it was signed in from: an address, and what the program there calls itself."""
    revoked_at: datetime | None = None
    version: int = 1

    def open_at(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


@attrs.frozen(slots=True)
class RefreshToken:
    """What continues a session once; used, it is spent."""

    id: TokenId
    session_id: SessionId
    user_id: UserId
    token_hash: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    version: int = 1


class Purpose(StrEnum):
    """What a token that came by mail is good for."""

    RESET = "reset"
    VERIFY = "verify"
    CHANGE = "change"
    """Of the account's address, to the one that it was sent to."""


@attrs.frozen(slots=True)
class EmailToken:
    """Sent to an address, used once: who has it reads that mail. Without a user it is good for nothing,
    and stands for a request about an address that nobody has here."""

    id: TokenId
    purpose: Purpose
    email: str
    token_hash: str
    created_at: datetime
    expires_at: datetime
    user_id: UserId | None = None
    used_at: datetime | None = None
    version: int = 1

    def open_at(self, now: datetime) -> bool:
        return self.user_id is not None and self.used_at is None and now < self.expires_at


@attrs.frozen(slots=True)
class ApiToken:
    """A credential for programs: good for some scopes, perhaps in one team only. The text is shown once."""

    id: TokenId
    user_id: UserId
    name: str
    scopes: tuple[str, ...]
    token_hash: str
    hint: str
    """Prefix and last four characters, by which people tell their tokens apart."""
    created_at: datetime
    expires_at: datetime | None = None
    team_id: TeamId | None = None
    used_at: datetime | None = None
    """When it was last used, give or take an hour."""
    revoked_at: datetime | None = None
    version: int = 1

    def open_at(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@attrs.frozen(slots=True)
class Identity:
    """Another issuer's subject, who is a user here."""

    issuer: str
    subject: str
    user_id: UserId
    created_at: datetime
    version: int = 1


@attrs.frozen(slots=True)
class AuditEntry:
    """Security's record of one sensitive action, allowed or refused: who, what, on what, from where.
    Never changed, never removed."""

    id: AuditId
    action: str
    subject_type: str
    at: datetime
    allowed: bool
    subject_id: UUID | None = None
    actor_id: UserId | None = None
    team_id: TeamId | None = None
    """None: the instance's."""
    origin: str | None = None
    data: Mapping[str, Any] = attrs.field(factory=dict)
    version: int = 1


@attrs.frozen(slots=True)
class ExternalIdentity:
    """Whom another issuer vouches for: `subject` is unique and lasting within `issuer`."""

    issuer: str
    subject: str
    email: str | None = None
    email_verified: bool = False
    name: str | None = None


def folded_email(email: str) -> str:
    """The spelling under which an e-mail address is unique here.

    Lower case, and nothing that would make one address into another's: Unicode's case folding makes
    `straße.example` into `strasse.example`, and its lower case the Kelvin sign into a `k`.
    """
    return "".join(map(_lower, email.strip()))


def _lower(character: str) -> str:
    lower = character.lower()
    return lower if character.isascii() or not lower.isascii() else character


def email_faults(email: str) -> list[Fault]:
    """Why a text is no e-mail address."""
    faults = text_faults("email", email, least=3, most=254)
    if not _EMAIL.fullmatch(email):
        faults.append(Fault("email", "must be an address such as ada@example.org"))
    return faults


NOBODYS = ".invalid"
"""A top-level domain that nobody can have (RFC 2606): accounts with such an address stand for somebody who is not
here, and nobody signs in as them."""


def user_faults(user: User) -> list[Fault]:
    """Everything wrong with a user's values."""
    faults = email_faults(user.email)
    if user.email.endswith(NOBODYS) and user.disabled_at is None:
        faults.append(Fault("email", f"must be yours: nobody has an address that ends with {NOBODYS}"))
    faults += line_faults("name", user.name, least=1, most=200)
    return faults + zone_faults("time_zone", user.time_zone)


COMMON_PASSWORDS = frozenset(
    """123456789 1234567890 12345678 password password1 password12 password123 qwertyuiop qwerty123
    iloveyou1 11111111 00000000 123123123 987654321 abc12345 abcd1234 1q2w3e4r 1q2w3e4r5t q1w2e3r4
    qwer1234 zaq12wsx asdfghjkl letmein1 welcome1 welcome123 sunshine princess football baseball
    superman trustno1 starwars computer whatever passw0rd p@ssw0rd p@ssword admin123 administrator
    changeme changeme1 internet 88888888 99999999 aaaaaaaa 1qaz2wsx qazwsxedc michael1 jennifer
    dragon12 monkey12 shadow12 master12 charlie1 test1234 testtest secret123 letmein123 iloveyou
    77777777 66666666 55555555 12341234 123454321 147258369 789456123 qwerty12 asdf1234 samsung1""".split()
)


def password_faults(password: str, email: str) -> list[Fault]:
    """Why a password is refused: 8 to 128 characters, none of the most common, not the e-mail."""
    faults = []
    if not 8 <= len(password) <= 128:
        faults.append(Fault("password", "must have 8 to 128 characters"))
    if password.casefold() in COMMON_PASSWORDS or password.casefold() == email:
        faults.append(Fault("password", "is one of the first that an attacker tries; take another"))
    if any("\ud800" <= character <= "\udfff" for character in password):
        faults.append(Fault("password", "must be valid Unicode: it has half of a surrogate pair"))
    return faults

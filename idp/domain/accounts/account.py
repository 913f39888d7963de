"""The account that signs in, and the facts about the human behind it."""

from collections.abc import Iterable
from dataclasses import field
from enum import StrEnum
from typing import Any, Final

from idp.domain.ids import AccountId, AuthenticatorId, PersonId, Seconds
from idp.domain.people.verification import Verification
from idp.domain.values import dataclass

USES_APART: Final = 24 * 3600
"""Seconds between two uses of an account that are recorded: what is recorded may lie so far behind the last one."""


OF_THE_OFFICE: Final = frozenset({"name", "family_name", "middle_name", "given_name"})
"""Claims of a human that an officer's account tells: who holds the office, and nothing by which two services could
join the officer with the citizen. Contacts, birth, address and the evidence of proofing are the citizen's account's."""


class AccountKind(StrEnum):
    """Citizens (and foreigners) act for themselves; officers act for their agency, under an account of its own."""

    CITIZEN = "citizen"
    OFFICER = "officer"


class AccountStatus(StrEnum):
    """A locked account neither signs in nor refreshes."""

    ACTIVE = "active"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer's place: `agency_code` such as `G10.01`, the agency's name, position and roles."""

    agency_code: str
    agency_name: str
    position: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What a sign-in needs to know; personal data is read apart, as a `Profile`.

    `sessions_valid_from`: sessions and grants begun before this moment were ended by a lock. `idle_from` is the last
    use that was recorded, or the last of `idle_notices` since then.
    """

    account_id: AccountId
    person_id: PersonId
    kind: AccountKind
    status: AccountStatus
    sessions_valid_from: Seconds
    password_hash: str | None
    always_ask_second_factor: bool = False
    locale: str | None = None
    idle_from: Seconds | None = None
    idle_notices: int = 0

    @property
    def is_active(self) -> bool:
        """Whether the account may sign in at all."""
        return self.status is AccountStatus.ACTIVE

    def use_is_news(self, now: Seconds) -> bool:
        """Whether a use at `now` has to be recorded: once a day is often enough to tell who is idle for years."""
        return self.idle_notices > 0 or self.idle_from is None or now >= self.idle_from + USES_APART


@dataclass(frozen=True, slots=True)
class Profile:
    """Personal data of one account, decrypted for one request: never logged, never audited.

    `claims` holds the standard claims of OpenID Connect Core section 5.1 as recorded (`name`, `birthdate`, …); those of
    an officer's account are `OF_THE_OFFICE`. `officer` is set on officer accounts only. `verification` tells how the
    person was proved, if at all. Everything is as of the moment of reading: `identity_level` has not ended, and the
    proof of the claims in `aged` has.
    """

    personal_number: str
    identity_level: int
    claims: dict[str, Any] = field(default_factory=dict)
    officer_id: str | None = None
    officer: Officer | None = None
    verification: Verification | None = None
    aged: frozenset[str] = frozenset()


class ContactKind(StrEnum):
    """Where a code can be sent."""

    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Contact:
    """A verified contact of an account; `address` is an e-mail address or an E.164 number."""

    kind: ContactKind
    address: str


def mailbox(contacts: Iterable[Contact]) -> Contact | None:
    """Return the e-mail address among somebody's contacts, or None."""
    return next((contact for contact in contacts if contact.kind is ContactKind.EMAIL), None)


TIME_STEP: Final = 30
"""Seconds that a one-time code is of (RFC 6238 section 5.2)."""


class AuthenticatorKind(StrEnum):
    """What a person can enrol."""

    ONE_TIME_CODE = "totp"
    RECOVERY_CODES = "recovery_codes"


@dataclass(frozen=True, slots=True)
class Authenticator:
    """One enrolled authenticator. `secret` is the decrypted TOTP secret (base32) and empty for recovery codes.

    `last_step` is the last TOTP time step accepted (RFC 6238 section 5.2: each code once); `remaining` counts unused
    recovery codes. `name` is what the person calls it, empty for the first.
    """

    authenticator_id: AuthenticatorId
    account_id: AccountId
    kind: AuthenticatorKind
    secret: str
    created_at: Seconds
    last_step: int = 0
    remaining: int = 0
    name: str = ""

    @property
    def last_used_at(self) -> Seconds | None:
        """When a code of it was accepted last, to the half minute; None before the first."""
        return Seconds(self.last_step * TIME_STEP) if self.last_step else None

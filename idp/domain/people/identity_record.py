"""What is known of one person by proof: the record that the law keeps, and where each part of it comes from."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Final

from idp.domain.ids import PersonId, Seconds
from idp.domain.people.predicates import RESIDENCE
from idp.domain.values import dataclass

RECORD_CLAIMS: Final = frozenset({"name", "family_name", "middle_name", "given_name", "gender", "birthdate", RESIDENCE})
"""Claims of the identity record that operators' files tell; every other one of theirs is the person's own to change."""

POPULATION_REGISTER: Final = "population_register"
"""The national population database, as `AttributeFacts.source`."""


@dataclass(frozen=True, slots=True)
class AttributeFacts:
    """Where one attribute comes from, when that was seen, and until when it holds (None: no end is known)."""

    source: str
    verified_at: Seconds
    expires_at: Seconds | None = None


@dataclass(frozen=True, slots=True)
class IdentityCard:
    """The card that the person was last known by; days as ISO 8601 writes them."""

    number: str
    issued: str | None = None
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """One person's identity record, decrypted for one request: never logged, never audited.

    `claims` are those of the record by their standard names. `former_numbers` are the personal numbers before this
    one, oldest first. `verification` is what is recorded of how the person was proved (`domain.people.verification`).
    `attributes` holds facts by claim name, `personal_number` among them; an attribute without facts was told by an
    operator's file. `seal` stands for what was read: saving works on nothing else.
    """

    person_id: PersonId
    personal_number: str
    identity_level: int
    claims: Mapping[str, Any]
    former_numbers: tuple[str, ...] = ()
    level_expires_at: Seconds | None = None
    verification: Mapping[str, Any] | None = None
    attributes: Mapping[str, AttributeFacts] = field(default_factory=dict)
    card: IdentityCard | None = None
    seal: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who gets a citizen's account: the identity record, and what signs him or her in.

    Contacts are verified. `own_claims` are claims outside the record (`locale`, …), which may be erased.
    """

    personal_number: str
    identity_level: int
    claims: Mapping[str, Any]
    level_expires_at: Seconds | None = None
    verification: Mapping[str, Any] | None = None
    attributes: Mapping[str, AttributeFacts] = field(default_factory=dict)
    card: IdentityCard | None = None
    own_claims: Mapping[str, Any] = field(default_factory=dict)
    email: str | None = None
    phone_number: str | None = None
    password_hash: str | None = None

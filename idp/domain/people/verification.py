"""How a person was proved: trust framework, identity level, time and evidence, as far as the record tells.

The tables say what can appear at all: import files may hold nothing else, and the provider's metadata is made of them.
Values are the predefined ones of OpenID Identity Assurance Schema Definition where there are any.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from idp.domain.values import dataclass

TRUST_FRAMEWORK: Final = "vn_eid"
"""Electronic identification by Decree 69/2024."""

ASSURANCE_LEVELS: Final = MappingProxyType({1: "level_1", 2: "level_2"})
"""`assurance_level` by identity level; who has level 0 was not proved."""

DOCUMENT: Final = "document"
ELECTRONIC_RECORD: Final = "electronic_record"
EVIDENCE_TYPES: Final = (DOCUMENT, ELECTRONIC_RECORD)

DOCUMENTS: Final = ("idcard", "passport", "residence_permit")
"""The identity card of citizens; passport and residence card of foreigners."""

ELECTRONIC_RECORDS: Final = ("population_register",)
"""The national population database."""

CHECK_METHODS: Final = ("vpip", "vcrypt", "data", "pvp", "bvp", "bvr")
"""Document looked at in person, its chip read, data matched with a register, the person compared with a portrait by
eye, face or finger compared by a device in person or from afar."""

EXTERNAL: Final = "external"
ATTACHMENT_TYPES: Final = (EXTERNAL,)
"""Pages are kept by the offices that scanned them; what is known here is where, and their digest."""

SHA_256: Final = "sha-256"
DIGEST_ALGORITHMS: Final = (SHA_256,)
"""Names of the IANA registry of hash algorithms (RFC 6920)."""

VERIFIABLE_CLAIMS: Final = (
    "name",
    "family_name",
    "middle_name",
    "given_name",
    "birthdate",
    "gender",
    "personal_number",
)
"""Claims of the identity record, which proofing establishes; contacts and preferences are the person's own word."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What is known of how one person was proved.

    `time` is an ISO 8601 moment, `verification_process` a reference of the office's. Each of `evidence` is an element
    as OpenID Identity Assurance writes it, of the types and values of the tables.
    """

    assurance_level: str
    time: str | None = None
    verification_process: str | None = None
    evidence: tuple[Mapping[str, Any], ...] = ()
    trust_framework: str = TRUST_FRAMEWORK

    def members(self) -> dict[str, Any]:
        """Return everything that is known, by the names of the `verification` element."""
        told = {
            "trust_framework": self.trust_framework,
            "assurance_level": self.assurance_level,
            "time": self.time,
            "verification_process": self.verification_process,
            "evidence": list(self.evidence),
        }
        return {name: value for name, value in told.items() if value}


def verification_of(identity_level: int, recorded: Mapping[str, Any] | None) -> Verification | None:
    """Return how a person of `identity_level` was proved; None for whoever was not.

    `recorded` is what the office recorded besides the level: `time`, `verification_process`, `evidence`.
    """
    level = ASSURANCE_LEVELS.get(identity_level)
    if level is None:
        return None
    told = recorded or {}
    return Verification(level, told.get("time"), told.get("verification_process"), tuple(told.get("evidence", ())))

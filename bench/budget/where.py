"""The parts of the provider, by its modules: where the time of an operation goes."""

from collections.abc import Mapping
from typing import Final

HASH: Final = "password hash, a thread of its own"
OTHER: Final = "other"

PARTS: Final = {
    "HTTP: parsing, sending, event loop": ("uvicorn", "idp.cli", "idp.web.edge.http1"),
    "edge: address, limits, routing, reading, headers": ("idp.web", "idp.app"),
    "pages: drawing, cookies, language": (
        "idp.web.pages", "idp.web.views", "idp.web.rendering", "idp.web.wording", "idp.web.catalogues",
        "idp.web.language", "idp.web.page_cache", "idp.web.page_policy", "idp.web.edge.cookies",
        "idp.web.edge.page_routes",
    ),
    "client authentication, DPoP": (
        "idp.protocol.clients", "idp.protocol.senders", "idp.protocol.replay_marks",
        "idp.assembly.client_authentication", "idp.adapters.crypto.foreign_tokens",
    ),
    "protocol and domain": ("idp.protocol", "idp.domain", "idp.assembly", "idp.ports"),
    "journeys": ("idp.journeys",),
    "keys: signatures, seals, digests": ("idp.adapters.crypto", "idp.adapters.webauthn"),
    "store: statements, rows": ("idp.adapters.sql", "idp.adapters.guarded_stores", "idp.adapters.breaker"),
    "store: the writer's thread, to the disk": ("thread sqlite-writer",),
    "audit: events, log, numbers": (
        "idp.adapters.observability", "idp.adapters.sql.trail.audit", "idp.adapters.sql.trail.audit_writing",
        "idp.domain.events", "idp.domain.audit.audit_chain", "idp.domain.accounts.security_event",
    ),
    HASH: ("thread argon2",),
}  # fmt: skip
"""Modules by their parts; the longest name that fits a module decides."""


def part_of(module: str) -> str:
    """Return the part that a module belongs to."""
    fitting = ((name, part) for part, names in PARTS.items() for name in names if _is_within(module, name))
    return max(fitting, key=lambda each: len(each[0]), default=("", OTHER))[1]


def by_part(seconds: Mapping[str, float]) -> dict[str, float]:
    """Return what all modules of each part spent, in the order of the parts."""
    spent: dict[str, float] = dict.fromkeys((*PARTS, OTHER), 0.0)
    for module, each in seconds.items():
        spent[part_of(module)] += each
    return {part: each for part, each in spent.items() if each > 0}


def _is_within(module: str, name: str) -> bool:
    return module == name or module.startswith(name + ".")

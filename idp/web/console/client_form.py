"""The form of a service: what was typed as registered metadata, and the reverse."""

from collections.abc import Mapping
from typing import Any, Final

from idp.domain.clients.claims_policy import LegalBasis
from idp.domain.clients.client import Client
from idp.domain.levels.assurance import ACR_VALUES
from idp.journeys.administration.errors import InvalidEntryError

FIELDS: Final = ("name_vi", "name_en", "redirect_uris", "scope", "minimum_acr", "audience", "claims")
BASES: Final = tuple(basis.value for basis in LegalBasis)
_PARTS: Final = 5
_SEPARATOR: Final = "|"


def metadata_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return what was typed under registered names; None for what is left empty. Raises `InvalidEntryError`."""
    names = {language: typed[f"name_{language}"].strip() for language in ("vi", "en")}
    told = {language: name for language, name in names.items() if name}
    if not told:
        raise InvalidEntryError("name_vi", "missing")
    return {
        "client_name": told,
        "redirect_uris": typed["redirect_uris"].split(),
        "scope": " ".join(typed["scope"].split()) or None,
        "minimum_acr": typed["minimum_acr"] or None,
        "audience": typed["audience"] or None,
        "claims": _claims(typed["claims"]),
    }


def typed_of(client: Client) -> dict[str, str]:
    """Return a service as its form shows it."""
    levels = {level: acr for acr, level in reversed([*ACR_VALUES.items()])}
    policy = client.claims_policy
    lines = [
        f" {_SEPARATOR} ".join(
            (name, terms.legal_basis.value, terms.purpose_in("vi"), terms.purpose_in("en"), terms.citation)
        )
        for name, terms in (policy.items() if policy else ())
    ]
    return {
        "name_vi": client.names.get("vi") or client.names.get("", ""),
        "name_en": client.names.get("en", ""),
        "redirect_uris": "\n".join(client.redirect_uris),
        "scope": " ".join(sorted(client.scopes)),
        "minimum_acr": levels[client.minimum_level],
        "audience": client.audience.value,
        "claims": "\n".join(lines),
    }


def form_field(metadata_name: str) -> str:
    """Return the field of the form in which registered metadata was typed."""
    return "name_vi" if metadata_name == "client_name" else metadata_name


def _claims(typed: str) -> dict[str, Any] | None:
    """Read the allow-list, a claim a line; None for none: the scopes alone decide then."""
    claims: dict[str, Any] = {}
    for line in filter(str.strip, typed.splitlines()):
        parts = [part.strip() for part in line.split(_SEPARATOR)]
        name, basis, vi, en, citation = (*parts, *[""] * (_PARTS - len(parts)))[:_PARTS]
        purpose = {language: text for language, text in (("vi", vi), ("en", en)) if text}
        if len(parts) > _PARTS or basis not in BASES or not purpose or name in claims:
            raise InvalidEntryError("claims", "claim_line")
        claims[name] = {"purpose": purpose, "legal_basis": basis} | ({"citation": citation} if citation else {})
    return claims or None

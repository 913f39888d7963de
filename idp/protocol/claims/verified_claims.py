"""OpenID Connect for Identity Assurance section 5.7: what of the verified claims is told, and to whom."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from idp.domain.accounts.account import Profile
from idp.domain.ids import Seconds
from idp.domain.people import verification
from idp.domain.people.predicates import PREDICATES
from idp.domain.people.verification import VERIFIABLE_CLAIMS
from idp.protocol.claims.claims import Reader, demanded, facts_of
from idp.protocol.claims.verified_request import (
    ATTACHMENTS,
    NAME,
    SAYS_THE_LEVEL,
    THE_LEVEL,
    VerifiedRequest,
    WantedData,
    WantedElement,
)

# Without these the element that holds them would be none (OpenID Identity Assurance Schema Definition section 5, OpenID
# Attachments section 4.2: an external attachment has `url` and `digest`, a digest `alg` and `value`).
_NECESSARY: Final = frozenset({"trust_framework", "type", "check_method", "url", "digest", "alg", "value"})

_SIMPLE: Final = frozenset({ATTACHMENTS, "digest"})
"""Members that are asked for as one simple element (schema of requests) and told whole, whatever they hold."""


_VERIFIABLE: Final = frozenset(VERIFIABLE_CLAIMS)


class _UnmetError(Exception):
    """The data does not fulfil a requirement of the request."""


def verified_at_userinfo(profile: Profile, request: VerifiedRequest, reader: Reader) -> dict[str, Any]:
    """Return the member `verified_claims` for the userinfo endpoint, or nothing.

    A claim whose value was not the one asked for is left out; what its verification says is told all the same.
    """
    return _released(profile, request, reader, may_be_empty=True)


def verified_in_id_token(profile: Profile, request: VerifiedRequest, reader: Reader) -> dict[str, Any]:
    """Return the member `verified_claims` for the ID token, or nothing: an element without claims is left out."""
    return _released(profile, request, reader, may_be_empty=False)


def released_names(claims: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an audit record says of released claims: their names, those of verified ones by their path."""
    for name, value in claims.items():
        if name != NAME:
            yield name
            continue
        for element in value if isinstance(value, list) else [value]:
            yield from (f"{NAME}.{part}.{member}" for part in ("verification", "claims") for member in element[part])


def metadata() -> dict[str, Sequence[str] | bool]:
    """Return the members of section 8 for the provider's metadata, made from the tables.

    Those of attachments are of OpenID Attachments section 9.
    """
    return {
        "verified_claims_supported": True,
        "trust_frameworks_supported": [verification.TRUST_FRAMEWORK],
        "claims_in_verified_claims_supported": (*VERIFIABLE_CLAIMS, *PREDICATES),
        "evidence_supported": verification.EVIDENCE_TYPES,
        "documents_supported": verification.DOCUMENTS,
        "documents_check_methods_supported": verification.CHECK_METHODS,
        "electronic_records_supported": verification.ELECTRONIC_RECORDS,
        "attachments_supported": verification.ATTACHMENT_TYPES,
        "digest_algorithms_supported": verification.DIGEST_ALGORITHMS,
    }


def _released(profile: Profile, request: VerifiedRequest, reader: Reader, *, may_be_empty: bool) -> dict[str, Any]:
    if not request.elements:
        return {}
    found = list(_elements(profile, request.elements, reader, may_be_empty=may_be_empty))
    if not found:
        return {}
    return {NAME: found if request.as_array else found[0]}


def _elements(
    profile: Profile, elements: Iterable[WantedElement], reader: Reader, *, may_be_empty: bool
) -> Iterator[dict[str, Any]]:
    proved = profile.verification
    if proved is None:
        return
    allowed = reader.allowed
    known = {
        name: value for name, value in proved.members().items() if name not in SAYS_THE_LEVEL or THE_LEVEL in allowed
    }
    counts = _VERIFIABLE - profile.aged
    facts = {name: value for name, value in facts_of(profile).items() if name in counts}
    # What is not verified any more verifies no part of it either.
    parts = {name for name, whole in PREDICATES.items() if whole not in profile.aged}
    about = allowed & (facts.keys() | parts)
    for element in elements:
        # Section 5.7.1: what the provider has no data about, or the client may not have, is omitted; and "if the
        # resulting claims sub-element is empty, the OP shall omit the verified_claims element".
        wanted = {name: demand for name, demand in element.claims.items() if name in about}
        if not wanted:
            continue
        try:
            told = _selected(element.verification, known, reader.now)
        except _UnmetError:
            # Section 5.7.4: "If the respective requirement was expressed for a claim within
            # verified_claims/verification, the whole verified_claims element shall be omitted. Otherwise, the
            # respective claim shall be omitted".
            continue
        claims = demanded(profile, facts, wanted, about, reader.now)
        if told is not None and (claims or may_be_empty):
            yield {"verification": told, "claims": claims}


def _selected(wanted: WantedData, data: object, now: Seconds) -> Any:  # noqa: ANN401 -- whatever JSON holds
    """Return what of `data` is wanted, None when nothing is. Raises `_UnmetError` for a requirement not fulfilled."""
    chosen: dict[str, Any] | list[Any] | None
    match data:
        case Mapping():
            chosen = _members(wanted, data, now)
        case list() | tuple():
            chosen = _fitting(wanted, data, now)
        case str() if not wanted.members and not wanted.filters:
            if not wanted.demand.accepts(data) or (
                wanted.max_age is not None and not _within(wanted.max_age, data, now)
            ):
                raise _UnmetError
            return data
        case _:
            chosen = None
    if chosen is None and wanted.is_constrained:
        raise _UnmetError
    return chosen


def _members(wanted: WantedData, data: Mapping[str, Any], now: Seconds) -> dict[str, Any] | None:
    """Return the members that were asked for, each by itself: section 5.4, "dig one step deeper"."""
    if wanted.demand.values or wanted.max_age is not None or wanted.filters:
        raise _UnmetError
    found = {name: _member(name, node, data.get(name), now) for name, node in wanted.members.items()}
    chosen = {name: value for name, value in found.items() if value is not None}
    # Section 5.7.5: "If an element is to be omitted [...], but is required for a valid response, its parent element
    # shall be omitted as well."
    return chosen if chosen and not (_NECESSARY & data.keys()) - chosen.keys() else None


def _member(name: str, wanted: WantedData, data: object, now: Seconds) -> Any:  # noqa: ANN401 -- whatever JSON holds
    if name in _SIMPLE and data and not (wanted.members or wanted.filters or wanted.is_constrained):
        return data
    return _selected(wanted, data, now)


def _fitting(wanted: WantedData, data: Sequence[Any], now: Seconds) -> list[Any] | None:
    """Return the elements that fit a filter (section 5.4: several are linked by OR), cut to what that one asks for."""
    chosen = []
    for element in data:
        for fitting in wanted.filters:
            try:
                told = _selected(fitting, element, now)
            except _UnmetError:
                continue
            if told is not None:
                chosen.append(told)
                break
    return chosen or None


def _within(max_age: int, moment: str, now: Seconds) -> bool:
    """Whether a moment or day of ISO 8601 lies at most `max_age` seconds back."""
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        return False
    when = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return now - when.timestamp() <= max_age

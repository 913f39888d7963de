"""RFC 9396 sections 2, 5 and 6: the `authorization_details` parameter, of an authorization and of a token request."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from idp.domain.clients.client import Client
from idp.domain.grants.authorization_detail_types import DETAIL_TYPES, DetailError
from idp.domain.grants.grant import Grant
from idp.protocol.errors import InvalidAuthorizationDetailsError
from idp.protocol.resources.resources import Target

PARAMETER: Final = "authorization_details"

LONGEST_PARAMETER: Final = 4096
"""Characters: what is granted travels in every access token."""

_MOST_DETAILS: Final = 10

Details = tuple[dict[str, Any], ...]


def check_authorization_details(client: Client, parameters: Mapping[str, str]) -> Details:
    """Return what an authorization request asks for. Raises `InvalidAuthorizationDetailsError`."""
    text = parameters.get(PARAMETER)
    if text is None:
        return ()
    details = parse_authorization_details(text)
    # Section 10: "authorization_details_types: [...] the client will use".
    if not client.authorization_details_types.issuperset(detail["type"] for detail in details):
        raise InvalidAuthorizationDetailsError("The client is not registered for this type of authorization_details.")
    return details


def refuse_authorization_details(parameters: Mapping[str, Any]) -> None:
    """Raise `InvalidAuthorizationDetailsError` where details are asked for and none can be granted.

    RFC 9396 section 5: what is not granted is refused, not passed over. Payments and dossiers are people's, who see on
    the consent page what they agree to.
    """
    if PARAMETER in parameters:
        raise InvalidAuthorizationDetailsError("This way of asking for tokens grants no authorization_details.")


def parse_authorization_details(text: str) -> Details:
    """Return the details, each as its type says. Raises `InvalidAuthorizationDetailsError`.

    Section 5: "The AS MUST refuse to process any unknown authorization details type or authorization details not
    conforming to the respective type definition."
    """
    if len(text) > LONGEST_PARAMETER:
        raise InvalidAuthorizationDetailsError("The authorization_details are too long.")
    try:
        details = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidAuthorizationDetailsError("The authorization_details are not JSON.") from error
    # Section 2: "an array of objects".
    if not isinstance(details, list) or not 0 < len(details) <= _MOST_DETAILS:
        raise InvalidAuthorizationDetailsError("The authorization_details are not an array of one to ten objects.")
    for detail in details:
        _check(detail)
    return tuple(details)


def _check(detail: object) -> None:
    # Section 2: "type: [...] This field is REQUIRED."
    name = detail.get("type") if isinstance(detail, dict) else None
    if not isinstance(detail, dict) or not isinstance(name, str) or name not in DETAIL_TYPES:
        raise InvalidAuthorizationDetailsError("The type of an authorization detail is missing or unknown.")
    try:
        DETAIL_TYPES[name].check(detail)
    except DetailError as error:
        raise InvalidAuthorizationDetailsError(reason=str(error)) from error


def narrowed(grant: Grant, target: Target, parameters: Mapping[str, str]) -> Target:
    """Return the target of a token with its details: all that were granted, or those that the token request names.

    Raises `InvalidAuthorizationDetailsError` when one of these goes further than what was granted.
    """
    text = parameters.get(PARAMETER)
    if text is None:
        return replace(target, authorization_details=grant.authorization_details)
    asked = parse_authorization_details(text)
    # Section 6.1 leaves the comparison to the type: lists of words may be shortened, everything else stays as it was.
    # What was granted once is not asked for twice: two details of one payment would look like two payments.
    left = list(grant.authorization_details)
    for detail in sorted(asked, key=lambda detail: detail not in left):
        kind = DETAIL_TYPES[detail["type"]]
        covering = [granted for granted in left if kind.covers(granted, detail)]
        if not covering:
            raise InvalidAuthorizationDetailsError(reason="more than was granted")
        left.remove(detail if detail in left else covering[0])
    return replace(target, authorization_details=asked)


def lasting(grant: Grant) -> Grant:
    """Return the grant with those details alone that its later tokens carry too.

    Section 6 leaves it to the server what a refreshed token carries. One yes to a payment makes one token for it: each
    further one would look like a payment of its own.
    """
    if not grant.authorization_details:
        return grant
    return replace(grant, authorization_details=tuple(filter(_lasts, grant.authorization_details)))


def _lasts(detail: Mapping[str, Any]) -> bool:
    # A newer release, while it takes over, may grant what this one does not know.
    kind = DETAIL_TYPES.get(detail["type"])
    return kind is not None and not kind.always_asked


def is_always_asked(details: Details) -> bool:
    """Return whether one of the details must be decided on by the person each time."""
    return any(DETAIL_TYPES[detail["type"]].always_asked for detail in details)


def consent_names(details: Details) -> frozenset[str]:
    """Return under which names a consent keeps that such details were agreed to: by type, their content left out."""
    return frozenset(f"{PARAMETER}:{detail['type']}" for detail in details)

"""From a checked client entry to the registered client."""

import hashlib
from collections.abc import Sequence
from urllib.parse import urlsplit

from idp.adapters.importing.client_entry import ClientEntry
from idp.domain.clients.client import Client, ClientAudience, SubjectType
from idp.domain.clients.client_policy import POLICIES, ClientProfile
from idp.domain.clients.client_secret import SIGNING_METHOD
from idp.domain.clients.client_uris import sector_hosts
from idp.domain.ids import ClientId
from idp.domain.levels.assurance import ACR_VALUES

_NOT_KEPT = {"client_id", "client_secret"}


def client_of(entry: ClientEntry) -> Client:
    """Return the client that an entry registers; its secret is kept as SHA-256 here."""
    return Client(
        client_id=ClientId(entry.client_id),
        secret_hashes=() if entry.client_secret is None else (hashlib.sha256(entry.client_secret.encode()).digest(),),
        names=dict(entry.client_name or {}),
        logo_uri=_any_language(entry.logo_uri),
        policy_uris=dict(entry.policy_uri or {}),
        tos_uris=dict(entry.tos_uri or {}),
        redirect_uris=tuple(entry.redirect_uris),
        post_logout_redirect_uris=tuple(entry.post_logout_redirect_uris),
        backchannel_logout_uri=entry.backchannel_logout_uri,
        backchannel_logout_session_required=bool(entry.backchannel_logout_session_required),
        token_endpoint_auth_method=entry.token_endpoint_auth_method,
        id_token_signed_response_alg=entry.id_token_signed_response_alg
        or POLICIES[ClientProfile(entry.profile)].default_algorithm,
        userinfo_signed_response_alg=entry.userinfo_signed_response_alg,
        grant_types=entry.grants(),
        response_types=entry.responses(),
        scopes=frozenset((entry.scope or "openid").split()),
        subject_type=SubjectType(entry.subject_type),
        sector=_sector(entry),
        default_max_age=entry.default_max_age,
        default_acr_values=tuple(entry.default_acr_values or ()),
        audience=ClientAudience(entry.audience),
        minimum_level=ACR_VALUES[entry.minimum_acr],
        skip_consent=entry.skip_consent,
        profile=ClientProfile(entry.profile),
        require_pkce=_requires_pkce(entry),
        metadata=entry.model_dump(mode="json", exclude_unset=True, exclude=_NOT_KEPT),
    )


def signing_secrets(entries: Sequence[ClientEntry]) -> tuple[tuple[ClientId, str], ...]:
    """Return the secrets that are to be kept sealed: those of clients which sign with them."""
    return tuple(
        (ClientId(entry.client_id), entry.client_secret)
        for entry in entries
        if entry.token_endpoint_auth_method == SIGNING_METHOD and entry.client_secret is not None
    )


def _requires_pkce(entry: ClientEntry) -> bool:
    """Say whether PKCE is required: as told, else of public clients and those of the profile fapi2."""
    if entry.require_pkce is not None:
        return entry.require_pkce
    return entry.token_endpoint_auth_method == "none" or entry.profile == "fapi2"


def _sector(entry: ClientEntry) -> str:
    """Return the sector of pairwise subjects; none for a client without any web address."""
    if entry.sector_identifier_uri:
        return urlsplit(entry.sector_identifier_uri).hostname or ""
    hosts = sector_hosts(entry.redirect_uris)
    return min(hosts, default="")


def _any_language(texts: dict[str, str] | None) -> str | None:
    if not texts:
        return None
    return texts.get("") or texts.get("vi") or next(iter(texts.values()))

"""Registered metadata of clients that register themselves, by the model of the import file."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from pydantic import ValidationError

from idp.adapters.importing.client_entry import LOCALIZED, ClientEntry
from idp.adapters.importing.client_metadata import ClientMetadata
from idp.adapters.importing.client_record import client_of
from idp.adapters.importing.problems import problems_of
from idp.domain.clients.client import Client
from idp.domain.clients.registration import RefusedMetadata
from idp.domain.ids import ClientId

# What the entry adds to registered metadata whose values depend on each other.
_REGISTERED: Final = frozenset(ClientMetadata.model_fields) | {
    *("application_type", "redirect_uris", "post_logout_redirect_uris", "token_endpoint_auth_method", "grant_types"),
    *("response_types", "scope", "subject_type", "sector_identifier_uri"),
}
# Of our own settings those that the policy of registration decides about; every other one is an administrator's.
_OURS: Final = frozenset({"audience", "minimum_acr", "skip_consent", "profile", "require_pkce", "allowed_origins"})
_NOT_METADATA: Final = frozenset({"client_id", "client_secret"})
_DEFAULTS: Final = ClientEntry(client_id="any").model_dump(mode="json", exclude_none=True, exclude=set(_NOT_METADATA))
_ANY_LANGUAGE: Final = ""


class RegisteredDocument:
    """Implements `ClientMetadataReader`."""

    def __init__(self, algorithms: Callable[[], Collection[str]]) -> None:
        """`algorithms` are those that answers can be signed with now."""
        self._algorithms = algorithms

    def known(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in metadata.items() if _is_known(name)}

    def read(self, client_id: ClientId, metadata: Mapping[str, Any]) -> Client:
        try:
            client = client_of(ClientEntry.model_validate({**metadata, "client_id": client_id}))
        except ValidationError as error:
            # Where a rule is about several members together, the reason begins with the name of the first.
            problem = problems_of(error)[0]
            name = problem.path or problem.reason
            raise RefusedMetadata(name.partition("[")[0].partition(" ")[0].rstrip(":"), str(problem)) from None
        self._refuse_unsigned(client)
        return client

    def _refuse_unsigned(self, client: Client) -> None:
        """Raise `RefusedMetadata` for an algorithm that nothing signs by: every such answer would be refused later."""
        signed_by = self._algorithms()
        for name, algorithm in client.answer_algorithms.items():
            if algorithm not in signed_by:
                raise RefusedMetadata(name, f"no key signs with {algorithm} here; there is {', '.join(signed_by)}")

    def members(self, client: Client) -> dict[str, Any]:
        # As it is stored: what was registered under earlier rules is told, and not refused now.
        told = {name: value for name, value in client.metadata.items() if value is not None}
        members = _DEFAULTS | told
        for name in LOCALIZED:
            members |= _tagged(name, members.pop(name, {}))
        return {
            **members,
            "grant_types": sorted(client.grant_types),
            "response_types": sorted(client.response_types),
            "scope": " ".join(sorted(client.scopes)),
            "id_token_signed_response_alg": client.id_token_signed_response_alg,
            "require_pkce": client.require_pkce,
        }


def _is_known(name: str) -> bool:
    plain, tagged, _ = name.partition("#")
    return plain in _REGISTERED | _OURS and (not tagged or plain in LOCALIZED)


def _tagged(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the members of one text in several languages (RFC 7591 section 2.2)."""
    return {name if language == _ANY_LANGUAGE else f"{name}#{language}": text for language, text in texts.items()}

"""RFC 7591 section 2: client metadata, bounded by policy, read by one model, its references followed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from idp.domain.clients.client import Client
from idp.domain.clients.registration import RefusedMetadata, bounded
from idp.domain.ids import ClientId
from idp.domain.values import dataclass
from idp.ports.client_metadata import ClientMetadataReader
from idp.protocol.errors import InvalidClientMetadataError, InvalidRedirectUriError, OAuthError
from idp.protocol.registration.sector_document import SectorDocuments
from idp.protocol.registration.software_statement import SoftwareStatement, SoftwareStatements

_DEEPEST: Final = 16
"""Levels of JSON; a key set with certificate chains has five."""

STATEMENT: Final = "software_statement"
SECRET_METHODS: Final = frozenset({"client_secret_basic", "client_secret_post"})


@dataclass(frozen=True, slots=True)
class CheckedMetadata:
    """A client as it may be registered, and the statement that it showed."""

    client: Client
    statement: SoftwareStatement | None


class MetadataCheck:
    """Turns what a client sent into what may be registered."""

    def __init__(
        self, reader: ClientMetadataReader, statements: SoftwareStatements, sectors: SectorDocuments, *, legacy: bool
    ) -> None:
        """`legacy`: the deployment allows response types that return tokens in the front channel."""
        self._reader = reader
        self._statements = statements
        self._sectors = sectors
        self._legacy = legacy

    async def check(
        self, client_id: ClientId, sent: Mapping[str, Any], *, kept_statement: str | None = None
    ) -> CheckedMetadata:
        """Return what may be registered under `client_id`; `kept_statement` was verified when it was registered.

        Raises `OAuthError`, and names in its description what is at fault.
        """
        # RFC 7592 section 2.2: null or left out means that the value is to be deleted.
        told = {name: value for name, value in sent.items() if value is not None}
        statement = self._statement(told.pop(STATEMENT, None), kept_statement)
        # RFC 7591 section 2: the server "MUST ignore any client metadata sent by the client that it does not
        # understand".
        metadata = self._reader.known(told)
        if statement is not None:
            metadata |= self._reader.known(statement.metadata)
        elif kept_statement is not None:
            metadata |= self._reader.known(self._statements.kept(kept_statement))
        _refuse_unstorable(metadata)
        try:
            client = self._reader.read(client_id, bounded(metadata, legacy=self._legacy))
        except RefusedMetadata as refused:
            raise _error(refused) from None
        return CheckedMetadata(replace(client, sector=await self._sectors.sector_of(client)), statement)

    def _statement(self, sent: object, kept: str | None) -> SoftwareStatement | None:
        # RFC 7592 section 2.2: what was returned is sent again; it may have expired since.
        if sent is None or sent == kept:
            return None
        return self._statements.verify(sent if isinstance(sent, str) else "")


def _refuse_unstorable(metadata: Mapping[str, Any]) -> None:
    """Raise `InvalidClientMetadataError` for JSON that is kept as it is (keys) and that nothing could keep."""
    try:
        _refuse_depth(metadata, _DEEPEST)
        msgspec.json.encode(metadata)
    except ValueError as error:
        raise InvalidClientMetadataError(
            "The metadata nest too deeply, or hold a character that cannot be kept."
        ) from error


def _refuse_depth(value: object, left: int) -> None:
    if not left:
        raise ValueError("too deep")
    within = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in within:
        _refuse_depth(each, left - 1)


def _error(refused: RefusedMetadata) -> OAuthError:
    # RFC 6749 section 5.2: a description is of printable ASCII, without quotes and backslashes.
    said = refused.reason if refused.reason.startswith(refused.name) else f"{refused.name}: {refused.reason}"
    description = "".join(each if " " <= each <= "~" and each not in '"\\' else "?" for each in said)[:300]
    if refused.name == "redirect_uris":
        return InvalidRedirectUriError(description)
    return InvalidClientMetadataError(description)

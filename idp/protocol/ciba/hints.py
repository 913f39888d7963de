"""OpenID Connect CIBA Core section 7.1: whom a client asks for.

Subject identifiers of this provider cannot be turned back into people, on purpose: an ID token is no hint here, and a
`login_hint_token` is nothing that anybody issues. Both are refused by name.
"""

from collections.abc import Mapping
from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.accounts.sign_in_identifier import parse_sign_in_identifier
from idp.domain.clients.client import Client
from idp.domain.refused_value import RefusedIdentifier
from idp.ports.accounts import Accounts
from idp.protocol.decoupled.errors import MissingHintError, UnknownUserIdError
from idp.protocol.errors import InvalidRequestError

HINTS: Final = ("login_hint", "id_token_hint", "login_hint_token")


class Hints:
    """Finds the person whom a hint names."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def resolve(self, client: Client, parameters: Mapping[str, str]) -> Account:
        """The account. Raises `InvalidRequestError`, and `UnknownUserIdError` for everybody who cannot be asked."""
        given = [name for name in HINTS if name in parameters]
        # Section 7.1: "it is REQUIRED that the Client provides one (and only one) of the hints specified above".
        if len(given) != 1:
            raise MissingHintError
        if given != ["login_hint"]:
            raise InvalidRequestError(f"The {given[0]} is not supported; use login_hint.")
        try:
            identifier = parse_sign_in_identifier(parameters["login_hint"]).canonical
        except RefusedIdentifier as error:
            raise UnknownUserIdError(reason="no identifier") from error
        account = await self._accounts.find(identifier)
        is_served = account is not None and client.serves(account.account_id) and client.audience.admits(account.kind)
        if account is None or not account.is_active or not is_served:
            raise UnknownUserIdError(reason="unknown, locked, or not of the client's audience")
        return account

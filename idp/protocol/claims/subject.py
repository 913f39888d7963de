"""OpenID Connect Core section 8: subject identifiers, pairwise by sector or public."""

from idp.domain.clients.client import Client, SubjectType
from idp.domain.ids import AccountId
from idp.ports.keys import SubjectKeys


def subject_identifier(keys: SubjectKeys, client: Client, account_id: AccountId) -> str:
    """Return the account's `sub` as `client` sees it, always the same one."""
    if client.subject_type is SubjectType.PUBLIC:
        return keys.public_subject(account_id)
    # Section 8.1: "The Subject Identifier value MUST NOT be reversible by any party other than the OpenID Provider."
    # It differs for each sector; a client that has none stands for itself.
    return keys.pairwise_subject(client.sector or f"client:{client.client_id}", account_id)

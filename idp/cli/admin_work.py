"""What `idp admin` does."""

from typing import Any, Final

from idp.cli.opening import Provider
from idp.cli.refusal import Refusal
from idp.domain.accounts.sign_in_identifier import parse_username
from idp.domain.enrolment.activation_link import LIFETIME
from idp.domain.events import OfficerChanged
from idp.domain.ids import AccountId
from idp.domain.offices.administration import Role
from idp.domain.offices.agency_code import parse_agency_code
from idp.domain.offices.officer import NO_AGENCY, NewOfficer, NewPost
from idp.domain.refused_value import RefusedIdentifier
from idp.journeys.activation import IssuedLinks
from idp.ports.officers import UnknownAgencyError, UsernameTakenError

POSITION: Final = "Quản trị viên"


async def create(provider: Provider, username: str, roles: tuple[Role, ...], agency: str) -> dict[str, Any]:
    """Make the account and return what is printed. Raises `Refusal`."""
    name = _username(username)
    agency_code = _agency(agency)
    account_id = AccountId(provider.entropy.identifier())
    told = tuple(sorted({role.value for role in roles}))
    post = NewPost(agency_code=agency_code, position=POSITION, roles=told, held_from=provider.clock.now())
    event = OfficerChanged(
        origin=provider.origin, account_id=account_id, change="added", agency_code=agency_code, roles=told
    )
    try:
        await provider.stores.officers.add(NewOfficer(account_id=account_id, username=name, post=post), event)
    except UsernameTakenError:
        raise Refusal(
            "somebody signs in with this username already", "choose another, or see idp admin link USERNAME"
        ) from None
    except UnknownAgencyError:
        raise Refusal("there is no such agency", "import it first, or leave --agency out") from None
    return await _linked(provider, account_id, name)


async def link(provider: Provider, username: str) -> dict[str, Any]:
    """Make another link and return what is printed. Raises `Refusal`."""
    name = _username(username)
    account_id = await provider.stores.officers.find(name)
    account = await provider.stores.accounts.get(account_id) if account_id else None
    if account is None:
        raise Refusal("no officer has this username", "check it, or see idp admin create")
    if not account.is_active:
        raise Refusal("the account is locked", "unlock it first: idp person unlock USERNAME")
    return await _linked(provider, account.account_id, name)


async def _linked(provider: Provider, account_id: AccountId, username: str) -> dict[str, Any]:
    links = IssuedLinks(provider.stores.activation_links, provider.clock, provider.entropy)
    path = await links.issue(account_id, provider.origin)
    return {
        "username": username,
        "account_id": account_id,
        "activation_link": f"{provider.settings.issuer}{path}",
        "valid_hours": LIFETIME // 3600,
    }


def _username(typed: str) -> str:
    try:
        return parse_username(typed)
    except RefusedIdentifier as refused:
        raise Refusal(refused.reason.rstrip("."), "give an e-mail address or a name") from None


def _agency(typed: str) -> str:
    if not typed:
        return NO_AGENCY
    try:
        return parse_agency_code(typed)
    except RefusedIdentifier as refused:
        raise Refusal(refused.reason.rstrip("."), "give a code such as G10.01") from None

"""What `idp person` does to an account."""

from dataclasses import asdict
from typing import Any

from idp.cli.opening import Provider
from idp.cli.refusal import Refusal
from idp.domain.accounts.account import Account
from idp.domain.accounts.account_lock import NEVER_ENDS, LockGround
from idp.domain.accounts.sign_in_identifier import parse_sign_in_identifier
from idp.domain.events import AccountLocked, ActivationCodeSent
from idp.domain.grants.grant import RevocationReason
from idp.domain.refused_value import RefusedIdentifier
from idp.domain.values import dataclass
from idp.journeys.activation_codes import LIFETIMES, ActivationCodes, Channel


@dataclass(frozen=True, slots=True)
class Summary:
    """An account as an operator sees it: enough to know whose it is, no more."""

    account_id: str
    kind: str
    status: str
    name: str | None
    identity_level: int
    contacts: list[str]
    second_factors: list[str]
    has_password: bool
    agency: str | None
    roles: list[str]
    locks: list[str]

    def document(self) -> dict[str, Any]:
        """Return the summary as plain values."""
        return asdict(self)


async def find_account(provider: Provider, identifier: str) -> Account:
    """Return the account of an identifier as typed. Raises `Refusal` when it is malformed or nobody's."""
    try:
        canonical = parse_sign_in_identifier(identifier).canonical
    except RefusedIdentifier as error:
        raise Refusal(error.reason.rstrip("."), "give a personal number, phone, e-mail or officer username") from None
    account = await provider.stores.accounts.find(canonical)
    if account is None:
        raise Refusal("nobody has this identifier", "check it, or import the person first")
    return account


async def summary(provider: Provider, identifier: str) -> Summary:
    """Return what an operator needs to see. Raises `Refusal` as `find_account` does."""
    return await _summary(provider, await find_account(provider, identifier))


async def set_locked(provider: Provider, identifier: str, ground: LockGround | None, *, locked: bool) -> Summary:
    """Lock or unlock on a ground, and return the account afterwards; nothing is written when it is so already.

    Without a ground an account is unlocked from everything that is ended by hand. Raises `Refusal` as `find_account`
    does, and for a ground that nobody opens or ends by hand.
    """
    account = await find_account(provider, identifier)
    if ground in NEVER_ENDS:
        raise Refusal("this ground is of accounts that are no more", "give another one")
    if locked or not account.is_active:
        reason = ground or LockGround.OPERATOR
        event = AccountLocked(origin=provider.origin, account_id=account.account_id, locked=locked, reason=reason.value)
        await provider.stores.accounts.set_locked(
            account.account_id,
            locked=locked,
            now=provider.clock.now(),
            reason=RevocationReason.ACCOUNT_LOCKED,
            event=event,
            ground=ground,
        )
    return await summary(provider, identifier)


async def activation_code(provider: Provider, identifier: str) -> tuple[str, int]:
    """Return a fresh counter code and for how many hours it is valid. Raises `Refusal` for a locked account."""
    account = await find_account(provider, identifier)
    if not account.is_active:
        raise Refusal("the account is locked", "unlock it first")
    keys = provider.keystore.subject_keys()
    codes = ActivationCodes(provider.stores.short_lived, keys, provider.clock, provider.entropy)
    event = ActivationCodeSent(origin=provider.origin, account_id=account.account_id, channel=Channel.COUNTER.value)
    await provider.stores.audit_trail.record(event)
    return await codes.issue(account.account_id, Channel.COUNTER), LIFETIMES[Channel.COUNTER] // 3600


async def _summary(provider: Provider, account: Account) -> Summary:
    profile = await provider.stores.accounts.profile(account.account_id)
    contacts = await provider.stores.accounts.contacts(account.account_id)
    enrolled = await provider.stores.authenticators.enrolled(account.account_id)
    officer = profile.officer if profile else None
    locks = await provider.stores.account_locks.of_account(account.account_id)
    return Summary(
        account_id=account.account_id,
        kind=account.kind.value,
        status=account.status.value,
        name=profile.claims.get("name") if profile else None,
        identity_level=profile.identity_level if profile else 0,
        contacts=[_masked(contact.address) for contact in contacts],
        second_factors=[authenticator.kind.value for authenticator in enrolled],
        has_password=account.password_hash is not None,
        agency=officer.agency_code if officer else None,
        roles=list(officer.roles) if officer else [],
        locks=[lock.ground.value for lock in locks if lock.ended is None],
    )


def _masked(address: str) -> str:
    """Show the ends of an address: enough to recognise it, too little to use it."""
    name, at, domain = address.partition("@")
    return f"{name[:2]}…@{domain}" if at else f"{address[:5]}…{address[-2:]}"

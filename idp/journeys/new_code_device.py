"""A new device for one-time codes: offered a secret, and taken once it shows a code of it.

The first device of a sign-in and further ones on the account's pages go the same way; what is stored is theirs.
"""

import pyotp

from idp.domain.accounts.account import Authenticator, AuthenticatorKind
from idp.domain.events import SecondFactorRefused
from idp.domain.ids import AccountId, AuthenticatorId
from idp.domain.levels.assurance import Method
from idp.domain.values import dataclass
from idp.journeys.recovery_codes import totp_secret
from idp.journeys.refusals import WrongCodeError
from idp.journeys.second_factor import digits_of, matching_step
from idp.journeys.throttling import SlowDownError, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock, Entropy
from idp.ports.keys import SubjectKeys


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a device is offered: the secret (base32), and the same as an `otpauth` URI for a picture."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCodeDevice:
    """Offers secrets and takes first codes. `issuer_name` is what an app shows beside the code."""

    throttling: Throttling
    keys: SubjectKeys
    audit: AuditTrail
    clock: Clock
    entropy: Entropy
    issuer_name: str

    def proposal(self, seed: str, account_id: AccountId) -> Proposal:
        """What is offered for a `seed`, the same each time that it is shown."""
        secret = totp_secret(self.keys, seed, account_id)
        return Proposal(secret, pyotp.TOTP(secret).provisioning_uri(issuer_name=self.issuer_name))

    async def take(self, secret: str, account_id: AccountId, typed: str, visitor: Visitor) -> Authenticator:
        """The device that shows `typed`; a try is taken for it. Raises `WrongCodeError` or `SlowDownError`."""
        now = self.clock.now()
        try:
            await self.throttling.take(self.throttling.for_enrolment(account_id), now)
        except SlowDownError:
            await self.refused(account_id, "throttled", visitor)
            raise
        step = matching_step(secret, digits_of(typed), now)
        if step is None:
            await self.refused(account_id, "wrong", visitor)
            raise WrongCodeError
        return Authenticator(
            authenticator_id=AuthenticatorId(self.entropy.identifier()),
            account_id=account_id,
            kind=AuthenticatorKind.ONE_TIME_CODE,
            secret=secret,
            created_at=now,
            last_step=step,
        )

    async def refused(self, account_id: AccountId, reason: str, visitor: Visitor) -> None:
        """Record that a device was not taken."""
        event = SecondFactorRefused(
            origin=visitor.origin, account_id=account_id, method=Method.ONE_TIME_CODE, reason=reason
        )
        await self.audit.record(event)

    async def taken(self, account_id: AccountId) -> None:
        """Give the try back."""
        await self.throttling.give_back(self.throttling.for_enrolment(account_id))

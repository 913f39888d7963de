"""Making a passkey: for whoever has proved more than a password, in an attempt or on the account's own pages."""

from dataclasses import replace

from idp.domain.accounts.account import Account, AccountKind, Profile
from idp.domain.authenticators.passkey import MOST_PASSKEYS, Passkey, passkey_name
from idp.domain.events import PasskeyAdded, PasskeyNotAdded, RecoveryCodesRenewed
from idp.domain.ids import AccountId, PasskeyId
from idp.domain.levels.assurance import Method, Proof
from idp.domain.values import dataclass
from idp.journeys.attempt import Attempts, Loaded
from idp.journeys.passkeys.challenges import PasskeyChallenges, Purpose, WrongChallengeError
from idp.journeys.passkeys.refusals import PasskeyNotAddedError, TooManyPasskeysError
from idp.journeys.recovery_codes import recovery_code_hash, recovery_codes
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import SlowDownError, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock, Entropy
from idp.ports.keys import SubjectKeys
from idp.ports.passkey_ceremonies import CeremonyRefusedError, NewCredential, PasskeyCeremonies, PasskeyOwner
from idp.ports.passkeys import Passkeys

LONGEST_ANSWER = 32_768
"""Characters of what a browser sends for a registration, certificates of the authenticator's maker included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRegistrationParts:
    """What making passkeys needs from outside."""

    passkeys: Passkeys
    ceremonies: PasskeyCeremonies
    challenges: PasskeyChallenges
    accounts: Accounts
    authenticators: Authenticators
    attempts: Attempts
    throttling: Throttling
    keys: SubjectKeys
    audit: AuditTrail
    clock: Clock
    entropy: Entropy


class PasskeyRegistration:
    """Makes passkeys. Who may do so is looked at by the pages, which know the step or the session."""

    def __init__(self, parts: PasskeyRegistrationParts) -> None:
        self._parts = parts

    def asks_maker(self, kind: AccountKind) -> bool:
        """Whether an authenticator's maker is asked: of officers, whose work may take protected hardware.

        What model of telephone a citizen has is nobody's business; and nobody is asked whose word would not count.
        """
        return kind is AccountKind.OFFICER and self._parts.ceremonies.believes_makers(self._parts.clock.now())

    async def options_in_attempt(self, loaded: Loaded) -> str:
        """What is asked of the authenticator of whoever signs in. Raises `TooManyPasskeysError`."""
        account = await self._account(loaded.attempt.known_account)
        return await self._options(account, loaded.attempt.attempt_id)

    async def options_in_session(self, current: CurrentSession) -> str:
        """What is asked of the authenticator of whoever is signed in. Raises `TooManyPasskeysError`."""
        return await self._options(current.account, current.session.session_id)

    async def submit_in_attempt(self, loaded: Loaded, answer: str, name: str, visitor: Visitor) -> Loaded:
        """The attempt with a new passkey made, and proved by that. Raises a `RefusedError` or `SlowDownError`."""
        attempt = loaded.attempt
        account = await self._account(attempt.known_account)
        passkey = await self._submit(account, attempt.attempt_id, (answer, name), visitor)
        if await self._keeps_codes(account, attempt.attempt_id, visitor):
            attempt = replace(attempt, enrolment=replace(attempt.enrolment, enrolled=True))
        return await self._parts.attempts.advance(loaded, attempt.proved(Proof(passkey.method, passkey.created_at)))

    async def submit_in_session(self, current: CurrentSession, answer: str, name: str, visitor: Visitor) -> Passkey:
        """The new passkey. Raises a `RefusedError` or `SlowDownError`."""
        return await self._submit(current.account, current.session.session_id, (answer, name), visitor)

    async def _options(self, account: Account, holder: str) -> str:
        known = await self._parts.passkeys.of_account(account.account_id)
        if len(known) >= MOST_PASSKEYS:
            raise TooManyPasskeysError
        profile = await self._parts.accounts.profile(account.account_id)
        return self._parts.ceremonies.creation_options(
            self._parts.challenges.issue(Purpose.REGISTER, holder),
            _owner(account, profile),
            known,
            wants_attestation=self.asks_maker(account.kind),
        )

    async def _submit(self, account: Account, holder: str, sent: tuple[str, str], visitor: Visitor) -> Passkey:
        answer, name = sent
        parts, account_id = self._parts, account.account_id
        throttles = parts.throttling.for_enrolment(account_id)
        try:
            await parts.throttling.take(throttles, parts.clock.now())
            new = await self._verified(account, holder, answer)
        except SlowDownError:
            await self._refused(account_id, "throttled", visitor)
            raise
        except WrongChallengeError as wrong:
            await self._refused(account_id, wrong.reason, visitor)
            raise
        except CeremonyRefusedError as refused:
            await self._refused(account_id, refused.reason, visitor)
            raise PasskeyNotAddedError from refused
        passkey = self._named(account_id, new, name)
        event = PasskeyAdded(
            origin=visitor.origin,
            account_id=account_id,
            passkey_id=passkey.passkey_id,
            method=passkey.method,
            synced=passkey.is_synced,
            aaguid=passkey.aaguid,
        )
        if not await parts.passkeys.add(passkey, event):
            await self._refused(account_id, "known_or_too_many", visitor)
            raise PasskeyNotAddedError
        await parts.throttling.give_back(throttles)
        return passkey

    async def _verified(self, account: Account, holder: str, answer: str) -> NewCredential:
        """Verify what was made; its challenge is used up before anything else is looked at."""
        parts = self._parts
        if len(answer) > LONGEST_ANSWER:
            raise CeremonyRefusedError("malformed")
        unverified = parts.ceremonies.read_registration(answer)
        await parts.challenges.use(Purpose.REGISTER, holder, unverified.challenge)
        return parts.ceremonies.verify_registration(
            unverified, parts.clock.now(), wants_attestation=self.asks_maker(account.kind)
        )

    def _named(self, account_id: AccountId, new: NewCredential, name: str) -> Passkey:
        return Passkey(
            passkey_id=PasskeyId(self._parts.entropy.identifier()),
            account_id=account_id,
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=new.sign_count,
            aaguid=new.aaguid,
            transports=new.transports,
            backup_eligible=new.backup_eligible,
            backed_up=new.backed_up,
            attested_as=new.attested_as,
            created_at=self._parts.clock.now(),
            name=passkey_name(name),
        )

    async def _keeps_codes(self, account: Account, attempt_id: str, visitor: Visitor) -> bool:
        """Give whoever has none recovery codes, for the day on which the device is lost; whether there are new ones."""
        parts, account_id, now = self._parts, account.account_id, self._parts.clock.now()
        if Method.RECOVERY_CODE in await parts.authenticators.methods(account_id, now):
            return False
        codes = recovery_codes(parts.keys, attempt_id, account_id)
        hashes = tuple(recovery_code_hash(parts.keys, account_id, code) for code in codes)
        event = RecoveryCodesRenewed(origin=visitor.origin, account_id=account_id)
        return await parts.authenticators.replace_recovery_codes(account_id, hashes, now, event)

    async def _account(self, account_id: AccountId) -> Account:
        account = await self._parts.accounts.get(account_id)
        if account is None or not account.is_active:
            raise PasskeyNotAddedError
        return account

    async def _refused(self, account_id: AccountId, reason: str, visitor: Visitor) -> None:
        await self._parts.audit.record(PasskeyNotAdded(origin=visitor.origin, account_id=account_id, reason=reason))


def _owner(account: Account, profile: Profile | None) -> PasskeyOwner:
    """What the authenticator shows its owner; it stays there. An officer's place tells the two accounts apart."""
    name = str(profile.claims.get("name", "")) if profile else ""
    shown = f"{name} · {profile.officer.agency_code}" if profile and profile.officer else name
    return PasskeyOwner(account.account_id, shown or account.kind.value, shown or account.kind.value)

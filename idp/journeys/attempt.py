"""A sign-in attempt: what a browser was asked to prove, and how far it came; short-lived, bound to that browser.

It is stored sealed, because a request may carry personal data (a login hint).
"""

from dataclasses import field, replace
from hashlib import sha256
from hmac import compare_digest

from idp.domain.abuse.risk import Risk
from idp.domain.accounts.account import Account, AccountKind
from idp.domain.clients.client import ClientAudience
from idp.domain.ids import AccountId, ClientId, Seconds, SessionId
from idp.domain.levels.assurance import Level, Proof, Resistance
from idp.domain.levels.requirement import Requirement
from idp.domain.values import dataclass
from idp.journeys.sealed_documents import Sealed, SealedDocuments
from idp.ports.clock import Clock, Entropy
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault

RECENT = 300
"""Seconds for which what a session proved is good for enrolling something new: an open session is not its owner."""

LIFETIME = 1800
"""Seconds that a person has for one sign-in, enrolment included."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How far a first enrolment came. The secret and the recovery codes are derived when shown, never kept here.

    `code_sent`: a code left for a verified contact; `activated`: more than the password was proved; `enrolled`:
    one-time codes work; `saved`: the person confirmed that the recovery codes are kept.
    """

    code_sent: bool = False
    activated: bool = False
    enrolled: bool = False
    saved: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt.

    `browser` is the hash of the cookie of the browser that it belongs to. `parameters` are those of the authorization
    request that resumes afterwards (empty: `return_to` is a page of ours). `proofs` were given within the attempt;
    `base_proofs` come from `base_session`, which it steps up. `signed_in` is set when the requirement was met,
    `answered` when a request that asked for a fresh sign-in or consent got its code: what was done for it counts
    once. `principal` is whom the person chose to act for (`domain.representation.principal`), None before. `risk` was
    assessed with the first proof; `trusted`: the person trusts this browser. `on_this_device`: the yes of another
    device does not count. `valid_from` is the account's `sessions_valid_from` when it was read for what was proved:
    whatever ends all sessions moves it, and ends the attempt with them.
    """

    attempt_id: str
    browser: bytes
    created_at: Seconds
    level: Level
    audience: ClientAudience = ClientAudience.BOTH
    client_id: ClientId | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    return_to: str = ""
    reauthenticate: bool = False
    login_hint: str = ""
    account_id: AccountId | None = None
    account_kind: AccountKind | None = None
    always_ask: bool = False
    base_session: SessionId | None = None
    base_proofs: tuple[Proof, ...] = ()
    proofs: tuple[Proof, ...] = ()
    enrolment: Enrolment = field(default_factory=Enrolment)
    signed_in: bool = False
    consented: bool = False
    answered: bool = False
    principal: str | None = None
    resistance: Resistance = Resistance.NONE
    wished: Resistance = Resistance.NONE
    risk: Risk = Risk.NONE
    trusted: bool = False
    on_this_device: bool = False
    valid_from: Seconds | None = None

    @property
    def all_proofs(self) -> tuple[Proof, ...]:
        """What counts towards the requirement."""
        return (*self.base_proofs, *self.proofs)

    @property
    def stands_on_recent_proofs(self) -> bool:
        """Whether what the session proved was proved shortly before the attempt began."""
        return all(proof.at > self.created_at - RECENT for proof in self.base_proofs)

    @property
    def requirement(self) -> Requirement:
        """What is to be reached, whoever signs in; the policy may ask more of this kind of account."""
        return Requirement(self.level, None, self.resistance, self.wished)

    @property
    def known_account(self) -> AccountId:
        """The account of the first factor. Raises `ValueError` before it: pages check the step first."""
        if self.account_id is None:
            message = "the account is known only after the first factor"
            raise ValueError(message)
        return self.account_id

    def identified(self, account: Account) -> "Attempt":
        """The attempt of this account: what was done for another one, or before all was ended, does not count."""
        same = self.account_id == account.account_id and self.valid_from in {None, account.sessions_valid_from}
        return replace(
            self,
            account_id=account.account_id,
            account_kind=account.kind,
            always_ask=account.always_ask_second_factor,
            base_session=self.base_session if same else None,
            base_proofs=self.base_proofs if same else (),
            proofs=self.proofs if same else (),
            enrolment=self.enrolment if same else Enrolment(),
            risk=self.risk if same else Risk.NONE,
            trusted=self.trusted if same else False,
            valid_from=account.sessions_valid_from,
        )

    def proved(self, proof: Proof) -> "Attempt":
        """The attempt with one more proof; a later one of the same method replaces the earlier."""
        others = tuple(known for known in self.proofs if known.method is not proof.method)
        return replace(self, proofs=(*others, proof))


@dataclass(frozen=True, slots=True)
class Loaded:
    """An attempt, and how it stands in the store; `is_ahead`: the store does not know yet how far it came."""

    attempt: Attempt
    sealed: Sealed[Attempt]
    is_ahead: bool = False

    def moved(self, changed: Attempt) -> "Loaded":
        """The attempt moved on, not stored yet: the last step of a sign-in is stored with its end (`SignIn`)."""
        return Loaded(changed, self.sealed, is_ahead=True)


class AttemptChangedError(Exception):
    """Another request of the same person moved the attempt on; read it again."""


class Attempts:
    """Attempts in the short-lived store."""

    def __init__(self, store: ShortLivedStore, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._documents = SealedDocuments(Attempt, store, vault)
        self._store = store
        self._clock = clock
        self._entropy = entropy

    def new_identifier(self) -> str:
        """An identifier that cannot be guessed."""
        return self._entropy.token(16)

    async def begin(self, attempt: Attempt) -> None:
        """Store a new attempt."""
        await self._documents.put(_key(attempt.attempt_id), attempt, _expires_at(attempt))

    async def load(self, attempt_id: str, browser_token: str | None) -> Loaded | None:
        """The attempt, if it lives and belongs to the browser that shows `browser_token`."""
        sealed = await self._documents.get(_key(attempt_id), self._clock.now())
        if sealed is None or not browser_token:
            return None
        attempt = sealed.document
        return Loaded(attempt, sealed) if compare_digest(attempt.browser, browser_hash(browser_token)) else None

    async def advance(self, loaded: Loaded, changed: Attempt) -> Loaded:
        """Store `changed` in place of what was loaded. Raises `AttemptChangedError` when somebody was faster."""
        sealed = await self._documents.replace(loaded.sealed, changed, _expires_at(changed))
        if sealed is None:
            raise AttemptChangedError
        return Loaded(changed, sealed)

    async def keep(self, loaded: Loaded) -> Loaded:
        """Store how far the attempt came, if that is not known yet. Raises `AttemptChangedError`."""
        return await self.advance(loaded, loaded.attempt) if loaded.is_ahead else loaded

    async def end(self, attempt: Attempt) -> None:
        """Forget the attempt: nothing goes on from it."""
        await self._store.delete(_key(attempt.attempt_id))


def browser_hash(token: str) -> bytes:
    """What is stored of the cookie that binds an attempt to a browser."""
    return sha256(token.encode()).digest()


def _expires_at(attempt: Attempt) -> Seconds:
    return Seconds(attempt.created_at + LIFETIME)


def _key(attempt_id: str) -> str:
    return f"attempt:{sha256(attempt_id.encode()).hexdigest()}"

"""The services room: what is registered, each service's way into production, its secrets and its state."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final

from idp.domain.accounts.account import Account
from idp.domain.accounts.sign_in_identifier import parse_sign_in_identifier
from idp.domain.clients.client import Client
from idp.domain.clients.client_secret import SIGNING_METHOD, SealedSecret
from idp.domain.clients.client_secret_rotation import with_new_secret
from idp.domain.clients.onboarding import MOST_TESTERS, SECURITY_LEVELS, Onboarding, OnboardingStage, Verdict, begun
from idp.domain.events import AdministrationRefused, ClientChanged
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.invisible_characters import legible
from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest
from idp.domain.people.vietnamese_collation import fold_marks
from idp.domain.refused_value import RefusedIdentifier
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.client_changes import METADATA, NOT_METADATA, PRODUCTION, ClientStore
from idp.journeys.administration.errors import ChangedMeanwhileError, InvalidEntryError
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.throttling import SlowDownError, Throttling
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clients import ClientRegistry
from idp.ports.clock import Clock, Entropy

PAGE: Final = 50
OVERLAPS: Final = (0, 1, 7, 30)
"""Days for which the secrets before a new one may stay good."""
SECRET_METHODS: Final = frozenset({"client_secret_basic", "client_secret_post", SIGNING_METHOD})
_NO_PAGE: Final = frozenset({"new", ".", ".."})
"""Identifiers whose address in the console is that of another page."""
_DAY: Final = 24 * 3600
_LONGEST_TEXT: Final = 500

SealSecret = Callable[[ClientId, str], SealedSecret]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredGates:
    """What was typed of the agreement, the security level and the purpose; empty where there is none yet."""

    purpose: str = ""
    agreement: str = ""
    agreement_date: str = ""
    security_level: str = ""


@dataclass(frozen=True, slots=True)
class ClientPage:
    """A page of the list; `after` goes on, None at its end."""

    clients: tuple[Client, ...]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientParts:
    """What the desk reads and writes; `seal` keeps the secrets of clients that sign with them."""

    registry: ClientRegistry
    store: ClientStore
    accounts: Accounts
    throttling: Throttling
    audit: AuditTrail
    four_eyes: FourEyes
    seal: SealSecret
    clock: Clock
    entropy: Entropy


class ClientDesk:
    """What the room asks."""

    def __init__(self, parts: ClientParts) -> None:
        self._at = parts

    async def listed(self, admin: Administrator, words: str = "", after: str = "") -> ClientPage:
        """A page of services by identifier: all, or those whose identifier begins with words or whose name has them."""
        admin.must(Action.CLIENTS_VIEW)
        wanted = fold_marks(words.strip())
        if wanted:
            found = await self._at.registry.matching(partial(_fits, wanted), after, PAGE)
        else:
            found = await self._at.registry.page(after, PAGE)
        return ClientPage(found, found[-1].client_id if len(found) == PAGE else None)

    async def find(self, admin: Administrator, client_id: str) -> Client:
        """One service. Raises `NotFoundError`."""
        admin.must(Action.CLIENTS_VIEW)
        return await self._at.store.find(client_id)

    async def register(self, admin: Administrator, client_id: str, metadata: Mapping[str, Any]) -> str | None:
        """Register a service that begins its way, and return its secret; None for one that needs none.

        Raises `InvalidEntryError`, also when the identifier is taken.
        """
        admin.must(Action.CLIENTS_MANAGE)
        if client_id in _NO_PAGE or client_id.endswith("/change"):
            raise InvalidEntryError("client_id", "malformed")
        client = replace(self._at.store.read(client_id, metadata), onboarding=Onboarding())
        secret = None
        if client.token_endpoint_auth_method in SECRET_METHODS:
            secret, client = self._renewed(client, overlap=0)
        event = ClientChanged(
            origin=admin.origin, client_id=client.client_id, change="registered", account_id=admin.account_id
        )
        if not await self._at.registry.add(client, event):
            raise InvalidEntryError("client_id", "taken")
        return secret

    async def change(self, admin: Administrator, client_id: str, changes: Mapping[str, Any]) -> ChangeRequest | None:
        """Change what is registered, by registered names (None deletes one): at once before production, None then.

        In production another administrator decides. Raises `InvalidEntryError`.
        """
        admin.must(Action.CLIENTS_MANAGE)
        client = await self._at.store.find(client_id)
        for name in sorted(NOT_METADATA & set(changes)):
            raise InvalidEntryError(name, "malformed")
        merged = {name: value for name, value in {**client.metadata, **changes}.items() if value is not None}
        changed = self._at.store.changed(client, merged)
        if client.is_in_production and changed != client:
            return await self._at.four_eyes.ask(admin, METADATA, client_id, {"metadata": changed.metadata})
        await self._at.store.step(admin, client, changed, "updated")
        return None

    async def record_gates(self, admin: Administrator, client_id: str, entered: EnteredGates) -> None:
        """Keep agreement, security level and purpose. Raises `InvalidEntryError`."""
        admin.must(Action.CLIENTS_MANAGE)
        client = await self._at.store.find(client_id)
        way = replace(
            _way(client),
            purpose=_text("purpose", entered.purpose),
            agreement=_text("agreement", entered.agreement),
            agreement_date=_date(entered.agreement_date),
            security_level=_level(entered.security_level),
        )
        await self._at.store.step(admin, client, replace(client, onboarding=way), "gates")

    async def start_appraisal(self, admin: Administrator, client_id: str) -> None:
        """Begin an appraisal, whose clock runs from now on. Raises `ChangedMeanwhileError` while one is under way."""
        admin.must(Action.CLIENTS_MANAGE)
        client = await self._at.store.find(client_id)
        way = _way(client)
        if way.appraisal is not None and way.appraisal.verdict is None:
            raise ChangedMeanwhileError
        begun_now = replace(way, appraisal=begun(self._at.clock.now()))
        await self._at.store.step(admin, client, replace(client, onboarding=begun_now), "appraisal_started")

    async def decide_appraisal(self, admin: Administrator, client_id: str, verdict: str) -> None:
        """Say what came of the appraisal. Raises `AdministrationError`."""
        admin.must(Action.CLIENTS_MANAGE)
        if verdict not in set(Verdict):
            raise InvalidEntryError("verdict", "missing")
        client = await self._at.store.find(client_id)
        way = _way(client)
        if way.appraisal is None or way.appraisal.verdict is not None:
            raise ChangedMeanwhileError
        decided = replace(
            way.appraisal,
            verdict=Verdict(verdict),
            decided_at=self._at.clock.now(),
            decided_by=admin.account_id,
        )
        after = replace(client, onboarding=replace(way, appraisal=decided))
        await self._at.store.step(admin, client, after, f"appraisal_{verdict}")

    async def add_tester(self, admin: Administrator, client_id: str, identifier: str) -> None:
        """Let the account of an identifier sign in before production. Raises `InvalidEntryError`.

        Every try counts and leaves a trace: it tells whether somebody has an account.
        """
        admin.must(Action.CLIENTS_MANAGE)
        client = await self._at.store.find(client_id)
        way = _way(client)
        if client.is_in_production or len(way.testers) >= MOST_TESTERS:
            raise ChangedMeanwhileError
        account = await self._tester(admin, identifier)
        testers = tuple(dict.fromkeys((*way.testers, account.account_id)))
        after = replace(client, onboarding=replace(way, testers=testers))
        await self._at.store.step(admin, client, after, "tester_added", account.account_id)

    async def remove_tester(self, admin: Administrator, client_id: str, account_id: str) -> None:
        """Let the account sign in no more. Raises `NotFoundError`."""
        admin.must(Action.CLIENTS_MANAGE)
        client = await self._at.store.find(client_id)
        way = _way(client)
        left = tuple(tester for tester in way.testers if tester != account_id)
        after = replace(client, onboarding=replace(way, testers=left))
        await self._at.store.step(admin, client, after, "tester_removed", AccountId(account_id))

    async def ask_production(self, admin: Administrator, client_id: str) -> ChangeRequest:
        """Ask that the service goes into production. Raises `InvalidEntryError` naming the first gate that is shut."""
        client = await self._at.store.find(client_id)
        if client.is_in_production:
            raise ChangedMeanwhileError
        for gate in _way(client).missing():
            raise InvalidEntryError(gate.value, "gate_shut")
        return await self._at.four_eyes.ask(admin, PRODUCTION, client_id, {})

    async def renew_secret(self, admin: Administrator, client_id: str, overlap_days: int) -> str:
        """Return a new secret, to be shown once; those in force stay good for so many days. Raises likewise."""
        admin.must(Action.CLIENTS_MANAGE)
        client = await self._at.store.find(client_id)
        if overlap_days not in OVERLAPS or client.token_endpoint_auth_method not in SECRET_METHODS:
            raise InvalidEntryError("overlap", "unknown")
        secret, changed = self._renewed(client, overlap=overlap_days * _DAY)
        await self._at.store.step(admin, client, changed, "secret")
        return secret

    async def switch(self, admin: Administrator, client_id: str, *, disabled: bool) -> None:
        """Let nobody sign in there any more, or let them again. Raises `InvalidEntryError` for one that is deleted."""
        admin.must(Action.CLIENTS_MANAGE)
        client = await self._at.store.find(client_id)
        if client.is_deleted and not disabled:
            raise InvalidEntryError("client_id", "deleted")
        await self._at.store.step(
            admin, client, replace(client, disabled=disabled), "disabled" if disabled else "enabled"
        )

    async def _tester(self, admin: Administrator, identifier: str) -> Account:
        account, reason = None, "unknown"
        try:
            throttles = self._at.throttling.for_testers(admin.account_id)
            await self._at.throttling.take(throttles, self._at.clock.now())
            account = await self._at.accounts.find(parse_sign_in_identifier(identifier).canonical)
        except SlowDownError:
            reason = "too_often"
        except RefusedIdentifier:
            reason = "malformed"
        if account is None:
            action = Action.CLIENTS_MANAGE.value
            refused = AdministrationRefused(
                origin=admin.origin, account_id=admin.account_id, action=action, reason=f"tester_{reason}"
            )
            await self._at.audit.record(refused)
            raise InvalidEntryError("identifier", reason)
        return account

    def _renewed(self, client: Client, *, overlap: int) -> tuple[str, Client]:
        secret = self._at.entropy.token()
        sealed = None
        if client.token_endpoint_auth_method == SIGNING_METHOD:
            sealed = self._at.seal(client.client_id, secret)
        digest = hashlib.sha256(secret.encode()).digest()
        return secret, with_new_secret(client, digest, sealed, now=self._at.clock.now(), overlap=overlap)


def is_late(client: Client, now: Seconds) -> bool:
    """Whether the appraisal of a service should have been decided by now."""
    way = client.onboarding
    return way is not None and way.appraisal is not None and way.appraisal.is_late(now)


def _way(client: Client) -> Onboarding:
    """What is recorded of its way; a service from before there were records is in production."""
    return client.onboarding or Onboarding(stage=OnboardingStage.PRODUCTION)


def _fits(wanted: str, client_id: str, names: Mapping[str, str]) -> bool:
    return client_id.lower().startswith(wanted) or any(wanted in fold_marks(name) for name in names.values())


def _text(field: str, typed: str) -> str:
    text = " ".join(legible(typed).split())
    if len(text) > _LONGEST_TEXT:
        raise InvalidEntryError(field, "too_long")
    return text


def _date(typed: str) -> str:
    try:
        return date.fromisoformat(typed.strip()).isoformat() if typed.strip() else ""
    except ValueError:
        raise InvalidEntryError("agreement_date", "malformed") from None


def _level(typed: str) -> int | None:
    if not typed.strip():
        return None
    if typed.strip() not in {str(level) for level in SECURITY_LEVELS}:
        raise InvalidEntryError("security_level", "malformed")
    return int(typed)

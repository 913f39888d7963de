"""Everything that is held about a person as one JSON document, made piece by piece: no secrets, no keys, no hashes.

The names of its members are stable; new ones may be added. docs/claims-governance.md describes them.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from idp.domain.events import DataExported, Origin
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.values import dataclass
from idp.journeys.safety_export import SafetyExport
from idp.journeys.sessions import CurrentSession
from idp.ports.account_closures import AccountClosures
from idp.ports.account_locks import AccountLocks
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.authorities import Guardianships, Mandates
from idp.ports.clock import Clock
from idp.ports.corrections import Corrections
from idp.ports.grants import Consents
from idp.ports.identity_records import IdentityRecords
from idp.ports.record_accesses import RecordAccesses
from idp.ports.releases import Releases

FORMAT: Final = "vn-eid-own-data/1"
PAGE: Final = 200

_TIMES: Final = frozenset({"at", "since", "until", "held_until", "ended", "valid_from", "valid_to", "time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPorts:
    """Everything that holds something about a person."""

    accounts: Accounts
    safety: SafetyExport
    identity_records: IdentityRecords
    consents: Consents
    releases: Releases
    record_accesses: RecordAccesses
    corrections: Corrections
    closures: AccountClosures
    locks: AccountLocks
    mandates: Mandates
    guardianships: Guardianships
    audit: AuditTrail
    clock: Clock


class DataExport:
    """Makes the document."""

    def __init__(self, ports: ExportPorts, issuer: str) -> None:
        self._at = ports
        self._issuer = issuer

    async def begin(self, current: CurrentSession, origin: Origin) -> AsyncGenerator[bytes, None]:
        """Record that the person takes the data away, then return the document in pieces."""
        session = current.session
        event = DataExported(origin=origin, account_id=session.account_id, session_id=session.session_id)
        await self._at.audit.record(event)
        return self._pieces(current)

    async def _pieces(self, current: CurrentSession) -> AsyncGenerator[bytes, None]:
        account = current.account
        head = {"format": FORMAT, "issuer": self._issuer, "exported_at": told_time(self._at.clock.now())}
        yield _encoded(head)[:-1] + b",\n"
        for name, make in self._members(current).items():
            yield _encoded(name) + b": " + _encoded(told(await make())) + b",\n"
        lists = self._lists(account.account_id, account.person_id)
        for position, (name, items) in enumerate(lists.items()):
            yield (b",\n" if position else b"") + _encoded(name) + b": ["
            between = b"\n"
            async for item in items:
                yield between + _encoded(told(item))
                between = b",\n"
            yield b"]"
        yield b"}\n"

    def _members(self, current: CurrentSession) -> dict[str, Callable[[], Awaitable[Any]]]:
        at, account = self._at, current.account

        async def own() -> dict[str, Any]:
            return {
                "account_id": account.account_id,
                "kind": account.kind.value,
                "status": account.status.value,
                "locale": account.locale,
                "always_ask_second_factor": account.always_ask_second_factor,
                "last_recorded_use_at": account.idle_from,
            }

        async def session() -> dict[str, Any]:
            here = current.session
            proofs = [{"method": proof.method.value, "at": proof.at} for proof in here.proofs]
            return {"started_at": here.created_at, "expires_at": here.expires_at, "proofs": proofs}

        async def identity() -> dict[str, Any]:
            record = await at.identity_records.of_account(account.account_id)
            return {} if record is None else _without(msgspec.to_builtins(record), "seal")

        async def closing() -> object:
            return await at.closures.of_account(account.account_id)

        return {"account": own, "this_session": session, "identity_record": identity, "closing": closing}

    def _lists(self, account_id: AccountId, person_id: PersonId) -> dict[str, AsyncIterator[Any]]:
        at = self._at
        return {
            "contacts": _all(lambda: at.accounts.contacts(account_id)),
            "own_claims": self._own_claims(account_id),
            **at.safety.lists(account_id),
            "locks": _all(lambda: at.locks.of_account(account_id)),
            "consents": _all(lambda: at.consents.of_account(account_id)),
            "consent_decisions": _paged(
                lambda after: at.consents.decisions(account_id, after, PAGE), lambda one: one.evidence_id
            ),
            "releases": _paged(
                lambda after: at.releases.of_account(account_id, after, PAGE), lambda one: one.release_id
            ),
            "looks_by_staff": self._looks(person_id),
            "corrections": self._corrections(account_id),
            "mandates": _all(lambda: at.mandates.of_person(person_id)),
            "guardianships": _all(lambda: at.guardianships.of_person(person_id)),
        }

    async def _own_claims(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        profile = await self._at.accounts.profile(account_id)
        for name, value in sorted(profile.claims.items()) if profile else ():
            yield {"name": name, "value": value}

    async def _corrections(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        for request in await self._at.corrections.of_account(account_id):
            # As with looks: who answered has an account that is nobody's business, nor is the office's own change.
            members: dict[str, Any] = msgspec.to_builtins(request)
            yield _without(members, "answered_by", "change_id")

    async def _looks(self, person_id: PersonId) -> AsyncIterator[dict[str, Any]]:
        looks = _paged(
            lambda before: self._at.record_accesses.of_person(person_id, before, PAGE), lambda one: one.access_id
        )
        async for look in looks:
            # The person knows the officer by number and office; the account behind it is nobody's business.
            yield _without(msgspec.to_builtins(look), "officer")


def told(value: Any) -> Any:  # noqa: ANN401 -- whatever is held
    """Return plain values with moments as ISO 8601 writes them; whole seconds end in `_at` or are named so."""
    plain = msgspec.to_builtins(value)
    if isinstance(plain, dict):
        return {name: _told_member(name, member) for name, member in plain.items()}
    return [told(each) for each in plain] if isinstance(plain, list | tuple) else plain


def told_time(seconds: Seconds | int) -> str:
    """Return a moment as ISO 8601 writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _told_member(name: str, value: Any) -> Any:  # noqa: ANN401 -- as above
    is_moment = name in _TIMES or name.endswith(("_at", "_due"))
    return told_time(value) if is_moment and isinstance(value, int) else told(value)


def _without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    return {each: value for each, value in members.items() if each not in names}


async def _all(find: Callable[[], Awaitable[Iterable[Any]]]) -> AsyncIterator[Any]:
    for each in await find():
        yield each


async def _paged(find: Callable[[str], Awaitable[tuple[Any, ...]]], key: Callable[[Any], str]) -> AsyncIterator[Any]:
    after = ""
    while page := await find(after):
        for each in page:
            yield each
        if len(page) < PAGE:
            return
        after = key(page[-1])


def _encoded(value: Any) -> bytes:  # noqa: ANN401 -- as above
    return msgspec.json.encode(value, order="deterministic")

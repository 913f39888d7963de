"""Dangerous changes: one administrator asks, another decides, and only then something happens."""

from collections.abc import Iterable, Mapping
from hmac import compare_digest
from types import MappingProxyType
from typing import Any, Final, Protocol, runtime_checkable

from idp.domain.events import AdministrationRefused, ChangeAsked, ChangeDecided, ChangeFinished, Origin
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.administration import Action, Reach
from idp.domain.offices.change_request import LIFETIME, ChangeRequest, ChangeState
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import (
    AdministrationError,
    AskerNotAllowedError,
    ChangedMeanwhileError,
    NotAllowedError,
    NotFoundError,
)
from idp.ports.accounts import Accounts
from idp.ports.agency_tree import AgencyTree
from idp.ports.audit import AuditTrail
from idp.ports.change_requests import ChangeRequests
from idp.ports.clock import Clock, Entropy

PAGE: Final = 50


class ChangeKind(Protocol):
    """One kind of dangerous change, and how it takes effect."""

    @property
    def name(self) -> str:
        """Stable: records, wording and the JSON API know it by this."""
        ...

    @property
    def asks(self) -> Action:
        """What somebody must be allowed to ask for it."""
        ...

    @property
    def decides(self) -> Action:
        """What somebody must be allowed to decide it."""
        ...

    async def version(self, subject: str) -> str:
        """How the subject stands: the change is void when this differs at the decision. Raises `NotFoundError`."""
        ...

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What the decider reads, by the names of `wording.change_words`: everything that would happen."""
        ...

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        """Let it take effect; once more does nothing more.

        Where the subject no longer stands at `change.version`, nothing happens and `ChangedMeanwhileError` is raised.
        """
        ...


@runtime_checkable
class ShowsRecords(Protocol):
    """A kind of changes that show people's records to whoever looks at them."""

    async def looked(self, change: ChangeRequest, admin: Administrator) -> None:
        """Leave the trace of a look at the change, which the person sees."""
        ...


class Admits(Protocol):
    """Lets administrators in (`journeys.administration.administrator.Administrators`)."""

    async def admit(self, account_id: AccountId, origin: Origin) -> Administrator:
        """Return the administrator with the roles of this moment. Raises `NotAllowedError`."""
        ...


class FourEyes:
    """Asks for changes and decides them."""

    def __init__(
        self,
        changes: ChangeRequests,
        kinds: Iterable[ChangeKind],
        agencies: AgencyTree,
        audit: AuditTrail,
        accounts: Accounts,
        clock: Clock,
        entropy: Entropy,
        *,
        askers: Admits,
    ) -> None:
        self._changes = changes
        self._kinds = MappingProxyType({kind.name: kind for kind in kinds})
        self._agencies = agencies
        self._audit = audit
        self._accounts = accounts
        self._clock = clock
        self._entropy = entropy
        self._askers = askers

    async def ask(self, admin: Administrator, kind: str, subject: str, payload: dict[str, Any]) -> ChangeRequest:
        """Keep a change until it is decided. Raises `AdministrationError`."""
        known = self._kinds[kind]
        admin.must(known.asks)
        now = self._clock.now()
        change = ChangeRequest(
            change_id=self._entropy.identifier(),
            kind=kind,
            subject=subject,
            version=await known.version(subject),
            payload=payload,
            agency_code=admin.agency_code,
            asked_by=admin.account_id,
            asked_at=now,
            expires_at=Seconds(now + LIFETIME),
        )
        event = ChangeAsked(
            origin=admin.origin,
            account_id=admin.account_id,
            change_id=change.change_id,
            kind=kind,
            subject=subject,
            digest=change.digest,
        )
        await self._changes.add(change, event)
        return change

    async def find(self, admin: Administrator, change_id: str) -> ChangeRequest:
        """One change that the administrator may know of. Raises `NotFoundError`."""
        change = await self._changes.get(change_id)
        if change is None or not await self._may_see(admin, change):
            raise NotFoundError
        return change

    async def show(self, admin: Administrator, change_id: str) -> ChangeRequest:
        """One change that is shown as a whole; whose record it shows learns of it. Raises `NotFoundError`."""
        change = await self.find(admin, change_id)
        kind = self._kinds[change.kind]
        if isinstance(kind, ShowsRecords):
            await kind.looked(change, admin)
        return change

    async def listed(self, admin: Administrator, *, decided: bool, before: str = "") -> tuple[ChangeRequest, ...]:
        """A page of changes, the newest first: those that wait, or (`decided`) all others."""
        waiting = (ChangeState.WAITING, ChangeState.APPROVED)
        states = [state for state in ChangeState if (state in waiting) is not decided]
        found: list[ChangeRequest] = []
        for reach in Reach:
            kinds = [kind.name for kind in self._kinds.values() if _reach(admin, kind) is reach]
            within = None if reach is Reach.EVERYWHERE else (admin.agency_code, admin.account_id)
            found += await self._changes.listed(states, kinds, before, PAGE, within)
        return tuple(sorted(found, key=lambda change: change.change_id, reverse=True)[:PAGE])

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What the decider reads."""
        return await self._kinds[change.kind].shown(change)

    def may_decide(self, admin: Administrator, change: ChangeRequest) -> bool:
        """Whether this administrator's decision would count."""
        may = admin.may(self._kinds[change.kind].decides) and change.asked_by != admin.account_id
        return may and (change.is_open(self._clock.now()) or change.state is ChangeState.APPROVED)

    async def refuse(self, admin: Administrator, change_id: str, digest: str) -> None:
        """Decide against it. Raises `AdministrationError`."""
        change = await self._to_decide(admin, change_id, digest)
        await self._decide(admin, change, ChangeState.REFUSED)

    async def withdraw(self, admin: Administrator, change_id: str) -> None:
        """Take the own request back. Raises `AdministrationError`."""
        change = await self.find(admin, change_id)
        if change.asked_by != admin.account_id:
            await self._refused(admin, change, "not_the_asker")
            raise NotAllowedError
        await self._decide(admin, change, ChangeState.WITHDRAWN)

    async def approve(self, admin: Administrator, change_id: str, digest: str) -> None:
        """Decide for it and let it take effect.

        Raises `AdministrationError`: `ChangedMeanwhileError` when `digest` is not of what is asked, when the subject
        changed since, or when somebody decided before; `AskerNotAllowedError` when the asker could not ask now.
        """
        change = await self._to_decide(admin, change_id, digest)
        await self._check_asker(admin, change)
        if await self._kinds[change.kind].version(change.subject) != change.version:
            await self._refused(admin, change, "subject_changed")
            raise ChangedMeanwhileError
        await self._decide(admin, change, ChangeState.APPROVED)
        await self._apply(admin, change)

    async def finish(self, admin: Administrator, change_id: str) -> None:
        """Let an approved change take effect that a stopped process left so. Raises `AdministrationError`."""
        change = await self.find(admin, change_id)
        await self._check_decider(admin, change)
        if change.state is not ChangeState.APPROVED:
            raise ChangedMeanwhileError
        await self._apply(admin, change)

    async def _to_decide(self, admin: Administrator, change_id: str, digest: str) -> ChangeRequest:
        change = await self.find(admin, change_id)
        await self._check_decider(admin, change)
        if not compare_digest(digest.encode(), change.digest.encode()):
            await self._refused(admin, change, "not_what_was_shown")
            raise ChangedMeanwhileError
        if not change.is_open(self._clock.now()):
            raise ChangedMeanwhileError
        return change

    async def _check_decider(self, admin: Administrator, change: ChangeRequest) -> None:
        if not admin.may(self._kinds[change.kind].decides):
            await self._refused(admin, change, "role")
            raise NotAllowedError
        if await self._is_own(admin, change):
            await self._refused(admin, change, "own_change")
            raise NotAllowedError

    async def _check_asker(self, admin: Administrator, change: ChangeRequest) -> None:
        """A request does not outlive the roles of who asked, nor a lock of that account or another agency."""
        try:
            asker = await self._askers.admit(change.asked_by, admin.origin)
            reach = asker.must(self._kinds[change.kind].asks)
            stands = reach is Reach.EVERYWHERE or asker.agency_code == change.agency_code
        except NotAllowedError:
            stands = False
        if not stands:
            await self._refused(admin, change, "asker")
            raise AskerNotAllowedError

    async def _is_own(self, admin: Administrator, change: ChangeRequest) -> bool:
        """Whether one human asks and decides, be it under two accounts."""
        if change.asked_by == admin.account_id:
            return True
        asker, decider = await self._accounts.get(change.asked_by), await self._accounts.get(admin.account_id)
        return asker is not None and decider is not None and asker.person_id == decider.person_id

    async def _decide(self, admin: Administrator, change: ChangeRequest, decision: ChangeState) -> None:
        event = ChangeDecided(
            origin=admin.origin,
            account_id=admin.account_id,
            change_id=change.change_id,
            kind=change.kind,
            decision=decision.value,
            digest=change.digest,
        )
        decided = (admin.account_id, self._clock.now())
        if not await self._changes.move(change.change_id, (ChangeState.WAITING, decision), decided, event):
            raise ChangedMeanwhileError

    async def _apply(self, admin: Administrator, change: ChangeRequest) -> None:
        try:
            await self._kinds[change.kind].apply(change, admin)
        except AdministrationError as error:
            await self._finish(admin, change, ChangeState.FAILED, error.code)
            raise
        await self._finish(admin, change, ChangeState.APPLIED, None)

    async def _finish(
        self, admin: Administrator, change: ChangeRequest, outcome: ChangeState, reason: str | None
    ) -> None:
        event = ChangeFinished(
            origin=admin.origin,
            account_id=admin.account_id,
            change_id=change.change_id,
            kind=change.kind,
            outcome=outcome.value,
            reason=reason,
        )
        await self._changes.move(change.change_id, (ChangeState.APPROVED, outcome), None, event)

    async def _may_see(self, admin: Administrator, change: ChangeRequest) -> bool:
        kind = self._kinds.get(change.kind)
        if kind is None:
            return False
        reach = _reach(admin, kind)
        if reach is None:
            return False
        if reach is Reach.EVERYWHERE or change.asked_by == admin.account_id:
            return True
        return await self._agencies.is_within(change.agency_code, admin.agency_code)

    async def _refused(self, admin: Administrator, change: ChangeRequest, reason: str) -> None:
        action = self._kinds[change.kind].decides
        event = AdministrationRefused(
            origin=admin.origin, account_id=admin.account_id, action=action.value, reason=reason
        )
        await self._audit.record(event)


def _reach(admin: Administrator, kind: ChangeKind) -> Reach | None:
    """How far an administrator sees changes of a kind, as somebody who asks or decides."""
    reaches = [admin.must(action) for action in (kind.asks, kind.decides) if admin.may(action)]
    return max(reaches, default=None)

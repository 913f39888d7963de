"""Getting back in by the word of others: asked, confirmed by enough of them, thought over, and then done."""

from idp.domain.accounts.account import Account, mailbox
from idp.domain.accounts.recovery import (
    KEPT_FOR,
    LADDER,
    OPEN_FOR,
    RecoveryRequest,
    RecoveryState,
    Veto,
    Way,
)
from idp.domain.enrolment.activation_link import link_of_reference
from idp.domain.events import RecoveryAsked, RecoveryStopped
from idp.domain.ids import AccountId, Seconds
from idp.journeys.bound_documents import Held
from idp.journeys.recovery.circle import Circle
from idp.journeys.recovery.recovering import Recovering, RecoveryParts
from idp.journeys.recovery.throttles import for_asking_helpers
from idp.journeys.recovery.tokens import RecoveryTokens, UnknownTokenError
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import Visitor
from idp.ports.clock import Entropy
from idp.ports.mail import MailError


class RecoveryByPeople:
    """What the owner does, and who may stop it."""

    def __init__(self, parts: RecoveryParts, circle: Circle, tokens: RecoveryTokens, entropy: Entropy) -> None:
        self._parts = self.parts = parts
        self.circle = circle
        self.tokens = tokens
        self._entropy = entropy

    async def ask(self, held: Held[Recovering], visitor: Visitor) -> str:
        """Ask those whom the owner trusts; what lets the owner come back. It answers alike where there is nobody."""
        parts, recovering, now = self._parts, held.document, self._parts.clock.now()
        helpers, needed = await self.circle.helpers(recovering.account_id, now)
        request = RecoveryRequest(
            request_id=self._entropy.identifier(),
            account_id=recovering.account_id if needed else None,
            way=Way.PEOPLE,
            lost=recovering.lost,
            asked_at=now,
            expires_at=Seconds(now + OPEN_FOR),
            needed=needed or 0,
        )
        event = RecoveryAsked(
            origin=visitor.origin,
            recovery_id=request.request_id,
            way=request.way.value,
            lost=tuple(sorted(request.lost)),
            account_id=request.account_id,
        )
        await parts.documents.claim(held)
        await parts.recoveries.ask(request, event)
        if request.account_id is not None:
            parts.errands.send(self._tell(request.account_id, helpers, request.request_id, visitor))
        return self.tokens.way_back(request.request_id)

    async def look(self, token: str) -> RecoveryRequest:
        """Return the request of an owner who comes back. Raises `UnknownTokenError`."""
        request = await self._parts.recoveries.get(self.tokens.request_of_way_back(token))
        if request is None:
            raise UnknownTokenError
        return request

    async def come_back(self, token: str) -> Recovering:
        """Return what is proved once the cooling-off is over. Raises `UnknownTokenError`, also before."""
        request = await self.look(token)
        if request.state(self._parts.clock.now()) is not RecoveryState.READY or request.account_id is None:
            raise UnknownTokenError
        return Recovering(
            lost=request.lost,
            began_at=request.asked_at,
            account_id=request.account_id,
            proved=request.way,
            request_id=request.request_id,
        )

    async def stop_by_link(self, token: str, visitor: Visitor) -> bool:
        """Stop the request, or activation link, of a link in a message, and every other open one of the account.

        False, and nothing stopped, when that one was over. Raises `UnknownTokenError`.
        """
        named = self.tokens.request_of_stop(token)
        if (link := link_of_reference(named)) is not None:
            return await self._stop_all(link[0], _veto(link[0], Veto.CONTACT, visitor, named))
        request = await self._parts.recoveries.get(named)
        if request is None:
            raise UnknownTokenError
        if request.account_id is None or Veto.CONTACT not in LADDER[request.way].vetoed_by:
            return False
        return await self._stop_all(request.account_id, _veto(request.account_id, Veto.CONTACT, visitor, named))

    async def stop_by_owner(self, owner: Account, visitor: Visitor) -> bool:
        """Stop every open request about the account of whoever is signed in, and its link; False when there is none."""
        event = _veto(owner.account_id, Veto.SESSION, visitor, by=owner.account_id)
        return await self._stop_all(owner.account_id, event)

    async def stop_by_helper(self, request: RecoveryRequest, visitor: Visitor, helper: AccountId) -> bool:
        """Stop the one request that a helper is asked about; False when it was over."""
        if request.account_id is None or Veto.HELPER not in LADDER[request.way].vetoed_by:
            return False
        now = self._parts.clock.now()
        event = _veto(request.account_id, Veto.HELPER, visitor, request.request_id, helper)
        return await self._parts.recoveries.stop(request.request_id, now, Seconds(now + KEPT_FOR), event)

    async def _stop_all(self, account_id: AccountId, event: RecoveryStopped) -> bool:
        now = self._parts.clock.now()
        keep_until = Seconds(now + KEPT_FOR)
        return await self._parts.recoveries.stop_all(account_id, now, keep_until, event, event.recovery_id)

    async def _tell(self, owner: AccountId, helpers: tuple[AccountId, ...], request_id: str, visitor: Visitor) -> None:
        """Tell the helpers by mail; their pages say it in any case."""
        parts = self._parts
        name = await self.circle.name_of(owner)
        try:
            await parts.throttling.take(for_asking_helpers(owner, visitor.origin.source), parts.clock.now())
        except SlowDownError:
            return
        for helper in helpers:
            account = await parts.accounts.get(helper)
            contact = mailbox(await parts.accounts.contacts(helper))
            if account is None or contact is None:
                continue
            try:
                await parts.messages.help_asked(contact, name, request_id, account.locale or visitor.locale)
            except MailError:
                continue


def _veto(
    owner: AccountId,
    veto: Veto,
    visitor: Visitor,
    recovery_id: str | None = None,
    by: AccountId | None = None,
) -> RecoveryStopped:
    return RecoveryStopped(
        origin=visitor.origin,
        account_id=owner,
        veto=veto.value,
        recovery_id=recovery_id,
        by=by,
    )

"""Choosing at sign-in whom to act for: offered is what the record supports at that moment, and nothing else taken."""

from dataclasses import replace

from idp.domain.events import AuthorityRefused, Origin, PrincipalChosen
from idp.domain.ids import AccountId, ClientId
from idp.domain.representation.authority import Authority, authorities
from idp.domain.representation.mandate import Function
from idp.domain.representation.principal import SELF
from idp.domain.values import dataclass
from idp.journeys.attempt import Attempt, Attempts, Loaded
from idp.ports.audit import AuditTrail
from idp.ports.authorities import Authorities
from idp.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Question:
    """Who chooses, at which client, and what the principal must have allowed for the request at hand."""

    account_id: AccountId
    client_id: ClientId
    functions: frozenset[Function] = frozenset()


class NotOfferedError(Exception):
    """The choice is none of those that the record supports now."""

    def __init__(self) -> None:
        super().__init__("not offered")


class PrincipalStep:
    """Offers principals and takes the choice; it belongs to one attempt, and so to one authorization."""

    def __init__(self, attempts: Attempts, authorities: Authorities, audit: AuditTrail, clock: Clock) -> None:
        self._attempts = attempts
        self._authorities = authorities
        self._audit = audit
        self._clock = clock

    async def offered(self, question: Question) -> tuple[Authority, ...]:
        """Whom the person may act for now, besides oneself."""
        record = await self._authorities.of_account(question.account_id)
        found = authorities(record, question.client_id, self._clock.now())
        return tuple(authority for authority in found if authority.allows(question.functions))

    async def chosen(self, question: Question, attempt: Attempt | None) -> str | None:
        """Whom the person acts for; None when the person has to be asked.

        Whoever has nobody to act for is not asked. A choice counts for the attempt that it was made in, until the
        request is answered, and only as long as the record supports it: after that the person is asked again, even if
        nobody else is left, and does not act for himself or herself unasked.
        """
        offered = await self.offered(question)
        is_own = attempt is not None and not attempt.answered and attempt.account_id == question.account_id
        made = attempt.principal if attempt is not None and is_own else None
        if not offered and made is None:
            return SELF
        known = {SELF, *(str(authority.principal) for authority in offered)}
        return made if made in known else None

    async def name_of(self, question: Question, chosen: str | None) -> str | None:
        """What the chosen principal is called; None for oneself, and for whom the person may not act for now."""
        offered = await self.offered(question)
        return next((each.name for each in offered if str(each.principal) == chosen), None)

    async def choose(self, loaded: Loaded, question: Question, choice: str, origin: Origin) -> Loaded:
        """Take the choice. Raises `NotOfferedError`, recorded, for anything that is not offered now."""
        offered = {str(authority.principal) for authority in await self.offered(question)}
        if choice != SELF and choice not in offered:
            event = AuthorityRefused(
                origin=origin, account_id=question.account_id, client_id=question.client_id, reason="not_offered"
            )
            await self._audit.record(event)
            raise NotOfferedError
        chosen = PrincipalChosen(
            origin=origin, account_id=question.account_id, client_id=question.client_id, principal=choice
        )
        await self._audit.record(chosen)
        return await self._attempts.advance(loaded, replace(loaded.attempt, principal=choice))

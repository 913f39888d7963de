"""`/account/recovery`: whom I trust with letting me back in, who trusts me, and what is under way."""

from collections.abc import Mapping
from typing import Final

from idp.domain.accounts.recovery import FEWEST_PEOPLE, MOST_PEOPLE, PASSWORD, RecoveryRequest, RecoveryState, Way
from idp.domain.enrolment.activation_link import ActivationLink
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level, Resistance
from idp.domain.values import dataclass
from idp.journeys.known_person import NotPossibleError
from idp.journeys.recovery.helping import Helping
from idp.journeys.recovery.people import RecoveryByPeople
from idp.journeys.recovery.proving import Proving
from idp.journeys.recovery.recovering import Recovering
from idp.journeys.recovery.trusting import Bond, Trusting
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import SlowDownError
from idp.ports.activation_links import ActivationLinks
from idp.ports.clock import Clock
from idp.ports.recoveries import Recoveries
from idp.web.moments import moment_of
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.recovery.documents import place
from idp.web.pages.visit import Visit
from idp.web.views.recovery import OwnRecoveryPage, RequestRow, TrustRow

PATH: Final = "/account/recovery"
REQUESTS: Final = f"{PATH}/requests"
STOP: Final = f"{PATH}/stop"
_NOTICES: Final = frozenset({"named", "accepted", "removed", "stopped", "too_late", "slow", "confirmed", "denied"})
_OPEN: Final = frozenset({"waiting", "cooling", "ready"})
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class OpenWays:
    """Where the ways into an account stand."""

    recoveries: Recoveries
    links: ActivationLinks


class OwnRecoveryPages:
    """The list, and what its buttons do. Naming people takes two factors, just now; saying no all that there are."""

    def __init__(
        self,
        trusting: Trusting,
        helping: Helping,
        people: RecoveryByPeople,
        proving: Proving,
        open_ways: OpenWays,
        clock: Clock,
        desk: OwnDataDesk,
    ) -> None:
        self._trusting = trusting
        self._helping = helping
        self._people = people
        self._proving = proving
        self._open_ways = open_ways
        self._clock = clock
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the page."""
        current = await self._desk.let_in(visit)
        return current if isinstance(current, Answer) else await self._draw(visit, current, {}, None)

    async def name(self, visit: Visit) -> Answer:
        """POST the form `trust`."""
        fields = await visit.form()
        current = await self._desk.let_in(visit, Level.TWO, fresh=True, back_to=PATH)
        if isinstance(current, Answer):
            return current
        number, name = fields.get("personal_number", ""), fields.get("name", "")
        try:
            await self._trusting.name(current.account, number, name, visit.visitor)
        except NotPossibleError as refusal:
            return await self._draw(visit, current, fields, refusal.reason)
        return self._told(visit, "named")

    async def remove(self, visit: Visit) -> Answer:
        """POST: trust somebody no longer."""
        await visit.form()
        current = await self._desk.let_in(visit, Level.TWO, back_to=PATH)
        if isinstance(current, Answer):
            return current
        bond = _named(visit, await self._trusting.named_by(current.account))
        done = bond and await self._trusting.remove(current.account, bond.person.helper, visit.visitor)
        return self._told(visit, "removed" if done else "too_late")

    async def accept(self, visit: Visit) -> Answer:
        """POST: be willing to help."""
        await visit.form()
        current = await self._desk.let_in(visit, Level.TWO, back_to=PATH)
        if isinstance(current, Answer):
            return current
        bond = _named(visit, await self._trusting.naming(current.account))
        done = bond and await self._trusting.accept(current.account, bond.person.account_id, visit.visitor)
        return self._told(visit, "accepted" if done else "too_late")

    async def decline(self, visit: Visit) -> Answer:
        """POST: not be willing, or no longer."""
        await visit.form()
        current = await self._desk.let_in(visit, back_to=PATH)
        if isinstance(current, Answer):
            return current
        bond = _named(visit, await self._trusting.naming(current.account))
        done = bond and await self._trusting.decline(current.account, bond.person.account_id, visit.visitor)
        return self._told(visit, "removed" if done else "too_late")

    async def stop(self, visit: Visit) -> Answer:
        """POST: it is not me who asks. Whoever signed in just now may say so, and it ends every open request.

        It takes two factors where there are two: a thief who knows a password would keep the owner out for good.
        """
        await visit.form()
        current = await self._desk.let_owner_in(visit, back_to=PATH)
        if isinstance(current, Answer):
            return current
        done = await self._people.stop_by_owner(current.account, visit.visitor)
        return self._told(visit, "stopped" if done else "too_late")

    async def new_password(self, visit: Visit) -> Answer:
        """POST: a new password without the old one, for whoever signed in with a passkey just now."""
        await visit.form()
        current = await self._desk.let_in(visit, Level.TWO, fresh=True, back_to=PATH)
        if isinstance(current, Answer):
            return current
        if current.session.resistance < Resistance.PHISHING_RESISTANT:
            return self._told(visit, "too_late")
        now = self._clock.now()
        recovering = Recovering(PASSWORD, now, current.account.account_id, proved=Way.PASSKEY)
        held = await self._proving.begin_proved(recovering, visit.browser)
        try:
            await self._proving.send_code(held, visit.visitor)
        except SlowDownError:
            return self._told(visit, "slow")
        return self._desk.desk.redirect(visit, place(held.document_id, "contact"))

    async def _draw(
        self, visit: Visit, current: CurrentSession, typed: Mapping[str, str], refusal: str | None
    ) -> Answer:
        account, notice = current.account, visit.query.get("notice")
        mine = await self._open_ways.recoveries.of_account(account.account_id, self._clock.now(), _SHOWN)
        link = await self._open_ways.links.of_account(account.account_id)
        view = OwnRecoveryPage(
            **self._desk.common(visit),
            people=tuple(
                _trusted(bond, account.sessions_valid_from) for bond in await self._trusting.named_by(account)
            ),
            trusting=tuple(_trusting(bond) for bond in await self._trusting.naming(account)),
            requests=(*self._links(link), *(self._mine(request) for request in mine)),
            asked=tuple(
                RequestRow(
                    state=asked.request.state(self._clock.now()).value,
                    way=asked.request.way.value,
                    asked_at=moment_of(asked.request.asked_at),
                    name=asked.owner,
                    href=f"{REQUESTS}/{asked.request.request_id}",
                )
                for asked in await self._helping.asked_of(account)
            ),
            fewest=FEWEST_PEOPLE,
            most=MOST_PEOPLE,
            passkey_action=f"{PATH}/password" if current.session.resistance >= Resistance.PHISHING_RESISTANT else None,
            notice=notice if notice in _NOTICES and refusal is None else None,
            refusal=refusal,
            personal_number=typed.get("personal_number", "")[:32],
            name=typed.get("name", "")[:256],
        )
        return self._desk.desk.page(visit, view, 400 if refusal else 200)

    def _links(self, link: ActivationLink | None) -> tuple[RequestRow, ...]:
        """The link that somebody could use now: nothing comes sooner."""
        if link is None or not link.is_open(self._clock.now()):
            return ()
        ready, asked_at = RecoveryState.READY.value, moment_of(link.created_at)
        return (RequestRow(state=ready, way=Way.OFFICE.value, asked_at=asked_at, stop_action=STOP),)

    def _mine(self, request: RecoveryRequest) -> RequestRow:
        state = request.state(self._clock.now()).value
        return RequestRow(
            state=state,
            way=request.way.value,
            asked_at=moment_of(request.asked_at),
            ready_at=moment_of(request.ready_at) if request.ready_at is not None and state == "cooling" else None,
            stop_action=STOP if state in _OPEN else None,
        )

    def _told(self, visit: Visit, notice: str) -> Answer:
        return self._desk.desk.redirect(visit, f"{PATH}?notice={notice}")


def _trusted(bond: Bond, sessions_valid_from: Seconds) -> TrustRow:
    counts_from = bond.person.counts_from(sessions_valid_from)
    return TrustRow(
        name=bond.name,
        named_at=moment_of(bond.person.named_at),
        accepted=counts_from is not None,
        counts_from=None if counts_from is None else moment_of(counts_from),
        remove_action=f"{PATH}/people/{bond.handle}/remove",
    )


def _trusting(bond: Bond) -> TrustRow:
    path, accepted = f"{PATH}/trust/{bond.handle}", bond.person.accepted_at is not None
    return TrustRow(
        name=bond.name,
        named_at=moment_of(bond.person.named_at),
        accepted=accepted,
        accept_action=None if accepted else f"{path}/accept",
        remove_action=f"{path}/decline",
    )


def _named(visit: Visit, bonds: tuple[Bond, ...]) -> Bond | None:
    return next((bond for bond in bonds if bond.handle == visit.parameter("handle")), None)

"""The oracle finds what is missing: a real provider is asked for facts that were never acknowledged, or were undone."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from docker.cluster.ports import free_port
from tests.chaos.audit import check_audit
from tests.chaos.embedded_faults import open_embedded
from tests.chaos.journeys import Journeys, step_now
from tests.chaos.ledger import Enrolment, Ledger, Outcome, Session, SignOut
from tests.chaos.oracle import Oracle
from tests.chaos.people import Population
from tests.chaos.place import Embedded, mailed_code
from tests.chaos.receiver import LogoutReceiver, logout_receiver
from tests.chaos.relying_party import RelyingParties
from tests.chaos.wire import Wire, browser_on

pytestmark = pytest.mark.slow


@dataclass
class Run:
    place: Embedded
    journeys: Journeys
    receiver: LogoutReceiver

    @property
    def ledger(self) -> Ledger:
        return self.journeys.ledger

    async def compare(self) -> Ledger:
        await Oracle(self.journeys, self.receiver).check()
        check_audit(self.place, self.ledger)
        return self.ledger


POPULATION = Population(citizens=20, special=2)
AN, BINH, CUONG, DUNG = POPULATION.citizens[:4]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Embedded, LogoutReceiver]]:
    """One provider for all, and where it tells of sign-outs."""
    told = LogoutReceiver(free_port())
    place = open_embedded(tmp_path_factory.mktemp("chaos"), POPULATION, told)
    yield place, told
    place.close()


@pytest.fixture
async def run(served: tuple[Embedded, LogoutReceiver]) -> AsyncIterator[Run]:
    place, told = served
    async with logout_receiver(told.port) as receiver:
        wire = Wire(place.entrance)
        yield Run(place, Journeys(RelyingParties(wire, Ledger()), partial(_mailbox, place)), receiver)
        await wire.hang_up()


async def _mailbox(place: Embedded, person: object) -> str:
    code = mailed_code(place.mail, POPULATION.newcomers[0])
    assert code
    return code


async def test_nothing_is_found_where_nothing_is_missing(run: Run) -> None:
    journeys = run.journeys
    session, code = await journeys.sign_in(AN)
    family = await journeys.parties.redeem(code)
    await journeys.parties.refresh(family)
    await journeys.parties.ask_who(family)
    assert await journeys.code_flow(session) is not None
    _, code = await journeys.sign_in_with_code(BINH, step_now())
    await journeys.parties.redeem(code)
    await journeys.consent(POPULATION.consenting[0])
    await journeys.sign_out(POPULATION.desk[0])
    assert await journeys.use_code_twice(CUONG, step_now()) is not None

    ledger = await run.compare()

    assert (ledger.durable_lost, ledger.single_use_violated, ledger.wrong_identity) == ([], [], [])
    assert ledger.sessions_lost == 0
    assert set(ledger.checked.values()) - {0}
    assert ledger.checked["sign-outs"] == ledger.checked["consents"] == ledger.checked["logout tokens"] == 1


async def test_what_is_gone_is_found(run: Run) -> None:
    journeys, ledger = run.journeys, run.ledger
    _, code = await journeys.sign_in(AN)
    family = await journeys.parties.redeem(code)
    await journeys.parties.refresh(family)
    await journeys.parties.present_turn(family, family.used[0])  # ends the family, which nobody noted
    session, _ = await journeys.sign_in(BINH)
    session.browser.cookies.clear()
    ledger.consents.append(CUONG)
    ledger.enrolments.append(Enrolment(POPULATION.citizens[4], "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", step_now() - 1, ()))
    ledger.outcomes.append(Outcome(("a request of nobody",), frozenset({"session.ended"})))

    found = await run.compare()

    assert sorted(found.durable_lost) == [
        "a consent is asked for again",
        "a refresh family is gone: invalid_grant",
        "an enrolled second factor does not sign in",
        "no audit event session.ended",
    ]
    assert found.sessions_lost == 1


async def test_what_should_be_over_and_is_not_is_found(run: Run) -> None:
    journeys, ledger = run.journeys, run.ledger
    ledger.locks.append(AN)
    session, code = await journeys.sign_in(BINH)
    family = await journeys.parties.redeem(code)
    family.doubt = "told to be over"
    thief = browser_on(journeys.parties.wire)
    thief.cookies = dict(session.browser.cookies)
    ledger.sign_outs.append(SignOut(BINH, thief, family, "a sid"))
    run.receiver.sids.add("a sid")

    found = await run.compare()

    assert sorted(found.durable_lost) == [
        "a locked account signs in",
        "a session lives on after its sign-out",
        "tokens live on after the sign-out",
    ]


async def test_tokens_of_somebody_else_are_found(run: Run) -> None:
    journeys = run.journeys
    _, code = await journeys.sign_in(AN)
    await journeys.parties.redeem(code)
    _, code = await journeys.sign_in(BINH)
    code.person = AN
    code.nonce = "of another request"
    family = await journeys.parties.redeem(code)
    await journeys.parties.ask_who(family)

    assert len(run.ledger.wrong_identity) == 4


async def test_a_code_that_is_honoured_twice_is_found(run: Run) -> None:
    journeys, ledger = run.journeys, run.ledger
    _, code = await journeys.sign_in(AN)
    code.honoured = 1  # as if tokens had come before

    await journeys.parties.present(code)

    assert ledger.single_use_violated == ["an authorization code was honoured twice"]


async def test_a_session_that_ended_is_no_longer_asked_for(run: Run) -> None:
    session, _ = await run.journeys.sign_in(DUNG)
    run.ledger.lose(Session(DUNG, session.browser, doubt=True))
    assert run.ledger.sessions_lost == 0

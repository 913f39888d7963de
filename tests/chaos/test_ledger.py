from tests.chaos.ledger import Ledger, Session
from tests.chaos.people import GATEWAY, PORTAL, Person
from tests.chaos.wire import Entrance, Wire, browser_on

AN, BINH = Person(1), Person(2)


def test_a_person_has_one_subject_at_a_client_and_another_one_elsewhere() -> None:
    ledger = Ledger()
    ledger.identify(PORTAL, AN, "s1")
    ledger.identify(PORTAL, AN, "s1")
    ledger.identify(GATEWAY, AN, "s2")
    ledger.identify(PORTAL, BINH, "s3")
    assert ledger.wrong_identity == []


def test_the_subject_of_somebody_else_is_a_wrong_identity() -> None:
    ledger = Ledger()
    ledger.identify(PORTAL, AN, "s1")
    ledger.identify(PORTAL, BINH, "s1")
    assert len(ledger.wrong_identity) == 1


def test_so_is_another_subject_of_the_same_person() -> None:
    ledger = Ledger()
    ledger.identify(PORTAL, AN, "s1")
    ledger.identify(PORTAL, AN, "s2")
    assert len(ledger.wrong_identity) == 1


def test_a_session_is_lost_once_and_one_that_may_be_over_is_not_lost() -> None:
    ledger = Ledger()
    browser = browser_on(Wire(Entrance("http://localhost:1", "127.0.0.1", 1)))
    session = Session(AN, browser)
    ledger.lose(session)
    ledger.lose(session)
    ledger.lose(Session(BINH, browser, doubt=True))
    assert ledger.sessions_lost == 1

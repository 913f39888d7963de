from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.domain.abuse.place import Place
from idp.journeys.phone_sign_in.surroundings import surroundings_of
from idp.journeys.visitor import Visitor
from tests.journeys.stage import ORIGIN

HANOI = Place("VN", "HN", "Hà Nội", 21.03, 105.85)


def test_a_device_is_kept_by_its_connections_pseudonym_its_browser_and_its_place() -> None:
    browser = BrowserKind(BrowserFamily.FIREFOX, System.WINDOWS)
    found = surroundings_of(Visitor(ORIGIN, "vi", place=HANOI, browser=browser))

    assert (found.connection, found.browser, found.place) == (ORIGIN.source, browser, HANOI)

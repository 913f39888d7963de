from idp.web.edge.draining import Draining


def test_leaving_begins_once_and_is_not_taken_back() -> None:
    draining = Draining()
    assert not draining.begun
    draining.begin()
    draining.begin()
    assert draining.begun

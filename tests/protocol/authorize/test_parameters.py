from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.authorize.parameters import UNDERSTOOD, RequestParameters

NAMES = st.sampled_from(sorted(UNDERSTOOD))


@given(st.dictionaries(NAMES, st.text()), st.lists(st.text()), st.text())
def test_pairs_say_the_same(values: dict[str, str], resources: list[str], reference: str) -> None:
    parameters = RequestParameters(values, tuple(resources), reference)
    assert RequestParameters.of_pairs(parameters.pairs) == parameters


def test_what_means_nothing_here_is_left_out() -> None:
    parameters = RequestParameters.understood({"scope": "openid", "display": "page", "x": "y"}, ["https://api"])
    assert parameters == RequestParameters({"scope": "openid"}, ("https://api",))


def test_nobody_sends_a_reference_among_the_parameters() -> None:
    assert not RequestParameters.understood({"request_uri": "urn:x", "request": "jwt"}, []).reference
    assert UNDERSTOOD.isdisjoint({"request", "request_uri", "resource"})

from dataclasses import replace

import pytest

from idp.domain.ids import ClientId, PersonId, Seconds
from idp.domain.representation.mandate import Function, Mandate, MandateEnd, MandateState
from idp.domain.representation.principal import PrincipalKind

MANDATE = Mandate(
    mandate_id="m",
    giver_kind=PrincipalKind.PERSON,
    giver="giver",
    holder=PersonId("holder"),
    services=frozenset({ClientId("portal")}),
    functions=frozenset({Function.VIEW}),
    valid_from=Seconds(100),
    valid_to=Seconds(200),
    created_by=PersonId("giver"),
    created_at=Seconds(50),
    agreed_at=Seconds(50),
    accepted_at=Seconds(60),
)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (99, MandateState.COMING),
        (100, MandateState.IN_FORCE),
        (199, MandateState.IN_FORCE),
        (200, MandateState.ENDED),
    ],
)
def test_it_is_in_force_from_its_first_day_until_its_last_is_over(at: int, state: MandateState) -> None:
    assert MANDATE.state(Seconds(at)) is state


def test_it_waits_as_long_as_one_side_has_not_agreed() -> None:
    for waiting in (replace(MANDATE, agreed_at=None), replace(MANDATE, accepted_at=None)):
        assert waiting.state(Seconds(150)) is MandateState.WAITING


def test_what_was_ended_stays_so() -> None:
    ended = replace(MANDATE, ended_at=Seconds(120), end=MandateEnd.REVOKED)
    assert ended.state(Seconds(110)) is MandateState.ENDED


def test_it_counts_for_the_services_that_it_names() -> None:
    assert MANDATE.covers(ClientId("portal"))
    assert not MANDATE.covers(ClientId("gateway"))


def test_its_principal_is_the_organisation_or_the_mandate_itself() -> None:
    assert str(MANDATE.principal) == "person:m"
    of_organisation = replace(MANDATE, giver_kind=PrincipalKind.ORGANISATION, giver="0100109106")
    assert str(of_organisation.principal) == "organisation:0100109106"

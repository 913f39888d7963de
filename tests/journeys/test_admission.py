from dataclasses import replace

import pytest

from idp.domain.accounts.account import AccountStatus
from idp.domain.clients.client import ClientAudience
from idp.journeys.admission import obstacle
from idp.journeys.refusals import AccountLockedError, CitizensOnlyError, OfficersOnlyError, RefusedError
from tests.journeys.stage import AN, OFFICER, Stage


@pytest.mark.parametrize(
    ("identifier", "audience", "expected"),
    [
        (AN, ClientAudience.BOTH, None),
        (AN, ClientAudience.CITIZEN, None),
        (AN, ClientAudience.OFFICER, OfficersOnlyError),
        (OFFICER[0], ClientAudience.OFFICER, None),
        (OFFICER[0], ClientAudience.CITIZEN, CitizensOnlyError),
    ],
)
async def test_citizens_and_officers_each_have_their_services(
    stage: Stage, identifier: str, audience: ClientAudience, expected: type[RefusedError] | None
) -> None:
    found = obstacle(await stage.account(identifier), audience)

    assert (type(found) if found else None) is expected


async def test_a_locked_account_signs_in_nowhere(stage: Stage) -> None:
    locked = replace(await stage.account(), status=AccountStatus.LOCKED)

    assert isinstance(obstacle(locked, ClientAudience.BOTH), AccountLockedError)

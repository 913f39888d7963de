"""Operations on Users (RFC 7644 section 3); whole requests are tested as flows."""

import pytest

from idp.domain.ids import ClientId
from idp.journeys.joining import Joining
from idp.journeys.provisioning import Provisioner, Provisioning
from idp.protocol.scim import service
from idp.protocol.scim.errors import ScimError
from idp.protocol.scim.paths import OFFICER
from idp.protocol.scim.service import ScimUsers, Search
from tests.journeys.conftest import prepared, stage
from tests.journeys.stage import ORIGIN, Stage

__all__ = ["prepared", "stage"]

BY = Provisioner(client_id=ClientId("personnel"), root="G10", origin=ORIGIN)


@pytest.fixture
def users(stage: Stage) -> ScimUsers:
    stores = stage.stores
    return ScimUsers(
        issuer="https://idp.example.vn",
        provisioning=Provisioning(
            officers=stores.officers,
            provisioned=stores.provisioned_officers,
            joining=Joining(stores.officers, stores.identity_records, stage.clock, stage.entropy),
            agencies=stores.agencies,
            tree=stores.agency_tree,
            throttling=stage.throttling,
            clock=stage.clock,
        ),
        provisioned=stores.provisioned_officers,
        officers=stores.officers,
        agencies=stores.agencies,
        audit=stores.audit_trail,
        clock=stage.clock,
    )


async def test_a_filter_without_an_identifier_is_matched_against_everybody_within_bounds(
    users: ScimUsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Search(filter=f'{OFFICER}:roles eq "auditor"', start=1, count=5)
    found = await users.search(BY, search)
    assert [each["userName"] for each in found["Resources"]] == ["auditor@g10.example.vn"]
    monkeypatch.setattr(service, "MOST_SEARCHED", 3)
    with pytest.raises(ScimError) as refused:
        await users.search(BY, search)
    assert refused.value.kind == "tooMany"


async def test_an_identifier_that_is_none_finds_nobody(users: ScimUsers) -> None:
    for condition in ('userName eq "?"', 'id eq "nobody"', 'externalId eq "nobody"'):
        assert (await users.search(BY, Search(filter=condition)))["totalResults"] == 0
    with pytest.raises(ScimError) as refused:
        await users.read(BY, "nobody")
    assert refused.value.status == 404


async def test_any_version_can_be_named_by_a_star_and_several_by_a_list(users: ScimUsers) -> None:
    one = (await users.search(BY, Search(filter='userName eq "proofing@g10.example.vn"')))["Resources"][0]
    for seen in ("*", f'W/"other", {one["meta"]["version"]}'):
        assert (await users.replace(BY, one["id"], one, seen)).version == one["meta"]["version"]
    with pytest.raises(ScimError) as refused:
        await users.replace(BY, one["id"], one, 'W/"other"')
    assert refused.value.status == 412

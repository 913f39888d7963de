from dataclasses import replace

import pytest

from idp.domain.accounts.account import AccountStatus
from idp.domain.ids import Seconds
from idp.protocol.errors import InvalidGrantError
from idp.protocol.tokens.account_standing import is_standing, require_standing
from tests.protocol.world import World


async def test_an_active_account_stands(world: World) -> None:
    account = await world.stores.accounts.get(world.citizen)
    require_standing(account, world.grant())


async def test_a_locked_account_does_not(world: World) -> None:
    account = await world.stores.accounts.get(world.citizen)
    assert account is not None
    assert not is_standing(replace(account, status=AccountStatus.LOCKED), world.grant())


def test_an_account_that_is_gone_does_not(world: World) -> None:
    assert not is_standing(None, world.grant())


async def test_a_grant_given_before_a_sign_out_everywhere_does_not(world: World) -> None:
    account = await world.stores.accounts.get(world.citizen)
    assert account is not None
    grant = world.grant()
    later = replace(account, sessions_valid_from=Seconds(grant.created_at + 1))
    with pytest.raises(InvalidGrantError):
        require_standing(later, grant)
    require_standing(replace(account, sessions_valid_from=grant.created_at), grant)


async def test_what_was_not_started_yet_stands_on_what_was_seen_and_not_on_its_moment(world: World) -> None:
    account = await world.stores.accounts.get(world.citizen)
    assert account is not None
    grant = world.grant(valid_from=account.sessions_valid_from)
    require_standing(account, grant)
    ended = replace(account, sessions_valid_from=Seconds(account.sessions_valid_from + 1))
    assert ended.sessions_valid_from < grant.created_at
    assert not is_standing(ended, grant)
    assert is_standing(ended, replace(grant, created_at=Seconds(0), valid_from=ended.sessions_valid_from))

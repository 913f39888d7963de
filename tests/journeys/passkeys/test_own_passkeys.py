from idp.domain.ids import AccountId
from idp.journeys.passkeys.own_passkeys import OwnPasskeys
from tests.authenticator import SoftwareAuthenticator
from tests.journeys.passkeys.keyring import Keyring
from tests.journeys.stage import VISITOR


async def test_an_owner_names_and_removes_passkeys_and_nobody_else_does(keyring: Keyring) -> None:
    own = OwnPasskeys(keyring.stage.stores.passkeys)
    made = await keyring.make(SoftwareAuthenticator(), name="  Điện thoại ")
    mine, stranger = made.account_id, AccountId("nobody")
    assert not await own.rename(stranger, made.passkey_id, "x", VISITOR)
    assert not await own.remove(stranger, made.passkey_id, VISITOR)
    assert [one.name for one in await own.of_account(mine)] == ["Điện thoại"]
    assert await own.rename(mine, made.passkey_id, " Máy\tở nhà ", VISITOR)
    assert [one.name for one in await own.of_account(mine)] == ["Máy ở nhà"]
    assert await own.remove(mine, made.passkey_id, VISITOR)
    assert await own.of_account(mine) == ()
    events = await keyring.stage.events("passkey.re")
    assert len(events) == 2
    assert "Máy" not in "".join(events)

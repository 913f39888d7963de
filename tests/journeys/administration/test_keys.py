import pytest

from idp.adapters.crypto.documents import Document
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.sealed_folder import SealedFolder
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.key_register import KeystoreRegister
from idp.adapters.key_trail import KeyTrail
from idp.domain.ids import AccountId
from idp.domain.offices.administration import Role
from idp.domain.offices.change_request import ChangeState
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError, NotAllowedError, NotFoundError
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.keys import KeyDesk, RetireKey, RotateKeys
from idp.ports.key_register import KeyPurpose
from tests.journeys.administration.standing import EverybodyStands
from tests.journeys.stage import ORIGIN, Stage
from tests.ports.samples import EVENT


def officer(name: str, role: Role = Role.SECURITY_ADMIN) -> Administrator:
    return Administrator(
        account_id=AccountId(name), officer_id=name, agency_code="G10", roles=frozenset({role}), origin=ORIGIN
    )


ASKER, DECIDER = officer("asker"), officer("decider")


class Room:
    """The desk, and the four eyes that it asks."""

    def __init__(self, stage: Stage) -> None:
        settings, stores = stage.settings, stage.stores
        secret = load_secret(settings.secret_file, create=False)
        keystore = FileKeystore(settings.keystore_path, secret, stage.clock)
        self.register = KeystoreRegister(keystore, KeyTrail(keystore, stores.told_keys, stage.clock), rotation_days=90)
        kinds = (RotateKeys(self.register), RetireKey(self.register))
        self.four_eyes = FourEyes(
            stores.change_requests,
            kinds,
            stores.agency_tree,
            stores.audit_trail,
            stores.accounts,
            stage.clock,
            SystemEntropy(),
            askers=EverybodyStands(),
        )
        self.desk = KeyDesk(self.register, self.four_eyes)

    async def states(self, purpose: KeyPurpose = KeyPurpose.SIGNING, algorithm: str = "ES256") -> dict[str, str]:
        keys = await self.register.listed()
        return {key.key_id: key.state for key in keys if (key.purpose, key.algorithm) == (purpose, algorithm)}


@pytest.fixture
def room(stage: Stage) -> Room:
    return Room(stage)


async def test_keys_hand_over_when_two_security_administrators_want_it(stage: Stage, room: Room) -> None:
    before = await room.states()
    (upcoming,) = (key for key, state in before.items() if state == "next")
    change = await room.desk.ask_rotation(ASKER, "signing:ES256")
    assert await room.states() == before
    await room.four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert (await room.states())[upcoming] == "signing"
    assert await stage.events("signing_key.")


async def test_keys_that_were_rotated_since_are_not_rotated_again(room: Room) -> None:
    change = await room.desk.ask_rotation(ASKER, "signing:ES256")
    await room.register.rotate(KeyPurpose.SIGNING, "ES256", ORIGIN)
    now = await room.states()
    with pytest.raises(ChangedMeanwhileError):
        await room.four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert await room.states() == now


async def test_a_published_key_is_believed_no_more_after_two_decided_so(room: Room) -> None:
    (signing,) = (key for key, state in (await room.states()).items() if state == "signing")
    with pytest.raises(ChangedMeanwhileError):
        await room.desk.ask_retirement(ASKER, signing)
    await room.register.rotate(KeyPurpose.SIGNING, "ES256", ORIGIN)
    change = await room.desk.ask_retirement(ASKER, signing)
    assert (await room.four_eyes.shown(change)) == {"key.id": signing}
    await room.four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert signing not in await room.states()


async def test_keys_to_encrypt_to_are_made_anew(stage: Stage, room: Room) -> None:
    before = await room.states(KeyPurpose.ENCRYPTION, "EC")
    change = await room.desk.ask_rotation(ASKER, "encryption:")
    stage.clock.advance(1)
    assert await room.four_eyes.shown(change) == {"key.purpose": "encryption", "key.algorithm": ""}
    await room.four_eyes.approve(DECIDER, change.change_id, change.digest)
    after = await room.states(KeyPurpose.ENCRYPTION, "EC")
    assert {key for key, state in after.items() if state == "current"}.isdisjoint(before)


async def test_what_is_not_there_cannot_be_asked_for(room: Room) -> None:
    for subject in ("signing:HS256", "wrapping:", ""):
        with pytest.raises(NotFoundError):
            await room.desk.ask_rotation(ASKER, subject)
    with pytest.raises(NotFoundError):
        await room.desk.ask_retirement(ASKER, "unknown")


async def test_an_auditor_sees_keys_and_changes_none(room: Room) -> None:
    auditor = officer("auditor", Role.AUDITOR)
    assert {key.purpose for key in await room.desk.listed(auditor)} == set(KeyPurpose)
    with pytest.raises(NotAllowedError):
        await room.desk.ask_rotation(auditor, "signing:ES256")
    with pytest.raises(NotAllowedError):
        await room.desk.listed(officer("clerk", Role.PROOFING_OFFICER))


async def test_a_rotation_that_was_interrupted_after_it_was_done_is_finished_and_not_repeated(
    stage: Stage, room: Room
) -> None:
    change = await room.desk.ask_rotation(ASKER, "signing:ES256")
    approved = (ChangeState.WAITING, ChangeState.APPROVED)
    decided = (DECIDER.account_id, stage.clock.now())
    assert await stage.stores.change_requests.move(change.change_id, approved, decided, EVENT)
    await room.register.rotate(KeyPurpose.SIGNING, "ES256", ORIGIN)
    rotated = await room.states()
    await room.four_eyes.finish(DECIDER, change.change_id)
    assert (await room.four_eyes.find(ASKER, change.change_id)).state is ChangeState.APPLIED
    assert await room.states() == rotated


async def test_a_retirement_that_the_keystore_could_not_write_is_finished_later(
    stage: Stage, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    (signing,) = (key for key, state in (await room.states()).items() if state == "signing")
    await room.register.rotate(KeyPurpose.SIGNING, "ES256", ORIGIN)
    change = await room.desk.ask_retirement(ASKER, signing)
    with monkeypatch.context() as patch:
        patch.setattr(SealedFolder, "write", _full)
        with pytest.raises(KeyMaterialError):
            await room.four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert (await room.four_eyes.find(ASKER, change.change_id)).state is ChangeState.APPROVED
    await room.four_eyes.finish(DECIDER, change.change_id)
    assert signing not in await room.states()


def _full(_folder: SealedFolder, _document: Document) -> None:
    raise KeyMaterialError("the keystore cannot be written", "make room")

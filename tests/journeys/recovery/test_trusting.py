import pytest

from idp.journeys.known_person import NotPossibleError
from tests.journeys.recovery.scene import HELPERS, Scene
from tests.journeys.stage import AN, BINH, OFFICER, VISITOR

DIEU = (HELPERS[0], "Phạm Thị Diệu")


async def test_somebody_is_named_agrees_and_is_let_go(scene: Scene) -> None:
    owner, helper = await scene.owner(), await scene.stage.account(HELPERS[0])
    await scene.trusting.name(owner, *DIEU, VISITOR)
    (bond,) = await scene.trusting.named_by(owner)
    assert (bond.name, bond.person.accepted_at) == ("Phạm Thị Diệu", None)
    (other_side,) = await scene.trusting.naming(helper)
    assert (other_side.name, other_side.handle) == ("Nguyễn Văn An", bond.handle)
    assert await scene.trusting.accept(helper, owner.account_id, VISITOR)
    assert not await scene.trusting.accept(helper, owner.account_id, VISITOR)
    assert await scene.trusting.remove(owner, helper.account_id, VISITOR)
    assert not await scene.trusting.decline(helper, owner.account_id, VISITOR)
    changes = await scene.stage.events("trusted_person.changed")
    assert len(changes) == 3
    for said, event in zip(("named", "accepted", "removed"), changes, strict=True):
        assert f'"change":"{said}"' in event


@pytest.mark.parametrize(
    ("number", "name", "reason"),
    [
        (AN, "Nguyễn Văn An", "oneself"),
        (DIEU[0], "Somebody Else", "person"),
        ("001199999999", DIEU[1], "person"),
        ("001199000002", "Trần Thị Bình", "person"),
        ("nonsense", DIEU[1], "number"),
    ],
)
async def test_who_is_not_known_so_or_not_proved_enough_is_refused_alike(
    scene: Scene, number: str, name: str, reason: str
) -> None:
    with pytest.raises(NotPossibleError) as refused:
        await scene.trusting.name(await scene.owner(), number, name, VISITOR)
    assert refused.value.reason == reason


async def test_nobody_is_named_twice_and_an_officer_names_nobody(scene: Scene) -> None:
    await scene.trusting.name(await scene.owner(), *DIEU, VISITOR)
    with pytest.raises(NotPossibleError, match="named"):
        await scene.trusting.name(await scene.owner(), *DIEU, VISITOR)
    with pytest.raises(NotPossibleError, match="officer"):
        await scene.trusting.name(await scene.stage.account(OFFICER[0]), *DIEU, VISITOR)


async def test_whoever_has_a_mailbox_is_told(scene: Scene) -> None:
    await scene.trust(await scene.stage.account(BINH), await scene.stage.account(HELPERS[0]))
    await scene.trusting.name(await scene.stage.account(HELPERS[0]), AN, "Nguyễn Văn An", VISITOR)
    await scene.errands.settle()
    assert scene.messages.told == [("an@example.vn", "Phạm Thị Diệu")]

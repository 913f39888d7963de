import pytest

from idp.domain.authenticators.account_certificate import MOST, CertificateObstacle, RefusedCertificateError
from idp.journeys.own_certificates import OwnCertificates, OwnCertificatesParts
from idp.journeys.throttling import SlowDownError
from tests.journeys.cards import Cards
from tests.journeys.stage import BINH, OFFICER, VISITOR, Stage


@pytest.fixture
def own(stage: Stage) -> OwnCertificates:
    return OwnCertificates(
        OwnCertificatesParts(
            checks=Cards(),
            certificates=stage.stores.account_certificates,
            throttling=stage.throttling,
            audit=stage.stores.audit_trail,
            clock=stage.clock,
            entropy=stage.entropy,
        )
    )


async def test_an_officer_adds_a_card_by_showing_it_and_takes_it_away(stage: Stage, own: OwnCertificates) -> None:
    account = await stage.account(OFFICER[0])
    card = await own.add(account, b"card", " Thẻ  của Bộ ", VISITOR)
    assert await own.of(account.account_id) == (card,)
    assert card.name == "Thẻ của Bộ"
    assert not await own.remove(await stage.account_id(), card.certificate_id, VISITOR)
    assert await own.remove(account.account_id, card.certificate_id, VISITOR)
    assert await own.of(account.account_id) == ()
    assert [len(await stage.events(f"certificate.{name}")) for name in ("added", "removed", "refused")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("shown", "obstacle"), [(None, CertificateObstacle.NONE_SHOWN), (b"revoked", CertificateObstacle.REVOKED)]
)
async def test_what_is_not_shown_or_does_not_hold_is_not_added(
    stage: Stage, own: OwnCertificates, shown: bytes | None, obstacle: CertificateObstacle
) -> None:
    with pytest.raises(RefusedCertificateError) as refused:
        await own.add(await stage.account(OFFICER[0]), shown, "", VISITOR)
    assert refused.value.obstacle is obstacle
    assert f'"reason":"{obstacle}"' in (await stage.events("certificate.refused"))[-1]


async def test_cards_are_for_officers(stage: Stage, own: OwnCertificates) -> None:
    with pytest.raises(RefusedCertificateError):
        await own.add(await stage.account(BINH), b"card", "", VISITOR)


async def test_whoever_has_the_most_is_told_so_and_so_is_whoever_adds_one_twice(
    stage: Stage, own: OwnCertificates
) -> None:
    account = await stage.account(OFFICER[0])
    await own.add(account, b"card", "", VISITOR)
    with pytest.raises(RefusedCertificateError) as refused:
        await own.add(account, b"card", "", VISITOR)
    assert refused.value.obstacle is CertificateObstacle.ADDED_ALREADY
    for number in range(1, MOST):
        stage.clock.advance(300)
        await own.add(account, b"card-%d" % number, "", VISITOR)
    with pytest.raises(RefusedCertificateError) as refused:
        await own.add(account, b"one too many", "", VISITOR)
    assert refused.value.obstacle is CertificateObstacle.TOO_MANY


async def test_adding_is_throttled(stage: Stage, own: OwnCertificates) -> None:
    account = await stage.account(OFFICER[0])
    for _ in range(10):
        with pytest.raises(RefusedCertificateError):
            await own.add(account, None, "", VISITOR)
    with pytest.raises(SlowDownError):
        await own.add(account, None, "", VISITOR)
    assert "throttled" in (await stage.events("certificate.refused"))[-1]


def test_only_a_card_that_may_be_added_names_anybody(own: OwnCertificates) -> None:
    assert own.holder_named_by(b"card") == "CN=Lê Văn Cường"
    assert own.holder_named_by(b"revoked") is None
    assert own.holder_named_by(None) is None

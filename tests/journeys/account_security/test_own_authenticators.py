from dataclasses import replace

import pytest

from idp.domain.authenticators.account_certificate import AccountCertificate, CheckedCertificate
from idp.domain.authenticators.passkey import Passkey
from idp.domain.ids import AccountId, PasskeyId, Seconds
from idp.domain.levels.assurance import Resistance
from idp.journeys.account_security.own_authenticators import Kind, OwnAuthenticators
from idp.journeys.own_certificates import OwnCertificates, OwnCertificatesParts
from idp.journeys.passkeys.own_passkeys import OwnPasskeys
from idp.ports.person_certificates import PersonCertificates
from tests.journeys.account_security.test_one_time_codes import devices_of
from tests.journeys.stage import BINH, VISITOR, Stage
from tests.ports.samples import EVENT

TRUSTED = "a model that is trusted"


class NoChecks:
    """Checks that nobody asks for here."""

    def check(self, certificate: bytes, now: Seconds) -> CheckedCertificate:
        raise NotImplementedError


async def own_of(stage: Stage, *, cards: bool = True) -> OwnAuthenticators:
    stores = stage.stores
    checks: PersonCertificates = NoChecks()
    certificates = OwnCertificates(
        OwnCertificatesParts(
            checks=checks,
            certificates=stores.account_certificates,
            throttling=stage.throttling,
            audit=stores.audit_trail,
            clock=stage.clock,
            entropy=stage.entropy,
        )
    )
    return OwnAuthenticators(
        devices_of(stage),
        OwnPasskeys(stores.passkeys),
        certificates if cards else None,
        lambda aaguid, _now: aaguid == TRUSTED,
        stage.clock,
    )


async def with_one_of_each(stage: Stage) -> AccountId:
    """An account with a device for codes, a passkey and a card."""
    account_id, now = await stage.account_id(), stage.clock.now()
    passkey = Passkey(
        passkey_id=PasskeyId("passkey-1"),
        account_id=account_id,
        credential_id=b"credential",
        public_key=b"key",
        sign_count=0,
        aaguid="",
        transports=(),
        backup_eligible=True,
        backed_up=True,
        attested_as=None,
        created_at=now,
        name="Điện thoại",
    )
    assert await stage.stores.passkeys.add(passkey, EVENT)
    checked = CheckedCertificate(b"t" * 32, "CN=An", "CN=CA", Seconds(now + 100))
    card = AccountCertificate(
        certificate_id="card-1", account_id=account_id, certificate=checked, name="", created_at=now
    )
    assert await stage.stores.account_certificates.add(card, 10, EVENT)
    return account_id


async def test_everything_that_signs_in_stands_in_one_list(stage: Stage) -> None:
    account_id, own = await with_one_of_each(stage), await own_of(stage)
    passkey, codes, card = await own.of(account_id)
    assert [passkey.kind, codes.kind, card.kind] == [Kind.PASSKEY, Kind.ONE_TIME_CODES, Kind.CERTIFICATE]
    assert (passkey.name, passkey.is_synced) == ("Điện thoại", True)
    assert (card.name, card.ends_at) == ("CN=An", stage.clock.at + 100)
    assert await own.of(await stage.account_id(BINH)) == ()
    assert len(await (await own_of(stage, cards=False)).of(account_id)) == 2


@pytest.mark.parametrize(
    ("attested_as", "aaguid", "synced", "resistance"),
    [
        (None, "", True, Resistance.PHISHING_RESISTANT),
        ("Key 5", TRUSTED, False, Resistance.HARDWARE_PROTECTED),
        ("Key 5", TRUSTED, True, Resistance.PHISHING_RESISTANT),
        ("Key 5", "a model that was broken", False, Resistance.PHISHING_RESISTANT),
    ],
)
async def test_each_withstands_as_much_as_a_sign_in_with_it_today(
    stage: Stage, attested_as: str | None, aaguid: str, synced: bool, resistance: Resistance
) -> None:
    account_id, own = await with_one_of_each(stage), await own_of(stage)
    first, codes, card = await own.of(account_id)
    assert (codes.resistance, card.resistance) == (Resistance.NONE, Resistance.HARDWARE_PROTECTED)
    (stored,) = await stage.stores.passkeys.of_account(account_id)
    assert await own.remove(account_id, first, VISITOR)
    changed = replace(stored, attested_as=attested_as, aaguid=aaguid, backup_eligible=synced, backed_up=synced)
    assert await stage.stores.passkeys.add(changed, EVENT)
    assert (await own.of(account_id))[0].resistance is resistance
    stage.clock.advance(101)
    assert (await own.of(account_id))[-1].resistance is Resistance.NONE


async def test_each_is_found_under_its_own_kind_alone(stage: Stage) -> None:
    account_id, own = await with_one_of_each(stage), await own_of(stage)
    for one in await own.of(account_id):
        assert await own.find(account_id, one.kind, one.identifier) == one
        assert await own.find(await stage.account_id(BINH), one.kind, one.identifier) is None
    assert await own.find(account_id, "codes", "passkey-1") is None
    assert await own.find(account_id, "cars", "passkey-1") is None


async def test_what_has_a_name_of_the_person_s_is_renamed(stage: Stage) -> None:
    account_id, own = await with_one_of_each(stage), await own_of(stage)
    done = {one.kind: await own.rename(account_id, one, "Mới", VISITOR) for one in await own.of(account_id)}
    assert done == {Kind.PASSKEY: True, Kind.ONE_TIME_CODES: True, Kind.CERTIFICATE: False}
    assert [one.name for one in await own.of(account_id)] == ["Mới", "Mới", "CN=An"]


async def test_each_is_removed_once_and_by_its_owner(stage: Stage) -> None:
    account_id, own = await with_one_of_each(stage), await own_of(stage)
    everything = await own.of(account_id)
    for one in everything:
        assert not await own.remove(await stage.account_id(BINH), one, VISITOR)
        assert await own.remove(account_id, one, VISITOR)
        assert not await own.remove(account_id, one, VISITOR)
    assert await own.of(account_id) == ()
    assert [await stage.events(f"{name}.removed") != [] for name in ("passkey", "authenticator", "certificate")] == [
        True
    ] * 3


@pytest.mark.parametrize("cards", [True, False])
async def test_a_card_where_none_signs_in_is_not_removed(stage: Stage, cards: bool) -> None:
    account_id = await with_one_of_each(stage)
    *_, card = await (await own_of(stage)).of(account_id)
    own = await own_of(stage, cards=cards)
    assert own.takes_certificates is cards
    assert await own.remove(account_id, replace(card), VISITOR) is cards

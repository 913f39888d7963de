import pytest

from idp.domain.accounts.account_lock import (
    ABOUT_ORGANISATIONS,
    BY_AN_OPERATOR,
    EFFECTS,
    ENDED_BY_HAND,
    NEVER_ENDS,
    AccountLock,
    Lifter,
    LockGround,
    RegisterEvent,
    Suspender,
    lifter_of,
)
from idp.domain.ids import Seconds

FROM_REGISTERS = {
    LockGround.IDENTITY_CARD,
    LockGround.CARD_EXPIRY,
    LockGround.DEATH,
    LockGround.RESIDENCE,
    LockGround.DISSOLUTION,
}


def test_every_event_of_a_register_has_its_effects() -> None:
    assert set(EFFECTS) == set(RegisterEvent)
    assert not EFFECTS[RegisterEvent.NUMBER_CHANGED]


def test_every_ground_that_a_register_opens_a_register_ends() -> None:
    opened = {effect.ground for effects in EFFECTS.values() for effect in effects if effect.locks}
    ended = {effect.ground for effects in EFFECTS.values() for effect in effects if not effect.locks}
    assert opened == ended == FROM_REGISTERS


def test_nobody_ends_by_hand_what_a_register_or_an_authority_began() -> None:
    assert not FROM_REGISTERS & set(ENDED_BY_HAND)
    assert LockGround.AUTHORITY not in ENDED_BY_HAND


def test_only_organisations_are_dissolved() -> None:
    about = {event for event, effects in EFFECTS.items() if any(e.ground is LockGround.DISSOLUTION for e in effects)}
    assert about == ABOUT_ORGANISATIONS


def lock(ground: LockGround, reference: str = "") -> AccountLock:
    return AccountLock(
        lock_id="l",
        holder="h",
        ground=ground,
        reference=reference,
        authority="",
        since=Seconds(0),
        until=None,
        ended=None,
    )


@pytest.mark.parametrize("ground", LockGround)
def test_it_is_known_who_ends_a_lock_on_every_ground(ground: LockGround) -> None:
    lifter = lifter_of(lock(ground))
    assert (lifter is Lifter.REGISTER) is (ground in FROM_REGISTERS)
    assert (lifter is Lifter.NOBODY) is (ground in NEVER_ENDS)
    by_hand = lifter_of(lock(ground, BY_AN_OPERATOR))
    assert by_hand is (lifter if ground in NEVER_ENDS else Lifter.OPERATOR)


def test_what_was_suspended_from_above_nobody_below_ends() -> None:
    told = {each: lifter_of(lock(LockGround.SUSPENDED, each.value)) for each in Suspender}
    assert told.pop(Suspender.EVERYWHERE) is Lifter.SECURITY_ADMIN
    assert told.pop(Suspender.OPERATOR) is Lifter.OPERATOR
    assert set(told.values()) == {Lifter.AGENCY_ADMIN}

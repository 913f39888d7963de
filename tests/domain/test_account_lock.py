from idp.domain.account_lock import ABOUT_ORGANISATIONS, EFFECTS, ENDED_BY_HAND, LockGround, RegisterEvent

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

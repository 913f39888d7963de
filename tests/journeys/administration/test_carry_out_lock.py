from idp.journeys.administration.carry_out_lock import moved_event
from tests.journeys.administration.test_locks import ASKER, LETTER, Room, room
from tests.journeys.stage import Stage

__all__ = ["room"]


async def test_the_decider_reads_everything_that_the_letter_says(stage: Stage, room: Room) -> None:
    request = await room.forwarded()
    change = await room.desk.ask(ASKER, request.request_id)
    shown = await room.kind.shown(change)
    assert shown == {
        "lock.direction": "lock.lock",
        "lock.account": await stage.account_id(),
        "lock.authority": "A09",
        "lock.reason": "lock_reason.court",
        "lock.legal_reference": "12/CV",
        "lock.document_digest": "a" * 64,
    }


async def test_the_trail_tells_steps_and_no_text(room: Room) -> None:
    request = await room.entered()
    told = moved_event(ASKER, request, late=True).fields()
    assert (told["state"], told["late"]) == ("entered", True)
    assert LETTER.legal_reference not in str(told)
    assert LETTER.authority not in told.values()

"""Across the fault: what was used just before it is shown once more as soon as somebody answers again."""

import asyncio
import time
from functools import partial

from tests.chaos.journeys import step_now
from tests.chaos.load import Load
from tests.chaos.oracle import PATIENCE, insist
from tests.chaos.wire import Refused, Unanswered

SAMPLES = 30
RECENT = 20.0
"""Seconds: codes live for sixty, so that these are refused because they were used and not because they are old."""


async def repeat_across(load: Load, fault: float) -> None:
    """Present codes, refresh tokens and one-time codes of the last seconds before `fault` a second time."""
    codes = asyncio.create_task(_repeat_codes(load, fault))
    turns = asyncio.create_task(_repeat_turns(load))
    one_time_codes = asyncio.create_task(_repeat_one_time_codes(load))
    await asyncio.gather(codes, turns, one_time_codes)


async def _repeat_codes(load: Load, fault: float) -> None:
    parties, ledger = load.journeys.parties, load.journeys.ledger
    recent = [family for family in load.families if 0 <= fault - family.code.redeemed_at < RECENT][-SAMPLES:]
    for family in recent:
        load.families.remove(family)
        family.doubt = "its code was presented again"
    for family in recent:
        code = family.code
        await insist(partial(parties.present, code))
        ledger.checked["codes across the fault"] += 1


async def _repeat_turns(load: Load) -> None:
    parties, ledger = load.journeys.parties, load.journeys.ledger
    turned = [family for family in load.families if family.used][-SAMPLES:]
    for family in turned:
        load.families.remove(family)
        family.doubt = "an older token was presented again"
    for family in turned:
        answer = await insist(partial(parties.present_turn, family, family.used[-1]))
        if answer.status == 200:
            ledger.single_use_violated.append("a refresh token turned before the fault was turned again")
        ledger.checked["refresh tokens across the fault"] += 1


async def _repeat_one_time_codes(load: Load) -> None:
    ledger = load.journeys.ledger
    deadline = time.monotonic() + PATIENCE
    for used in [each for each in ledger.one_time_codes if each.step == step_now()][-SAMPLES:]:
        try:
            again = await insist(partial(load.journeys.repeat_code, used), deadline - time.monotonic())
        except (Unanswered, Refused):
            continue  # nothing was shown: it tells nothing
        if again:
            ledger.single_use_violated.append("a one-time code used before the fault was accepted again")
        if step_now() <= used.step + 1:
            ledger.checked["one-time codes across the fault"] += 1

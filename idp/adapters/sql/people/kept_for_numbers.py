"""What registers told under numbers that nobody here had counts, inside a transaction, once somebody has them.

Whoever keeps something under a number and whoever takes the number wait for one another: by the number's name, and for
imports, which take many numbers, by theirs.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.look_up import is_one_of_the_keys, portions
from idp.adapters.sql.people.register_changes import change_person
from idp.adapters.sql.people.register_marks import PERSONAL_NUMBER, pass_mark
from idp.adapters.sql.tables.locks import kept_number_changes, kept_register_events
from idp.adapters.sql.tables.main import accounts, identifiers
from idp.adapters.sql.unit_of_work import All, Lock, Row, Run, UnitOfWork
from idp.domain.accounts.account_lock import EFFECTS, RegisterEvent
from idp.domain.accounts.sign_in_identifier import IdentifierKind
from idp.domain.events import Origin, RegisterEventReceived
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.values import dataclass
from idp.ports.account_locks import RegisterChange
from idp.ports.clock import Entropy

MOST_NUMBERS: Final = 32
"""Numbers of one human that are followed."""

_NUMBER = IdentifierKind.PERSONAL_NUMBER.value
_event, _change = kept_register_events.c, kept_number_changes.c
WHOSE = (
    select(accounts.c.account_id, accounts.c.person_id)
    .join(identifiers, identifiers.c.account_id == accounts.c.account_id)
    .where(identifiers.c.blind_index == bindparam("number"), identifiers.c.kind == _NUMBER)
)
_CHANGES = select(
    _change.number_index,
    _change.successor_index,
    _change.event_at,
    _change.event_id,
    _change.client_id,
    _change.kept_id,
    _change.change_key,
    _change.change,
).where(or_(_change.number_index == bindparam("number"), _change.successor_index == bindparam("number")))
_EVENTS = select(_event.event_at, _event.event_id, _event.client_id, _event.event_type, _event.ground).where(
    _event.number_index == bindparam("number")
)
_FORGET: Final = (
    delete(kept_register_events).where(_event.number_index == bindparam("number")),
    delete(kept_number_changes).where(_change.number_index == bindparam("number")),
)
# The person is found by it from now on, and nobody else gets it. It signs nobody in before the register issues it.
_CLAIM = insert(identifiers).on_conflict_do_nothing(index_elements=["blind_index"])
_AWAITED: Final = tuple(
    select(column).where(is_one_of_the_keys(column))
    for column in (_event.number_index, _change.number_index, _change.successor_index)
)


@dataclass(frozen=True, slots=True)
class NewestNumber:
    """The number that a register issued last to somebody who came with another one; what it issued is sealed."""

    event_at: int
    event_id: str
    client_id: ClientId
    kept_id: str
    key: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberTaken:
    """Who has a number from now on; `number` is its blind index."""

    number: bytes
    account_id: AccountId
    person_id: PersonId
    now: Seconds
    origin: Origin


_Changes: TypeAlias = dict[tuple[bytes, bytes], NewestNumber]
"""By the number before and the one after."""


def wait_for_numbers(numbers: Iterable[bytes]) -> UnitOfWork[None]:
    """Let nobody else take these numbers, or keep anything under them, until the transaction ends."""
    yield Lock(tuple(f"personal number {number.hex()}" for number in sorted(set(numbers))))


def awaited_numbers(numbers: Sequence[bytes]) -> UnitOfWork[set[bytes]]:
    """Return which of these numbers something was kept about."""
    found = set[bytes]()
    for keys in portions(sorted(numbers)):
        for statement in _AWAITED:
            rows: list[Row] = yield All(statement, keys)
            found |= {bytes(row[0]) for row in rows}
    return found


def count_kept(taken: NumberTaken, entropy: Entropy) -> UnitOfWork[NewestNumber | None]:
    """Let everything that was kept under the number, and under others of the same human, count for who has it now.

    Returns the number that was issued last, where that is another one. Whoever calls this waited for the number before
    taking it, or is alone.
    """
    numbers, changes = yield from _numbers_of_one_human(taken.number)
    kept: list[Row] = []
    for number in sorted(numbers):
        if number != taken.number and not (yield from _claim(number, taken.account_id)):
            continue
        rows: list[Row] = yield All(_EVENTS, {"number": number})
        kept += rows
        if rows or changes:
            for forget in _FORGET:
                yield Run(forget, {"number": number})
    # An event of several grounds lies in several rows.
    for told, rows_of_event in groupby(sorted(kept), key=itemgetter(0, 1, 2, 3)):
        yield from _count(taken, told, {row[4] for row in rows_of_event}, entropy)
    if not changes:
        return None
    (_, number_issued), newest = max(changes.items(), key=lambda change: change[1].event_at)
    if number_issued != taken.number:
        return newest
    yield from pass_mark(taken.person_id, PERSONAL_NUMBER, newest.event_at, newest.event_id, locks=False)
    return None


def _claim(number: bytes, account_id: AccountId) -> UnitOfWork[bool]:
    """Let the account have another number of the same human; False where somebody has it."""
    claimed: int = yield Run(
        _CLAIM, {"blind_index": number, "account_id": account_id, "kind": _NUMBER, "verified_at": None}
    )
    return bool(claimed)


def _count(taken: NumberTaken, told: tuple[Any, ...], grounds: set[str], entropy: Entropy) -> UnitOfWork[None]:
    event_at, event_id, client_id, event_type = told
    effects = [effect for effect in EFFECTS[RegisterEvent(event_type)] if effect.ground.value in grounds]
    event = RegisterEventReceived(
        origin=taken.origin, client_id=ClientId(client_id), event_type=event_type, event_id=event_id, outcome=""
    )
    change = RegisterChange(effects=effects, event_at=event_at, event_id=event_id, now=taken.now)
    yield from change_person(taken.person_id, change, event, entropy)


def _numbers_of_one_human(number: bytes) -> UnitOfWork[tuple[set[bytes], _Changes]]:
    """Return every number that became this one or that it became, at whatever remove, and those changes.

    Nothing more is kept about any of them until the transaction ends.
    """
    waited = {number}
    while True:
        found, changes, beginnings = {number}, _Changes(), [number]
        while beginnings and len(found) < MOST_NUMBERS:
            rows: list[Row] = yield All(_CHANGES, {"number": beginnings.pop()})
            told = {(bytes(before), bytes(after)): NewestNumber(*rest) for before, after, *rest in rows}
            beginnings += {each for pair in told for each in pair} - found
            found |= {each for pair in told for each in pair}
            changes |= told
        if found <= waited:
            return found, changes
        yield from wait_for_numbers(found - waited)
        waited |= found

"""Ways back into accounts on SQL: a veto and a reset meet at one row, and the first of them takes it."""

from typing import Final

from sqlalchemy import and_, bindparam, case, delete, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.authenticators.enrolled_methods import forget_authenticators, methods_of
from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.officers.activation_links import end_open_link
from idp.adapters.sql.people.accounts import change_password
from idp.adapters.sql.single_requests import every_row, first_row
from idp.adapters.sql.tables.main import accounts, recovery_codes
from idp.adapters.sql.tables.recovery import recovery_requests, recovery_words
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.recovery import Credential, RecoveryRequest, RecoveryState, Way
from idp.domain.enrolment.activation_link import link_of_reference
from idp.domain.events import Event
from idp.domain.ids import AccountId, ClientId, Seconds, TokenHash
from idp.domain.levels.assurance import has_second_factor
from idp.ports.clock import Entropy
from idp.ports.recoveries import Reset, Word

_row = recovery_requests.c
_word = recovery_words.c
_code = recovery_codes.c
_COLUMNS = (
    *(_row.request_id, _row.account_id, _row.way, _row.lost, _row.asked_at, _row.open_until, _row.needed),
    *(_row.confirmed, _row.ready_at, _row.ended, _row.ended_at),
)
_ID = _row.request_id == bindparam("of_request")
_ASK = insert(recovery_requests)
_GET = select(*_COLUMNS).where(_ID)
_OF_CODE = select(*_COLUMNS).where(_row.code_hash == bindparam("of_code"))
_of_account = _row.account_id == bindparam("of_account")
_stands_open = (_row.ended.is_(None), _row.open_until > bindparam("now"))
_is_open = (_ID, *_stands_open)
# What comes soonest first. Strangers begin requests; they neither confirm one nor hand a code over.
_NEARNESS = case(
    (and_(*_stands_open, _row.ready_at.is_not(None)), literal_column("0")),
    (and_(*_stands_open, _row.confirmed > literal_column("0")), literal_column("1")),
    (and_(*_stands_open), literal_column("2")),
    else_=literal_column("3"),
)
_OF_ACCOUNT = select(*_COLUMNS).where(_of_account).order_by(_NEARNESS, _row.request_id.desc()).limit(bindparam("most"))
_WAITING = select(*_COLUMNS).where(
    _of_account, *_stands_open, _row.ready_at.is_(None), _row.way == bindparam("by_people")
)
_GIVE_WORD = upsert(recovery_words).on_conflict_do_nothing(index_elements=["word_id"]).returning(_word.word_id)
_COUNT_WORD = (
    update(recovery_requests)
    .where(*_is_open, _row.ready_at.is_(None))
    .values(confirmed=_row.confirmed + 1)
    .returning(_row.confirmed, _row.needed)
)
_BEGIN_COOLING = (
    update(recovery_requests)
    .where(_ID)
    .values(ready_at=bindparam("from_now"), open_until=bindparam("until"), expires_at=bindparam("until"))
)
_WORDS = select(_word.helper).where(_word.request_id == bindparam("of_request"))
_END = (
    update(recovery_requests)
    .where(*_is_open)
    .values(ended=bindparam("end"), ended_at=bindparam("now"), expires_at=bindparam("until"))
    .returning(_row.request_id)
)
_END_OPEN = (
    update(recovery_requests)
    .where(_of_account, *_stands_open)
    .values(ended=bindparam("end"), ended_at=bindparam("now"), expires_at=bindparam("until"))
    .returning(_row.request_id)
)
_FINISH = (
    update(recovery_requests)
    .where(*_is_open, _row.account_id == bindparam("of_account"), _row.ready_at <= bindparam("ready_by"))
    .values(
        ended=RecoveryState.DONE.value,
        ended_at=bindparam("now"),
        held_until=bindparam("held"),
        expires_at=bindparam("until"),
    )
    .returning(_row.request_id)
)
_END_OTHERS = (
    update(recovery_requests)
    .where(_row.account_id == bindparam("of_account"), _row.ended.is_(None))
    .values(ended=RecoveryState.STOPPED.value, ended_at=bindparam("now"), expires_at=bindparam("until"))
)
_STANDS = select(accounts.c.account_id).where(
    accounts.c.account_id == bindparam("of_account"),
    accounts.c.status == AccountStatus.ACTIVE.value,
    # Sessions that were ended at the very second in which the proofs began were ended before: moments are whole.
    accounts.c.sessions_valid_from <= bindparam("since") + 1,
)
_CODE = (_code.account_id == bindparam("of_account"), _code.code_hash == bindparam("code"), _code.used_at.is_(None))
_CODE_STANDS = select(_code.account_id).where(*_CODE)
_USE_CODE = update(recovery_codes).where(*_CODE).values(used_at=bindparam("now")).returning(_code.account_id)
_HELD = (
    select(_row.held_until)
    .where(_row.account_id == bindparam("of_account"), _row.held_until > bindparam("now"))
    .order_by(_row.held_until.desc())
    .limit(1)
)
_EVER: Final = 2**62
"""Seconds; later than any moment that is kept."""

# The words first: which are about the account is told by its requests.
FORGET_RECOVERIES: Final = (
    delete(recovery_words).where(_word.helper == bindparam("of_account")),
    delete(recovery_words).where(_word.request_id.in_(select(_row.request_id).where(_of_account))),
    delete(recovery_requests).where(_of_account),
)


class _HoldsNoMore(Exception):
    """Undoes what a reset did so far; never leaves this module."""


class SqlRecoveries:
    """Implements `Recoveries`."""

    def __init__(self, database: Database, entropy: Entropy) -> None:
        self._database = database
        self._entropy = entropy

    async def ask(self, request: RecoveryRequest, event: Event, code_hash: TokenHash | None = None) -> None:
        await self._database.write(_ask(request, code_hash), [event])

    async def get(self, request_id: str) -> RecoveryRequest | None:
        row = await self._database.run_read(first_row(One(_GET, {"of_request": request_id})))
        return None if row is None else _read(row)

    async def of_code(self, code_hash: TokenHash) -> RecoveryRequest | None:
        row = await self._database.run_read(first_row(One(_OF_CODE, {"of_code": code_hash})))
        return None if row is None else _read(row)

    async def of_account(self, account_id: AccountId, now: Seconds, limit: int) -> tuple[RecoveryRequest, ...]:
        asked = All(_OF_ACCOUNT, {"of_account": account_id, "now": now, "most": limit})
        return tuple(map(_read, await self._database.run_read(every_row(asked))))

    async def waiting(self, account_id: AccountId, now: Seconds) -> tuple[RecoveryRequest, ...]:
        asked = All(_WAITING, {"of_account": account_id, "now": now, "by_people": Way.PEOPLE.value})
        return tuple(map(_read, await self._database.run_read(every_row(asked))))

    async def confirm(self, word: Word, now: Seconds, event: Event, last: Event) -> RecoveryRequest | None:
        return await self._database.write(_confirm(word, now, event, last))

    async def confirmed_by(self, request_id: str) -> frozenset[AccountId]:
        rows = await self._database.run_read(every_row(All(_WORDS, {"of_request": request_id})))
        return frozenset(AccountId(row[0]) for row in rows)

    async def stop(self, request_id: str, now: Seconds, keep_until: Seconds, event: Event) -> bool:
        return await self._database.write(_stop(request_id, now, keep_until, event))

    async def stop_all(
        self, account_id: AccountId, now: Seconds, keep_until: Seconds, event: Event, named: str | None = None
    ) -> bool:
        return await self._database.write(_stop_all(account_id, now, keep_until, event, named))

    async def reset(self, reset: Reset, event: Event) -> tuple[ClientId, ...] | None:
        try:
            return await self._database.write(_reset(reset, event, self._entropy))
        except _HoldsNoMore:
            return None

    async def recovery_code_stands(self, account_id: AccountId, code_hash: bytes) -> bool:
        asked = One(_CODE_STANDS, {"of_account": account_id, "code": code_hash})
        return await self._database.run_read(first_row(asked)) is not None

    async def held_until(self, account_id: AccountId, now: Seconds) -> Seconds | None:
        row = await self._database.run_read(first_row(One(_HELD, {"of_account": account_id, "now": now})))
        return None if row is None else Seconds(row[0])


def _ask(request: RecoveryRequest, code_hash: TokenHash | None) -> UnitOfWork[None]:
    yield Run(
        _ASK,
        {
            "request_id": request.request_id,
            "account_id": request.account_id,
            "way": request.way.value,
            "lost": " ".join(sorted(request.lost)),
            "code_hash": code_hash,
            "needed": request.needed,
            "confirmed": request.confirmed,
            "asked_at": request.asked_at,
            "ready_at": request.ready_at,
            "ended": None,
            "ended_at": None,
            "held_until": None,
            "open_until": request.expires_at,
            "expires_at": request.expires_at,
        },
    )


def _confirm(word: Word, now: Seconds, event: Event, last: Event) -> UnitOfWork[RecoveryRequest | None]:
    request = {"of_request": word.request_id}
    given = {"request_id": word.request_id, "helper": word.helper, "given_at": now, "expires_at": word.expires_at}
    yield Lock((f"recovery {word.request_id}",))
    if (yield One(_GIVE_WORD, {"word_id": f"{word.request_id} {word.helper}", **given})) is None:
        return None
    counted: Row | None = yield One(_COUNT_WORD, {**request, "now": now})
    if counted is None:
        # The word is left where it is: it counts for nothing.
        return None
    yield Append(event)
    confirmed, needed = counted
    if confirmed >= needed:
        yield Run(_BEGIN_COOLING, {**request, "from_now": word.ready_at, "until": word.expires_at})
        yield Append(last)
    row: Row = yield One(_GET, request)
    return _read(row)


def _stop(request_id: str, now: Seconds, keep_until: Seconds, event: Event) -> UnitOfWork[bool]:
    values = {"of_request": request_id, "now": now, "end": RecoveryState.STOPPED.value, "until": keep_until}
    row: Row | None = yield One(_END, values)
    if row is None:
        return False
    yield Append(event)
    return True


def _stop_all(
    account_id: AccountId, now: Seconds, keep_until: Seconds, event: Event, named: str | None
) -> UnitOfWork[bool]:
    values = {"now": now, "end": RecoveryState.STOPPED.value, "until": keep_until}
    # A reset ends the same rows, and holds this too: neither waits for a row that the other has while it has one.
    yield Lock((account_lock(account_id),))
    link = None if named is None else link_of_reference(named)
    if link is None and named is not None and (yield One(_END, {**values, "of_request": named})) is None:
        return False
    had_link = yield from end_open_link(account_id, now, link[1] if link else None)
    if link is not None and not had_link:
        return False
    rows: list[Row] = yield All(_END_OPEN, {**values, "of_account": account_id})
    if named is None and not rows and not had_link:
        return False
    yield Append(event)
    return True


def _reset(reset: Reset, event: Event, entropy: Entropy) -> UnitOfWork[tuple[ClientId, ...]]:
    """Use up what the reset stands on and replace the password; raises `_HoldsNoMore`, and nothing is used up."""
    account = {"of_account": reset.account_id}
    # Whoever locks the account holds this too: the lock is there before, and wins, or ends what comes of this.
    yield Lock((account_lock(reset.account_id),))
    stands: Row | None = yield One(_STANDS, {**account, "since": reset.since})
    if stands is None:
        raise _HoldsNoMore
    if reset.needs_factor and not has_second_factor((yield from methods_of(reset.account_id, reset.now))):
        raise _HoldsNoMore
    times = {"now": reset.now, "until": reset.keep_until}
    if reset.request_id is not None:
        ready_by = _EVER if reset.waits_no_more else reset.now
        values = {**account, **times, "of_request": reset.request_id, "held": reset.held_until, "ready_by": ready_by}
        finished: Row | None = yield One(_FINISH, values)
        if finished is None:
            raise _HoldsNoMore
    if reset.recovery_code_hash is not None:
        used: Row | None = yield One(_USE_CODE, {**account, "code": reset.recovery_code_hash, "now": reset.now})
        if used is None:
            raise _HoldsNoMore
    yield Run(_END_OTHERS, {**account, **times})
    if reset.forgets_factors:
        yield from forget_authenticators(reset.account_id)
    return (yield from change_password(reset.account_id, reset.password_hash, reset.now, event, entropy))


def _read(row: Row) -> RecoveryRequest:
    request_id, account_id, way, lost, asked_at, open_until, needed, confirmed, ready_at, ended, ended_at = row
    return RecoveryRequest(
        request_id=request_id,
        account_id=None if account_id is None else AccountId(account_id),
        way=Way(way),
        lost=frozenset(map(Credential, lost.split())),
        asked_at=Seconds(asked_at),
        expires_at=Seconds(open_until),
        needed=needed,
        confirmed=confirmed,
        ready_at=None if ready_at is None else Seconds(ready_at),
        ended=None if ended is None else RecoveryState(ended),
        ended_at=None if ended_at is None else Seconds(ended_at),
    )

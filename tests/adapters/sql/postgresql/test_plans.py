"""What PostgreSQL makes of every statement that grows hot: an index look-up, in one partition where that was the aim.

The statements are those that the stores really send, caught on their connection, and the plans those that it keeps for
them: made without looking at the values.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeAlias

import asyncpg
import pytest
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.sql.clients.bearer_tokens import _FIND as _BEARER_TOKEN
from idp.adapters.sql.clients.grants import _FIND_BY_FAMILY, _GET, _START_STANDING, _TURN
from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.people.sealed_people import PeopleSealer
from idp.adapters.sql.postgresql.database import PostgresqlDatabase
from idp.adapters.sql.postgresql.grouped_changes import PLANNER
from idp.adapters.sql.postgresql.grouped_statements import grouped_conclusion, grouped_read
from idp.adapters.sql.postgresql.partitions import PARTITIONED
from idp.adapters.sql.stores import Stores, stores_on
from idp.domain.abuse.risk_signals import PastSignIn
from idp.domain.accounts.account import Account
from idp.domain.accounts.security_alert import AlertKind, SecurityAlert
from idp.domain.events import SessionEnded
from idp.domain.grants.grant import Consent, Grant, RefreshHashes, RevocationReason, grant_identifier
from idp.domain.ids import ClientId, Seconds, SessionId
from idp.domain.people.identity_record import NewPerson
from idp.domain.records import Records
from idp.domain.representation.guardianship import Guardianship, GuardianshipKind
from idp.ports.authorities import WardDetails
from idp.ports.short_lived import Throttle
from idp.ports.vault import Vault
from tests.adapters.sql.postgresql.full_tables import FILL, ROWS
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT, NOW, ORIGIN, client, digest, event, grant, person
from tests.ports.test_passkeys import passkey
from tests.ports.test_session_records import record as session
from tests.ports.test_trusted_browsers import browser

Connection: TypeAlias = "asyncpg.Connection[Any]"

now = Seconds(NOW)
GROWING = {
    "persons", "accounts", "identifiers", "authenticators", "passkeys", "recovery_codes", "grants", "ended_sessions",
    "revoked_access_tokens", "consents", "consent_evidence", "outbox", "audit_records", "short_lived",
    "session_records", "trusted_browsers", "security_events", "past_sign_ins", "security_alerts", "alert_messages",
    "contact_changes", "guardianships",
}  # fmt: skip
PARTITIONED_TABLES = {table.table for table in PARTITIONED}


@dataclass
class World:
    """Stores over full tables, and what they sent."""

    stores: Stores
    database: PostgresqlDatabase
    server: Connection
    account: Account
    prepare: PeopleSealer

    def identifier(self, at: int = NOW) -> str:
        return f"{at * 1000:012x}7000{SystemEntropy().identifier()[16:]}"

    def grant(self, **changes: Any) -> Grant:
        expires_at = Seconds(NOW + 30 * 86400)
        identifier = grant_identifier(self.identifier(), expires_at)
        family = RefreshHashes(digest(identifier[-1]), digest("a"), identifier[:4])
        return grant(
            self.account, session_id=SessionId(self.identifier()), grant_id=identifier, expires_at=expires_at,
            refresh=replace(family, family=digest(identifier[-2:])), **changes,
        )  # fmt: skip

    async def sent_by(self, work: Callable[["World"], Awaitable[object]]) -> list[tuple[str, tuple[object, ...]]]:
        """Return the statements that `work` sends, with their values."""
        sent: list[tuple[str, tuple[object, ...]]] = []

        def note(record: "asyncpg.connection.LoggedQuery") -> None:
            if record.query.split(None, 1)[0] not in {"BEGIN", "COMMIT", "ROLLBACK", "COPY"}:
                many = isinstance(record.args, list)
                sent.append((record.query, tuple(record.args[0]) if many else tuple(record.args)))

        async with self.database._pool.lend() as connection:
            connection.add_query_logger(note)
        try:
            await work(self)
        finally:
            async with self.database._pool.lend() as connection:
                connection.remove_query_logger(note)
        return sent


@pytest.fixture
async def world(url: str, vault: Vault, clock: TurnedClock, entropy: SystemEntropy) -> AsyncIterator[World]:
    # One connection, so that whatever is sent is sent on it.
    database = PostgresqlDatabase(url, clock, size=1, timeout=5.0)
    stores = stores_on(database, vault, clock, entropy, is_partitioned=True)
    await stores.housekeeping.sweep(now, 100)
    await stores.client_registry.save(client(), EVENT)
    await stores.records.load(Records(people=(person(1, totp_secret="JBSWY3DPEHPK3PXP"),)), EVENT)
    account = await stores.accounts.find(person(1).personal_number)
    assert account is not None
    server = await asyncpg.connect(url)
    await server.execute(f"CREATE TEMPORARY TABLE numbers AS SELECT generate_series(1, {ROWS}) AS n")
    for statement in FILL:
        await server.execute(statement)
    await server.execute("SET plan_cache_mode = force_generic_plan")
    yield World(stores, database, server, account, PeopleSealer(vault, clock, entropy))
    await server.close()
    await database.close()


async def sign_in(world: World) -> None:
    accounts, account_id = world.stores.accounts, world.account.account_id
    await accounts.find(person(1).personal_number)
    await accounts.get(account_id)
    await accounts.profile(account_id)
    await accounts.contacts(account_id)
    await accounts.store_password_hash(account_id, "before", "after")
    await accounts.record_use(account_id, now, event())
    (totp,) = await world.stores.authenticators.enrolled(account_id)
    await world.stores.authenticators.accept_time_step(totp.authenticator_id, 7, event())
    await world.stores.authenticators.use_recovery_code(account_id, bytes(32), now, event())


async def passkeys(world: World) -> None:
    store, account = world.stores.passkeys, world.account
    made = passkey(account)
    await store.add(made, event())
    assert await store.find(made.credential_id) is not None
    assert len(await store.of_account(account.account_id)) == 1
    assert await store.accept_use(made.passkey_id, sign_count=1, backed_up=True, now=now, event=event())
    assert await store.rename(account.account_id, made.passkey_id, "x", event())
    assert await store.remove(account.account_id, made.passkey_id, event())


async def safety(world: World) -> None:
    stores, account_id, session_id = world.stores, world.account.account_id, SessionId(world.identifier())
    kept = session(account_id, session_id=session_id)
    await stores.session_records.keep(kept, event(), valid_from=Seconds(0), used_at=now)
    await stores.session_records.keep(kept, event(), valid_from=Seconds(0), goes_on=True)
    assert await stores.session_records.get(account_id, session_id) is not None
    assert len(await stores.session_records.of_account(account_id, now, 50)) == 1
    await stores.trusted_browsers.trust(browser(account_id), event())
    assert await stores.trusted_browsers.is_trusted("browser-1", account_id, now)
    await stores.trusted_browsers.of_account(account_id, now)
    await stores.trusted_browsers.revoke(account_id, "browser-1", event())
    await stores.security_history.of_account(account_id, "", 50)
    await stores.security_history.named(account_id, frozenset({"password.changed", "passkey.added"}), now, 20)


async def alerts(world: World) -> None:
    stores, account_id = world.stores, world.account.account_id
    await stores.sign_in_history.add(PastSignIn(account_id, "device", "network", now))
    assert len(await stores.sign_in_history.of_account(account_id)) == 1
    alert = SecurityAlert(alert_id="1", account_id=account_id, kind=AlertKind.NEW_DEVICE, at=Seconds(NOW - 9))
    await stores.security_alerts.add("main", 0, 1, [alert])
    assert len(await stores.security_alerts.of_account(account_id, "", 20)) == 1
    await stores.security_alerts.unseen(account_id)
    await stores.security_alerts.mark_seen(account_id, now)
    (message, *_) = await stores.alert_messages.claim_due(now, Seconds(NOW + 60), 5)
    await stores.alert_messages.retry(message.message_id, Seconds(NOW + 90))
    await stores.alert_messages.finished(message.message_id)
    await stores.own_contacts.settled(account_id, now)


async def grants(world: World) -> None:
    value = world.grant()
    assert value.refresh is not None
    await world.stores.grants.start(value, [event()])
    assert await world.stores.grants.get(value.grant_id) is not None
    hinted = replace(value.refresh, prefix=value.grant_id[:4])
    assert await world.stores.grants.find_by_family(hinted) is not None
    await world.stores.grants.turn(value.client_id, hinted, digest("b"), now, [event()], [event()])
    await world.stores.grants.access_token_grant(world.identifier(), value.grant_id)
    await world.stores.grants.revoke_access_token(world.identifier(), now, event())
    await world.stores.grants.revoke(value.grant_id, RevocationReason.CODE_REPLAY, now, event())


async def endings(world: World) -> None:
    value = world.grant()
    await world.stores.grants.start(value, [event()])
    await world.stores.grants.clients_of_session(value.session_id)
    ended = SessionEnded(origin=ORIGIN, account_id=value.account_id, session_id=value.session_id, reason="sign_out")
    await world.stores.grants.end_session(value.session_id, now, ended)
    await world.stores.accounts.end_all_sessions(value.account_id, now, event())
    unknown = RefreshHashes(digest("z"), digest("z"), "0001")
    await world.stores.grants.turn(ClientId("portal"), unknown, digest("y"), now, [event()], [event()])


async def consents(world: World) -> None:
    consent = Consent(world.account.account_id, ClientId("portal"), frozenset({"openid"}), frozenset(), now)
    await world.stores.consents.record(consent, event())
    await world.stores.consents.get(consent.account_id, consent.client_id)
    await world.stores.consents.of_account(consent.account_id)
    await world.stores.consents.withdraw(consent.account_id, consent.client_id, now, event())


async def short_lived(world: World) -> None:
    store = world.stores.short_lived
    await store.put("code", b"1", Seconds(NOW + 60), tombstone="g")
    await store.get("code", now)
    await store.replace("code", b"1", b"2", Seconds(NOW + 60))
    await store.claim("code", now, keep_until=Seconds(NOW + 99))
    await store.claim("code", now, keep_until=Seconds(NOW + 99))
    await store.delete("code")
    await store.increment("count", now, Seconds(NOW + 60))
    throttle = Throttle("bucket", burst=1, interval=60)
    await store.take((throttle,), now)
    await store.take((throttle,), now)
    await store.give_back((throttle,))
    await store.sweep(now, 5)


async def background(world: World) -> None:
    outbox = world.stores.outbox
    message, *_ = await outbox.claim_due(now, Seconds(NOW + 60), 5)
    await outbox.retry(message.message_id, Seconds(NOW + 90))
    await outbox.delivered(message.message_id, event())
    await outbox.oldest()
    await world.stores.idle_accounts.find(0, until=now, after=None, limit=50)
    await world.stores.housekeeping.sweep(now, 5)


async def audit(world: World) -> None:
    await world.stores.audit_trail.record(event())
    await world.database.settle_events()
    await world.stores.audit_log.heads()
    assert [record async for record in world.stores.audit_log.records("main", ROWS - 5)]
    await world.stores.audit_log.last_trace()


async def imports(world: World) -> None:
    people = [person(number) for number in range(2, 30)]
    await world.stores.records.load_people(world.prepare.prepare(people), "f", 1, EVENT)
    await world.stores.records.mark("f")


async def identity_records(world: World) -> None:
    records = world.stores.identity_records
    record = await records.of_account(world.account.account_id)
    assert record is not None
    assert await records.of_person(record.person_id) == record
    assert await records.of_number(record.personal_number) == record
    await records.save(replace(record, personal_number="001099999999"), event())
    assert await records.renumbered_at(record.person_id) is None
    newcomer = NewPerson("001099999998", 1, {"name": "Nguyễn Thị Hoà"}, email="moi@example.vn")
    await records.create(newcomer, event())


async def wards(world: World) -> None:
    guardianships, record = (
        world.stores.guardianships,
        await world.stores.identity_records.of_account(world.account.account_id),
    )
    assert record is not None
    asked = Guardianship("ward", GuardianshipKind.MINOR, record.person_id, now)
    await guardianships.ask(asked, WardDetails("001215000009", "Bé", date(2015, 3, 4)), event())
    assert await guardianships.confirm("ward", record.person_id, now, event())
    (found,) = await guardianships.due(now, None, 5)
    await guardianships.looked_at(found, Seconds(NOW - 5))
    assert len(await guardianships.due(now, found, 5)) == 1
    other = {**record.claims, "birthdate": "2015-03-04"}
    await world.stores.identity_records.save(replace(record, claims=other), event())
    assert await guardianships.reviewed("ward", 6, event())


ROOMS = (
    *(sign_in, passkeys, safety, alerts, grants, endings, consents, short_lived),
    *(background, audit, imports, identity_records, wards),
)
# What names neither a grant nor a moment looks into every partition, one index entry each.
IN_ALL_PARTITIONS = {endings, consents, audit}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bytes():
            return f"'\\x{value.hex()}'"
        case list():
            elements = (json.dumps(f"\\x{each.hex()}" if isinstance(each, bytes) else each) for each in value)
            return literal("{" + ", ".join(elements) + "}")
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return str(value)


GROUPED_READS = (_BEARER_TOKEN, _FIND_BY_FAMILY, _GET)
GROUPED_CHANGES = {_TURN: "family", _START_STANDING: "grant_id"}


async def test_what_is_asked_for_many_looks_up_one_row_for_each(world: World) -> None:
    statements = CompiledStatements(dialect())  # type: ignore[no-untyped-call]
    for read in GROUPED_READS:
        await _looks_up(world.server, grouped_read(statements[read].text))
    for setting, value in PLANNER.items():
        await world.server.execute(f"SET {setting} = '{value}'")
    for change, key in GROUPED_CHANGES.items():
        await _looks_up(world.server, _grouped(statements, change, key))


async def _looks_up(server: Connection, grouped: str) -> None:
    kinds = {int(place): kind for place, kind in re.findall(r"\$(\d+)::(\w+(?:\[\])?)", grouped)}
    values = tuple(_sample(kinds[place]) for place in sorted(kinds))
    scans = [node for node in await plan_of(server, grouped, values) if "Scan" in node["Node Type"]]
    read = [node for node in scans if table_of(node.get("Relation Name", "")) in GROWING]
    assert read, grouped
    # A partition of days to come is empty, and an empty one costs nothing to read.
    filled = [node for node in read if node["Total Cost"] > 0]
    assert not [node for node in filled if node["Node Type"] == "Seq Scan" or "Index Cond" not in node], grouped


def _grouped(statements: CompiledStatements, statement: Any, key: str) -> str:
    compiled = statements[statement]
    names = {name: name for name in statement.compile(dialect=dialect()).params}  # type: ignore[no-untyped-call]
    return grouped_conclusion(compiled.text, compiled.bind(names).index(key) + 1)


def _sample(kind: str) -> object:
    of: dict[str, object] = {"BYTEA": b"1", "BIGINT": NOW}
    one = of.get(kind.removesuffix("[]"), "x")
    return [one] if kind.endswith("[]") else one


async def plan_of(server: Connection, statement: str, values: tuple[object, ...]) -> list[dict[str, Any]]:
    await server.execute(f"PREPARE asked AS {statement}")
    try:
        given = f"({', '.join(map(literal, values))})" if values else ""
        document = await server.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked{given}")
    finally:
        await server.execute("DEALLOCATE asked")
    return list(nodes(json.loads(document)[0]["Plan"]))


def table_of(relation: str) -> str:
    name, _, period = relation.rpartition("_")
    return name if name in PARTITIONED_TABLES and (period.isdigit() or period == "default") else relation


async def test_every_hot_statement_is_an_index_look_up_in_one_partition(world: World) -> None:
    asked = 0
    for room in ROOMS:
        for statement, values in await world.sent_by(room):
            if statement.lstrip().startswith("DO "):
                continue
            asked += 1
            scans = [node for node in await plan_of(world.server, statement, values) if "Scan" in node["Node Type"]]
            told = f"{room.__name__}: {statement}"
            read = [node for node in scans if table_of(node.get("Relation Name", "")) in GROWING]
            assert not [node for node in read if node["Node Type"] == "Seq Scan"], told
            if room not in IN_ALL_PARTITIONS:
                for table in PARTITIONED_TABLES:
                    partitions = {node["Relation Name"] for node in read if table_of(node["Relation Name"]) == table}
                    assert len(partitions) <= 1, told
    assert asked > 60

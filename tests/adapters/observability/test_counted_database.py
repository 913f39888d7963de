from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from idp.adapters.crypto.system import SystemClock
from idp.adapters.observability.counted_database import CountedDatabase
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.probes import keystore_is_readable, store_is_writable
from idp.adapters.sql import schema
from idp.adapters.sql.stores import open_database
from idp.adapters.sql.trail.audit import SqlAuditLog
from idp.adapters.sql.unit_of_work import Append, UnitOfWork
from idp.domain.events import Origin, RefusalsCounted
from idp.domain.ids import RequestId
from idp.ports.errors import StoreUnavailableError

EVENT = RefusalsCounted(
    origin=Origin(request_id=RequestId("r"), source="s"), endpoint="token", error="invalid_client", count=1
)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest_asyncio.fixture
async def database(tmp_path: Path, metrics: Metrics) -> AsyncIterator[CountedDatabase]:
    url = f"sqlite:///{tmp_path}/idp.db"
    schema.prepare(url)
    counted = CountedDatabase(open_database(url, SystemClock()), metrics.count_events)
    yield counted
    await counted.close()


def _appending(answer: str) -> UnitOfWork[str]:
    yield Append(EVENT)
    return answer


def _failing() -> UnitOfWork[None]:
    yield Append(EVENT)
    raise KeyError("no")


async def test_events_are_counted_whether_they_came_along_or_were_appended(
    database: CountedDatabase, metrics: Metrics
) -> None:
    assert await database.write(_appending("done"), [EVENT]) == "done"
    await database.write(None, [EVENT])
    assert metrics.numbers.counters["idp_audit_events_total"] == {("refusals.counted",): 3}
    (head,) = await SqlAuditLog(database).heads()
    assert head.sequence == 3


async def test_what_was_rolled_back_is_not_counted(database: CountedDatabase, metrics: Metrics) -> None:
    with pytest.raises(KeyError):
        await database.write(_failing(), [EVENT])
    assert metrics.numbers.counters["idp_audit_events_total"] == {}


async def test_a_database_that_takes_writes_is_writable(database: CountedDatabase, metrics: Metrics) -> None:
    await store_is_writable(database)
    assert metrics.numbers.counters["idp_audit_events_total"] == {}


class Signer:
    def __init__(self, keys: bytes) -> None:
        self._keys = keys

    def jwks(self) -> bytes:
        return self._keys

    def algorithms(self) -> tuple[str, ...]:
        return ("RS256", "ES256")

    def sign(self, claims: object, *, algorithm: str, token_type: str) -> str:
        return ""


class SignerOfADeadModule(Signer):
    def sign(self, claims: object, *, algorithm: str, token_type: str) -> str:
        raise StoreUnavailableError


async def test_a_keystore_without_keys_is_not_readable() -> None:
    await keystore_is_readable(Signer(b'{"keys":[{"kid":"a"}]}'))  # type: ignore[arg-type]
    with pytest.raises(LookupError):
        await keystore_is_readable(Signer(b'{"keys":[]}'))  # type: ignore[arg-type]


async def test_a_keystore_that_does_not_sign_is_not_ready() -> None:
    with pytest.raises(StoreUnavailableError):
        await keystore_is_readable(SignerOfADeadModule(b'{"keys":[{"kid":"a"}]}'))  # type: ignore[arg-type]

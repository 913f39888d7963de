"""Sealed documents, on the short-lived store of every engine."""

import asyncio
from dataclasses import dataclass

import msgspec
import pytest

from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Unknown
from idp.journeys.sealed_documents import SealedDocuments
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault, VaultError
from tests.adapters.turned_clock import TurnedClock
from tests.ports.fixtures import clock, entropy, short_lived, vault

__all__ = ["clock", "entropy", "short_lived", "vault"]

pytestmark = pytest.mark.slow  # servers of every engine are started

PLACE = "form:1"


@dataclass(frozen=True, slots=True)
class Form:
    name: str
    step: int = 0


@pytest.fixture
def documents(short_lived: ShortLivedStore, vault: Vault) -> SealedDocuments[Form]:
    return SealedDocuments(Form, short_lived, vault)


@pytest.fixture
def ends(clock: TurnedClock) -> Seconds:
    return Seconds(clock.now() + 600)


async def test_a_document_is_read_back_as_it_was_put_until_it_ends(
    documents: SealedDocuments[Form], clock: TurnedClock, ends: Seconds
) -> None:
    put = await documents.put(PLACE, Form("Hoà"), ends)

    assert await documents.get(PLACE, clock.now()) == put
    assert put.document == Form("Hoà")
    assert await documents.get("form:2", clock.now()) is None
    clock.seconds += 600
    assert await documents.get(PLACE, clock.now()) is None


async def test_only_what_still_is_what_was_read_is_replaced(
    documents: SealedDocuments[Form], clock: TurnedClock, ends: Seconds
) -> None:
    put = await documents.put(PLACE, Form("Hoà"), ends)

    replaced = await asyncio.gather(*(documents.replace(put, Form("Hoà", step), ends) for step in range(20)))

    made = [each for each in replaced if each is not None]
    assert len(made) == 1
    assert await documents.get(PLACE, clock.now()) == made[0]
    assert await documents.replace(put, Form("Hoà", 99), ends) is None
    assert await documents.replace(made[0], Form("Hoà", 99), ends) is not None


async def test_of_many_claims_one_gets_the_document_and_the_others_its_tombstone(
    documents: SealedDocuments[Form], clock: TurnedClock, ends: Seconds
) -> None:
    await documents.put(PLACE, Form("Hoà"), ends, tombstone="grant")

    claims = await asyncio.gather(*(documents.claim(PLACE, clock.now(), keep_until=ends) for _ in range(20)))

    assert claims.count(Form("Hoà")) == 1
    assert claims.count(AlreadyUsed("grant")) == 19
    assert await documents.claim("form:2", clock.now(), keep_until=ends) == Unknown()


async def test_a_document_is_used_up_once_and_not_read_for_it(
    documents: SealedDocuments[Form], short_lived: ShortLivedStore, clock: TurnedClock, ends: Seconds
) -> None:
    await short_lived.put(PLACE, b"not sealed at all", ends)

    assert [await documents.use_up(PLACE, clock.now(), keep_until=ends) for _ in range(3)] == [True, False, False]
    assert await documents.get(PLACE, clock.now()) is None


async def test_what_is_stored_is_the_wrapped_key_and_what_was_sealed_for_its_place(
    documents: SealedDocuments[Form], short_lived: ShortLivedStore, vault: Vault, clock: TurnedClock, ends: Seconds
) -> None:
    """The release that runs beside this one reads it, and writes it."""
    await documents.put(PLACE, Form("Nguyễn Thị Hoà", 1), ends)
    stored = await short_lived.get(PLACE, clock.now())
    assert stored is not None
    assert "Nguyễn".encode() not in stored
    key, sealed = msgspec.msgpack.decode(stored)
    assert msgspec.msgpack.decode(vault.open(key, PLACE, sealed)) == {"name": "Nguyễn Thị Hoà", "step": 1}

    key = vault.new_key()
    foreign = vault.seal(key, PLACE, msgspec.msgpack.encode({"name": "An", "step": 2}))
    await short_lived.put(PLACE, msgspec.msgpack.encode([key, foreign]), ends)
    found = await documents.get(PLACE, clock.now())
    assert found is not None
    assert (found.document, found.key) == (Form("An", 2), key)


async def test_what_was_moved_to_another_place_does_not_open(
    documents: SealedDocuments[Form], short_lived: ShortLivedStore, clock: TurnedClock, ends: Seconds
) -> None:
    put = await documents.put(PLACE, Form("Hoà"), ends)
    await short_lived.put("form:2", put.stored, ends)

    with pytest.raises(VaultError):
        await documents.get("form:2", clock.now())
    with pytest.raises(VaultError):
        await documents.claim("form:2", clock.now(), keep_until=ends)

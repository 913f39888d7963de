"""Documents of journeys, on the short-lived store of every engine."""

import asyncio
from dataclasses import dataclass

import pytest

from idp.adapters.crypto.system import SystemEntropy
from idp.journeys.bound_documents import BoundDocuments, DocumentGoneError
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault
from tests.adapters.turned_clock import TurnedClock
from tests.ports.fixtures import clock, entropy, short_lived, vault

__all__ = ["clock", "entropy", "short_lived", "vault"]

pytestmark = pytest.mark.slow  # servers of every engine are started


@dataclass(frozen=True, slots=True)
class Form:
    name: str
    step: int = 0


@pytest.fixture
def documents(
    short_lived: ShortLivedStore, vault: Vault, clock: TurnedClock, entropy: SystemEntropy
) -> BoundDocuments[Form]:
    return BoundDocuments("form", Form, 600, store=short_lived, vault=vault, clock=clock, entropy=entropy)


async def test_a_document_comes_back_to_the_browser_that_began_it(documents: BoundDocuments[Form]) -> None:
    await documents.begin("id", Form("Hoà"), "browser")
    assert (await documents.load("id", "browser")).document == Form("Hoà")
    for document_id, browser in (("id", "other"), ("other", "browser"), ("id", "")):
        with pytest.raises(DocumentGoneError):
            await documents.load(document_id, browser)


async def test_a_document_is_gone_after_its_time_however_often_it_was_changed(
    documents: BoundDocuments[Form], clock: TurnedClock
) -> None:
    held = await documents.begin("id", Form("Hoà"), "browser")
    clock.seconds += 599
    held = await documents.change(held, Form("Hoà", 1))
    assert (await documents.load("id", "browser")).document == Form("Hoà", 1)
    clock.seconds += 1
    with pytest.raises(DocumentGoneError):
        await documents.load("id", "browser")


async def test_of_fifty_changes_one_is_made_and_of_fifty_claims_one_succeeds(documents: BoundDocuments[Form]) -> None:
    held = await documents.begin("id", Form("Hoà"), "browser")
    changes = (documents.change(held, Form("Hoà", step)) for step in range(50))
    changed = [each for each in await asyncio.gather(*changes, return_exceptions=True) if not _is_gone(each)]
    assert len(changed) == 1
    held = await documents.load("id", "browser")
    claims = await asyncio.gather(*(documents.claim(held) for _ in range(50)), return_exceptions=True)
    assert [each for each in claims if not _is_gone(each)] == [None]
    with pytest.raises(DocumentGoneError):
        await documents.load("id", "browser")


async def test_nothing_of_a_document_is_stored_in_the_clear(documents: BoundDocuments[Form]) -> None:
    held = await documents.begin("id", Form("Nguyễn Thị Hoà"), "browser")
    assert "Nguyễn".encode() not in held.sealed.stored


def _is_gone(outcome: object) -> bool:
    return isinstance(outcome, DocumentGoneError)

"""Parts of a change of an officer, one after the other inside a transaction."""

from collections.abc import Sequence
from typing import assert_never

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.loading.tally import BESIDE_IMPORTS
from idp.adapters.sql.officers.officer_post_rows import end_post, give_post, leave, newest_post, posts_as_seen
from idp.adapters.sql.officers.provisioning_rows import note
from idp.adapters.sql.officers.suspension_rows import resume, suspend
from idp.adapters.sql.officers.username_rows import rename
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.unit_of_work import Lock, UnitOfWork
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass
from idp.ports.clock import Entropy
from idp.ports.officer_parts import (
    Leaving,
    Noted,
    OfficerPart,
    PostEnds,
    PostGiven,
    Renamed,
    Resumed,
    Suspended,
)
from idp.ports.vault import Vault


@dataclass(frozen=True, slots=True)
class Tools:
    """What carrying parts out takes."""

    data: PersonalData
    vault: Vault
    entropy: Entropy


def changed(
    tools: Tools, account_id: AccountId, seen: str, parts: Sequence[OfficerPart], now: Seconds
) -> UnitOfWork[None]:
    """Carry out all of it or nothing. Raises `PostChangedError` when the newest post is not `seen`."""
    if any(isinstance(part, Renamed) for part in parts):
        yield BESIDE_IMPORTS
    # Of two who rename one officer, neither leaves the other's username behind.
    yield Lock((account_lock(account_id),))
    yield from posts_as_seen(account_id, seen)
    yield from carried_out(tools, account_id, parts, now)


def carried_out(tools: Tools, account_id: AccountId, parts: Sequence[OfficerPart], now: Seconds) -> UnitOfWork[None]:
    """Carry parts out; each sees the posts that the one before it left, and nobody else's."""
    for part in parts:
        # The account is locked by now: whose posts these are was looked at before the first part.
        seen = yield from newest_post(account_id)
        yield from _one(tools, account_id, seen, part, now)


def _one(tools: Tools, account_id: AccountId, seen: str, part: OfficerPart, now: Seconds) -> UnitOfWork[None]:
    data, entropy = tools.data, tools.entropy
    match part:
        case PostGiven(post, event, instead, prolongs):
            how = {"instead": instead, "prolongs": prolongs}
            yield from give_post(data, entropy, account_id, post, seen, now, event, **how)
        case PostEnds(at, event):
            yield from end_post(account_id, seen, at, event)
        case Leaving(left, only_from):
            yield from leave(entropy, account_id, seen, now, left, only_from=only_from)
        case Renamed():
            yield from rename(data, account_id, part, now)
        case Suspended(lock, event):
            yield from suspend(entropy, account_id, lock, seen, now, event)
        case Resumed(references, ended):
            yield from resume(account_id, references, seen, now, ended)
        case Noted():
            yield from note(data, tools.vault, account_id, part, now)
        case _:
            assert_never(part)

"""Over random histories: no answer asserts a level, a claim or a role that the record does not support at that moment.

What the record supports is told by a model of its own, a few comparisons, and not by the code under test. That nobody
acts for a principal whom the record does not support is tried alike in `tests/domain/representation/test_authority.py`.
"""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.events import LockEnded
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.offices.officer import NewPost
from idp.domain.people.identity_record import AttributeFacts
from idp.protocol.claims.claims import parse_claims_parameter
from idp.protocol.errors import OAuthError
from idp.protocol.tokens.token import TokenResponse
from tests.ports.samples import event
from tests.protocol.conftest import template, world
from tests.protocol.world import ORIGIN, PORTAL, World

__all__ = ["template", "world"]

DAY = 24 * 3600
NAMES = ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh Tuyết", "Nguyễn Ánh")
ROLES = (("auditor",), ("proofing_officer", "identity_admin"), ())
SERVICE = replace(PORTAL, client_id=ClientId("portal"), scopes=PORTAL.scopes | {"officer", "offline_access"})
ASKED = (
    '{"userinfo": {"verified_claims": {"verification": {"trust_framework": null, "assurance_level": null},'
    ' "claims": {"name": null, "birthdate": null}}},'
    ' "id_token": {"identity_level": null, "name": null, "roles": null}}'
)


@dataclass
class Truth:
    """What the record supports, kept by hand."""

    level: int = 2
    level_ends: int | None = None
    ends: dict[str, int] = field(default_factory=dict)
    name: str = "Nguyễn Thị Ánh"
    is_locked: bool = False
    roles: tuple[str, ...] = ("auditor",)
    post_ends: int | None = None

    def identity_level(self, now: int) -> int:
        if any(self.ends.get(name, now + 1) <= now for name in ("name", "birthdate", "personal_number")):
            return 0
        if self.level_ends is not None and self.level_ends <= now:
            return min(self.level, 1)
        return self.level

    def is_in_office(self, now: int) -> bool:
        return self.post_ends is None or now < self.post_ends


class History:
    """One life: things happen, and everybody keeps asking."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.dice = random.Random(seed)
        self.truth = Truth()
        self.kept: list[tuple[AccountId, TokenResponse]] = []
        self.answers: Counter[str] = Counter()

    @property
    def now(self) -> int:
        return self.world.clock.now()

    async def go_on(self) -> None:
        """One thing happens, then two answers are asked for."""
        await self.dice.choice(
            (self.time_passes, self.level_changes, self.name_changes, self.lock_turns, self.post_changes)
        )()
        await self.sign_in(self.dice.choice((self.world.citizen, self.world.officer)))
        await self.ask(self.dice.choice(self.kept)) if self.kept else None

    async def time_passes(self) -> None:
        self.world.clock.seconds += self.dice.choice((30, 3600, DAY, 20 * DAY, 200 * DAY))

    async def level_changes(self) -> None:
        record = await self.world.stores.identity_records.of_account(self.world.citizen)
        assert record is not None
        self.truth.level = self.dice.choice((1, 2))
        self.truth.level_ends = self.dice.choice((None, self.now + self.dice.randrange(1, 90) * DAY))
        self.truth.ends = {
            name: self.now + self.dice.randrange(1, 400) * DAY
            for name in self.dice.sample(("name", "birthdate", "personal_number", "gender"), 2)
        }
        facts = {
            name: AttributeFacts("counter", Seconds(self.now), Seconds(end)) for name, end in self.truth.ends.items()
        }
        changed = replace(
            record,
            identity_level=self.truth.level,
            level_expires_at=None if self.truth.level_ends is None else Seconds(self.truth.level_ends),
            attributes=facts,
        )
        await self.world.stores.identity_records.save(changed, event())

    async def name_changes(self) -> None:
        record = await self.world.stores.identity_records.of_account(self.world.citizen)
        assert record is not None
        self.truth.name = self.dice.choice(NAMES)
        await self.world.stores.identity_records.save(
            replace(record, claims={**record.claims, "name": self.truth.name}), event()
        )

    async def lock_turns(self) -> None:
        locks = self.world.stores.account_locks
        if self.truth.is_locked:
            ended = LockEnded(origin=ORIGIN, account_id=self.world.citizen, ground=LockGround.AUTHORITY.value)
            await locks.end(self.world.citizen, LockGround.AUTHORITY, "1", Seconds(self.now), ended)
        else:
            lock = NewLock(ground=LockGround.AUTHORITY, reference="1")
            await locks.open(self.world.citizen, lock, Seconds(self.now), event())
        self.truth.is_locked = not self.truth.is_locked

    async def post_changes(self) -> None:
        officers = self.world.stores.officers
        account = await officers.get(self.world.officer)
        assert account is not None
        self.truth.roles = self.dice.choice(ROLES)
        self.truth.post_ends = self.dice.choice((None, self.now + self.dice.randrange(1, 60) * DAY))
        post = NewPost(
            agency_code="G10.01",
            position="Chuyên viên",
            roles=self.truth.roles,
            held_from=Seconds(self.now),
            held_to=None if self.truth.post_ends is None else Seconds(self.truth.post_ends),
        )
        await officers.give_post(self.world.officer, post, account.version, event())

    async def sign_in(self, account: AccountId) -> None:
        scopes = ("openid", "profile", "identity", "officer", "offline_access")
        grant = self.world.grant(
            SERVICE,
            scopes,
            account_id=account,
            offline=True,
            expires_at=Seconds(self.now + 400 * DAY),
            claims=parse_claims_parameter(ASKED).stored(),
        )
        try:
            tokens = await self.world.sign_in(grant=grant)
        except OAuthError:
            self.answers["refused"] += 1
            return
        self.check(account, self.world.claims(tokens.id_token), "id_token")
        self.kept.append((account, tokens))

    async def ask(self, kept: tuple[AccountId, TokenResponse]) -> None:
        account, tokens = kept
        try:
            if self.dice.random() < 0.5:
                self.kept.remove(kept)
                tokens = await self.world.refresh(tokens.refresh_token)
                self.kept.append((account, tokens))
                if tokens.id_token:
                    self.check(account, self.world.claims(tokens.id_token), "refreshed")
            self.check(account, await self.world.userinfo(tokens.access_token), "userinfo")
            told = await self.world.introspect(tokens.access_token)
        except OAuthError:
            self.answers["refused"] += 1
            return
        if told["active"]:
            self.check(account, told, "introspection")

    def check(self, account: AccountId, told: dict[str, Any], answer: str) -> None:
        """Every fact of an answer is one of the model's, now."""
        self.answers[answer] += 1
        assert told.get("acr", "urn:vn:loa:2") == "urn:vn:loa:2"
        if account == self.world.officer:
            if {"roles", "position", "agency"} & told.keys():
                assert self.truth.is_in_office(self.now), answer
                assert tuple(told.get("roles", ())) == self.truth.roles, answer
            return
        assert not self.truth.is_locked, answer
        level = self.truth.identity_level(self.now)
        assert told.get("identity_level", level) == level, answer
        assert told.get("name", self.truth.name) == self.truth.name, answer
        assert not {"roles", "officer_id", "agency"} & told.keys(), answer
        self.check_verified(told.get("verified_claims"), level, answer)

    def check_verified(self, verified: Any, level: int, answer: str) -> None:
        for element in verified if isinstance(verified, list) else [verified] if verified else ():
            assert level > 0, answer
            assert element["verification"].get("assurance_level", f"level_{level}") == f"level_{level}", answer
            for name in element["claims"]:
                assert self.truth.ends.get(name, self.now + 1) > self.now, (answer, name)
            assert element["claims"].get("name", self.truth.name) == self.truth.name, answer


@pytest.mark.parametrize("seed", range(8))
async def test_no_answer_asserts_what_the_record_does_not_support(world: World, seed: int) -> None:
    await world.save(SERVICE)
    history = History(world, seed)
    for _ in range(40):
        await history.go_on()
    assert history.answers["userinfo"] >= 5, history.answers
    assert history.answers["id_token"] >= 10, history.answers
    assert history.answers["refused"] >= 1, history.answers

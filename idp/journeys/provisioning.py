"""Joiners, movers and leavers as another system tells them, within the subtree of agencies that it speaks for.

Roles are never granted here: that takes two administrators (`journeys.administration.role_changes`).
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import LockGround, NewLock, Suspender
from idp.domain.country_time import day_of
from idp.domain.events import LockEnded, OfficerChanged, Origin
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.invisible_characters import has_invisible
from idp.domain.moment import LATEST
from idp.domain.offices.administration import WITHIN_AN_AGENCY, roles_among
from idp.domain.offices.officer import NewPost, OfficerAccount, Post
from idp.domain.values import dataclass
from idp.journeys.joining import EntryRefusedError, Joining, read_username
from idp.journeys.provisioned_post import WantedOfficer, next_post, roles_kept, wanted_post
from idp.journeys.throttling import Throttling
from idp.ports.agencies import Agencies
from idp.ports.agency_tree import AgencyTree
from idp.ports.clock import Clock
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
from idp.ports.officers import (
    ExternalIdTakenError,
    Officers,
    Provisioned,
    ProvisionedOfficers,
    UnknownAgencyError,
    UsernameTakenError,
)

LONGEST_POSITION: Final = 200
"""Characters."""


class OutOfReachError(Exception):
    """The agency, or the officer's roles, are not the client's to touch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioner:
    """Who speaks: a client, for the agency `root` and all under it."""

    client_id: ClientId
    root: str
    origin: Origin


class Provisioning:
    """Brings officers to what is wanted."""

    def __init__(
        self,
        *,
        officers: Officers,
        provisioned: ProvisionedOfficers,
        joining: Joining,
        agencies: Agencies,
        tree: AgencyTree,
        throttling: Throttling,
        clock: Clock,
    ) -> None:
        self._officers = officers
        self._provisioned = provisioned
        self._joining = joining
        self._agencies = agencies
        self._tree = tree
        self._throttling = throttling
        self._clock = clock

    async def find(self, by: Provisioner, account_id: AccountId) -> Provisioned | None:
        """Return an officer within reach, or None."""
        return await self._provisioned.get(account_id, by.root)

    async def join(self, by: Provisioner, wanted: WantedOfficer) -> AccountId:
        """Let somebody join. Raises `EntryRefusedError`, `OutOfReachError` or `SlowDownError`."""
        now = self._clock.now()
        post = wanted_post(wanted, wanted.held_from or now, ())
        await self._check(by, post)
        if wanted.joiner is None:
            raise EntryRefusedError("personalNumber", "missing")
        await self._free_external_id(by, None, wanted.external_id)

        def further(account_id: AccountId) -> tuple[OfficerPart, ...]:
            noted = Noted(by.client_id, by.root, wanted.external_id)
            return (noted,) if wanted.active is not False else (noted, _suspended(by, account_id))

        try:
            async with self._naming(by):
                return await self._joining.join(
                    wanted.joiner, post, lambda who, what: _event(by, who, what, post), further
                )
        except ExternalIdTakenError:
            raise EntryRefusedError("externalId", "taken") from None

    async def change(self, by: Provisioner, known: Provisioned, wanted: WantedOfficer) -> None:
        """Bring an officer to what is wanted, all of it at once or nothing.

        Raises `EntryRefusedError`, `OutOfReachError`, `PostChangedError` or `SlowDownError`.
        """
        officer, now = known.officer, self._clock.now()
        standing = self._touchable(officer, now)
        username = read_username(wanted.username)
        post = next_post(standing, wanted, now)
        if post is not None:
            await self._check(by, post)
        elif now < (wanted.held_to or now) <= standing.held_from:
            raise EntryRefusedError("heldTo", "order")
        switches = wanted.active is not None and wanted.active is not (officer.status is AccountStatus.ACTIVE)
        elsewhere = await self._elsewhere_until(by, officer, now)
        if elsewhere is not None:
            # Whoever is to move belongs to the agency that waits, but not before the day that was agreed.
            begins_before = post is not None and post.held_from < elsewhere
            if switches or begins_before or username != officer.username:
                raise OutOfReachError
        await self._free_username(by, officer, username)
        await self._free_external_id(by, officer.account_id, wanted.external_id)
        parts: list[OfficerPart] = []
        if post is not None:
            parts.append(await self._given(by, officer, post, put_off=standing if standing.held_from > now else None))
        elif wanted.held_to != standing.held_to:
            parts.append(await self._ending(by, officer, standing, wanted.held_to, now, elsewhere))
        if username != officer.username:
            parts.append(Renamed(officer.username, username, _event(by, officer.account_id, "renamed", None)))
        if switches:
            parts.append((_resumed if wanted.active else _suspended)(by, officer.account_id))
        await self._carry_out(officer, (*parts, Noted(by.client_id, by.root, wanted.external_id)), now)

    async def leave(self, by: Provisioner, known: Provisioned) -> None:
        """Let an officer go, with everything that is open. Raises `OutOfReachError` or `PostChangedError`.

        Of somebody who still works elsewhere, the post to come never will be.
        """
        officer, now = known.officer, self._clock.now()
        self._touchable(officer, now)
        event = _event(by, officer.account_id, "left", None)
        elsewhere = await self._elsewhere_until(by, officer, now)
        parts = (Leaving(event, elsewhere), Noted(by.client_id, by.root, None))
        await self._carry_out(officer, parts, now)

    async def _elsewhere_until(self, by: Provisioner, officer: OfficerAccount, now: Seconds) -> Seconds | None:
        """When the last post ends that the officer has beyond the client's agencies before the one to come, if any."""
        coming = officer.post_to_come(now)
        for each in officer.posts:
            others = each is not coming and not each.is_over(now)
            if others and not await self._tree.is_within(each.agency_code, by.root):
                return LATEST if each.held_to is None else each.held_to
        return None

    def _touchable(self, officer: OfficerAccount, now: Seconds) -> Post:
        """The post that counts. Whoever holds a role beyond an agency is not another system's to change."""
        held = {role for post in officer.posts if not post.is_over(now) for role in post.roles}
        post = officer.post_to_come(now) or officer.post_at(now)
        if post is None or not roles_among(held) <= WITHIN_AN_AGENCY:
            raise OutOfReachError
        return post

    async def _check(self, by: Provisioner, post: NewPost) -> None:
        if not await self._tree.is_within(post.agency_code, by.root):
            raise OutOfReachError
        agency = await self._agencies.get(post.agency_code)
        if agency is None or not agency.is_valid(day_of(post.held_from)):
            raise EntryRefusedError("agency", "unknown")
        if not is_position(post.position):
            raise EntryRefusedError("title", "malformed")
        if post.held_to is not None and post.held_to <= post.held_from:
            raise EntryRefusedError("heldTo", "order")

    async def _carry_out(self, officer: OfficerAccount, parts: Sequence[OfficerPart], now: Seconds) -> None:
        """Raise `EntryRefusedError` for what somebody else was faster to take, and `PostChangedError`."""
        try:
            await self._provisioned.change(officer.account_id, officer.version, parts, now)
        except UsernameTakenError:
            raise EntryRefusedError("userName", "taken") from None
        except ExternalIdTakenError:
            raise EntryRefusedError("externalId", "taken") from None
        except UnknownAgencyError:
            raise EntryRefusedError("agency", "unknown") from None

    async def _free_username(self, by: Provisioner, officer: OfficerAccount, username: str) -> None:
        if username == officer.username:
            return
        async with self._naming(by):
            if not await self._officers.is_free(username, officer.account_id):
                raise EntryRefusedError("userName", "taken")

    @asynccontextmanager
    async def _naming(self, by: Provisioner) -> AsyncIterator[None]:
        """Count a name that is refused: citizens' addresses are taken too. Raises `SlowDownError`."""
        throttles = self._throttling.for_provisioned_names(by.client_id)
        await self._throttling.take(throttles, self._clock.now())
        try:
            yield
        except EntryRefusedError:
            raise
        except Exception:
            await self._throttling.give_back(throttles)
            raise
        await self._throttling.give_back(throttles)

    async def _given(
        self, by: Provisioner, officer: OfficerAccount, post: NewPost, *, put_off: Post | None = None
    ) -> PostGiven:
        """A post in the place of the one that is `put_off`; the one before goes on meanwhile within reach."""
        before = next((each for each in officer.posts if put_off and each.held_to == put_off.held_from), None)
        prolongs = before is not None and await self._tree.is_within(before.agency_code, by.root)
        event = _event(by, officer.account_id, "moved", post)
        return PostGiven(post, event, instead=put_off is not None, prolongs=prolongs)

    async def _ending(
        self,
        by: Provisioner,
        officer: OfficerAccount,
        standing: Post,
        at: Seconds | None,
        now: Seconds,
        elsewhere: Seconds | None,
    ) -> OfficerPart:
        if at is not None and at <= now:
            return Leaving(_event(by, officer.account_id, "left", None), elsewhere)
        if at is None or (standing.held_to is not None and at > standing.held_to):
            roles = roles_kept(standing, standing.held_from, at)
            return await self._given(by, officer, replace(standing.continued(roles, now), held_to=at))
        return PostEnds(at, _event(by, officer.account_id, "post_ends", None))

    async def _free_external_id(self, by: Provisioner, account_id: AccountId | None, external_id: str | None) -> None:
        if external_id is None:
            return
        holder = await self._provisioned.find_external(by.client_id, external_id)
        if holder is None or holder == account_id:
            return
        # Whom the client does not see any more stands in nobody's way.
        if await self.find(by, holder) is not None:
            raise EntryRefusedError("externalId", "taken")


def _suspended(by: Provisioner, account_id: AccountId) -> Suspended:
    lock = NewLock(ground=LockGround.SUSPENDED, reference=Suspender.PROVISIONING.value, authority=by.root)
    return Suspended(lock, _event(by, account_id, "suspended", None))


def _resumed(by: Provisioner, account_id: AccountId) -> Resumed:
    ground = LockGround.SUSPENDED.value
    ended = LockEnded(origin=by.origin, account_id=account_id, ground=ground, client_id=by.client_id)
    return Resumed((Suspender.PROVISIONING.value,), ended)


def _event(by: Provisioner, account_id: AccountId, change: str, post: NewPost | None) -> OfficerChanged:
    return OfficerChanged(
        origin=by.origin,
        account_id=account_id,
        change=change,
        agency_code=post.agency_code if post else None,
        roles=post.roles if post else None,
        client_id=by.client_id,
    )


def is_position(text: str) -> bool:
    """Whether a post may be called so: by something that is seen whole."""
    return 0 < len(text) <= LONGEST_POSITION and text.isprintable() and not (text.isspace() or has_invisible(text))

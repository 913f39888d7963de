"""Granting administrative roles: one administrator asks, another decides; within an agency, or beyond it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from idp.domain.accounts.account import AccountStatus
from idp.domain.country_time import COUNTRY_TIME
from idp.domain.events import OfficerChanged
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.administration import WITHIN_AN_AGENCY, Action, Role, roles_among
from idp.domain.offices.change_request import ChangeRequest
from idp.domain.offices.officer import OfficerAccount
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import (
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
)
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.reach import AgencyReach
from idp.ports.clock import Clock
from idp.ports.officers import Officers, PostChangedError

NAMES: Final = ("officer_roles", "officer_wide_roles")
"""The kinds of changes that give roles: within an agency, and beyond it."""


class RoleChange:
    """Implements `ChangeKind`; the payload holds the roles that the officer gets besides those of the post."""

    def __init__(self, officers: Officers, reach: AgencyReach, clock: Clock, *, wide: bool) -> None:
        """`wide`: roles that reach beyond an agency; who may ask and decide differs."""
        self._officers = officers
        self._reach = reach
        self._clock = clock
        self._wide = wide

    @property
    def name(self) -> str:
        return NAMES[self._wide]

    @property
    def asks(self) -> Action:
        return Action.WIDE_ROLES_ASK if self._wide else Action.ROLES_ASK

    @property
    def decides(self) -> Action:
        return Action.WIDE_ROLES_DECIDE if self._wide else Action.ROLES_DECIDE

    async def version(self, subject: str) -> str:
        return (await self._known(subject)).holder_version

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        officer = await self._known(change.subject)
        post = officer.standing_post(self._clock.now())
        return {
            "officer": f"{officer.name} ({officer.username})",
            "agency": post.agency_code if post else "",
            "position": post.position if post else "",
            "roles_now": ", ".join(post.roles) if post else "",
            "roles_more": ", ".join(change.payload["roles"]),
            # Whoever was handed the link may still be the one who holds the account.
            **({} if officer.taken_over_at is None else {"taken_over": f"{_day(officer.taken_over_at)} (UTC+7)"}),
        }

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        officer = await self._known(change.subject)
        if any(post.post_id == change.change_id for post in officer.posts):
            # A process that was stopped had given them.
            return
        now = self._clock.now()
        post = officer.post_at(now) or officer.post_to_come(now)
        ready = officer.has_password and officer.status is AccountStatus.ACTIVE
        if officer.holder_version != change.version or post is None or not ready:
            raise ChangedMeanwhileError
        await self._reach.must(decider, self.decides, post.agency_code)
        # Nobody decides on the own roles, whoever asked.
        if officer.account_id == decider.account_id:
            raise NotAllowedError
        roles = (*post.roles, *(role for role in change.payload["roles"] if role not in post.roles))
        event = OfficerChanged(
            origin=decider.origin,
            account_id=officer.account_id,
            change="roles_granted",
            agency_code=post.agency_code,
            roles=roles,
            by=decider.account_id,
        )
        try:
            given = replace(post.continued(roles, now), post_id=change.change_id)
            await self._officers.give_post(officer.account_id, given, change.version, event)
        except PostChangedError:
            raise ChangedMeanwhileError from None

    async def _known(self, subject: str) -> OfficerAccount:
        officer = await self._officers.get(AccountId(subject))
        if officer is None:
            raise NotFoundError
        return officer


class RoleRequests:
    """Asks for roles."""

    def __init__(self, officers: Officers, four_eyes: FourEyes, reach: AgencyReach, clock: Clock) -> None:
        self._officers = officers
        self._four_eyes = four_eyes
        self._reach = reach
        self._clock = clock

    async def ask(self, admin: Administrator, account_id: AccountId, wanted: frozenset[str]) -> str:
        """Ask that an officer gets roles; the change. Raises `AdministrationError`."""
        roles = roles_among(wanted)
        officer = await self._officers.get(account_id)
        now = self._clock.now()
        post = (officer.post_at(now) or officer.post_to_come(now)) if officer else None
        if officer is None or post is None:
            raise NotFoundError
        # A role is for whoever took the account over, not for whoever holds the link to do so.
        if not officer.has_password:
            raise InvalidEntryError("roles", "not_taken_over")
        roles -= roles_among(post.roles)
        if not roles or len(roles_among(wanted)) != len(wanted):
            raise InvalidEntryError("roles", "missing")
        wide = not roles <= WITHIN_AN_AGENCY
        await self._reach.must(admin, Action.WIDE_ROLES_ASK if wide else Action.ROLES_ASK, post.agency_code)
        if account_id == admin.account_id:
            raise NotAllowedError
        payload = {"roles": sorted(role.value for role in roles)}
        return (await self._four_eyes.ask(admin, NAMES[wide], account_id, payload)).change_id

    def grantable(self, admin: Administrator) -> tuple[Role, ...]:
        """Roles that the administrator may ask for."""
        if admin.may(Action.WIDE_ROLES_ASK):
            return tuple(Role)
        return tuple(role for role in Role if role in WITHIN_AN_AGENCY) if admin.may(Action.ROLES_ASK) else ()


def _day(moment: Seconds) -> str:
    return f"{datetime.fromtimestamp(moment, COUNTRY_TIME):%d/%m/%Y %H:%M}"

"""`/admin/officers`: who works in an agency, and what becomes of them. People go by opaque identifiers in addresses."""

from urllib.parse import urlencode

from idp.domain.accounts.account import AccountStatus
from idp.domain.enrolment.activation_link import LIFETIME
from idp.domain.ids import Seconds
from idp.domain.offices.administration import Action
from idp.domain.offices.officer import NewPost, OfficerAccount, Post
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.officers import OfficerAdministration
from idp.journeys.joining import Joiner
from idp.journeys.provisioning import is_position
from idp.ports.clock import Clock
from idp.web.console.day_fields import beginning, ending
from idp.web.console.frame import Frame
from idp.web.console.rooms import Room
from idp.web.edge.body import Parameters
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.common import Problem
from idp.web.views.console.officers import JoinPage, LinkPage, OfficerRow, OfficersPage, PostView

PATH = Room.OFFICERS.value.path
FIND = f"{PATH}/find"
AGENCIES = Room.AGENCIES.value.path


class OfficerListPages:
    """Lists officers and lets them join."""

    def __init__(self, officers: OfficerAdministration, issuer: str, clock: Clock, frame: Frame) -> None:
        self._officers = officers
        self._issuer = issuer
        self._clock = clock
        self._frame = frame

    async def listed(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/officers?agency=…`: of one agency; without one of the own, or to the tree."""
        agency = visit.query.get("agency") or admin.agency_code
        if not agency:
            return self._frame.desk.redirect(visit, AGENCIES)
        found = await self._officers.listed(admin, agency, visit.query.get("after", ""))
        here = urlencode({"agency": agency})
        page = OfficersPage(
            **self._frame.common(visit, admin, Room.OFFICERS),
            agency_code=agency,
            agency_href=f"{AGENCIES}/{agency}",
            find_href=FIND,
            rows=tuple(officer_row(officer, self._clock.now()) for officer in found.officers),
            next_href=f"{PATH}?{here}&{urlencode({'after': found.next})}" if found.next else None,
            join_href=f"{PATH}/join?{here}" if admin.may(Action.OFFICERS_MANAGE) else None,
        )
        return self._frame.desk.page(visit, page)

    async def show_join(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/officers/join?agency=…`: the form `join`."""
        agency = visit.query.get("agency") or admin.agency_code
        return self._join_page(visit, admin, agency, {})

    async def join(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/officers/join`: the officer, and a link to hand over, shown this once."""
        fields = await visit.form()
        agency = fields.get("agency", "")
        joiner = Joiner(
            personal_number=fields.get("personal_number", ""),
            name=fields.get("name", ""),
            username=fields.get("username", ""),
        )
        try:
            post = read_post(fields, self._clock.now())
            account_id, link = await self._officers.join(admin, joiner, post)
        except InvalidEntryError as wrong:
            return self._join_page(visit, admin, agency, dict(fields.items()), wrong)
        officer = await self._officers.find(admin, account_id)
        return link_answer(self._frame, visit, admin, officer, f"{self._issuer}{link}")

    def _join_page(
        self,
        visit: Visit,
        admin: Administrator,
        agency: str,
        typed: dict[str, str],
        wrong: InvalidEntryError | None = None,
    ) -> Answer:
        page = JoinPage(
            **self._frame.common(visit, admin, Room.OFFICERS),
            problem=Problem(wrong.field, wrong.reason) if wrong else None,
            agency_code=agency,
            action=f"{PATH}/join",
            back_href=f"{PATH}?{urlencode({'agency': agency})}",
            typed=typed,
        )
        return self._frame.desk.page(visit, page, wrong.status if wrong else 200)


def officer_row(officer: OfficerAccount, now: Seconds) -> OfficerRow:
    """Return what a list shows of an officer who has a post."""
    return OfficerRow(
        href=f"{PATH}/{officer.account_id}",
        name=officer.name,
        username=officer.username,
        locked=officer.status is AccountStatus.LOCKED,
        post=post_view(officer.standing_post(now) or officer.posts[0], now),
    )


def read_post(fields: Parameters, now: Seconds) -> NewPost:
    """Return the post that a form gives. Raises `InvalidEntryError`."""
    position = " ".join(fields.get("position", "").split())
    if not position:
        raise InvalidEntryError("position", "missing")
    if not is_position(position):
        raise InvalidEntryError("position", "malformed")
    return NewPost(
        agency_code=fields.get("agency", "").strip(),
        position=position,
        roles=(),
        held_from=beginning(fields.get("held_from", ""), "held_from", now),
        held_to=ending(fields.get("held_to", ""), "held_to"),
    )


def link_answer(frame: Frame, visit: Visit, admin: Administrator, officer: OfficerAccount, link: str) -> Answer:
    """Return the page with an activation link."""
    page = LinkPage(
        **frame.common(visit, admin, Room.OFFICERS),
        name=officer.name,
        link=link,
        valid_hours=LIFETIME // 3600,
        officer_href=f"{PATH}/{officer.account_id}",
    )
    return frame.desk.page(visit, page)


def post_view(post: Post, now: Seconds) -> PostView:
    """Return what a page shows of a post."""
    state = "over" if post.is_over(now) else "held" if post.is_held(now) else "to_come"
    return PostView(
        agency_code=post.agency_code,
        position=post.position,
        roles=post.roles,
        held_from=moment_of(post.held_from),
        held_to=None if post.held_to is None else moment_of(post.held_to),
        state=state,
    )

"""`/admin/proofing/{case_id}/merge/{account_id}`: two records side by side, and the request to make them one."""

from idp.domain.ids import AccountId
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.merging import Merging, WantedMerge
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.frame import Frame
from idp.web.console.person_facts import person_facts
from idp.web.console.proofing import PATH
from idp.web.console.rooms import Room
from idp.web.edge.body import Parameters
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.common import Problem
from idp.web.views.console.proofing import MergePage

_CHOICES = ("this", "other")


class MergePages:
    """Compares, and asks."""

    def __init__(self, merging: Merging, frame: Frame) -> None:
        self._merging = merging
        self._frame = frame

    async def show(self, visit: Visit, admin: Administrator) -> Answer:
        """GET: both records."""
        return await self._draw(visit, admin, None, {})

    async def ask(self, visit: Visit, admin: Administrator) -> Answer:
        """POST: `surviving` and `number` are each `this` or `other`."""
        fields = await visit.form()
        case_id, other = _place(visit)
        try:
            wanted = WantedMerge(
                other_survives=_is_other(fields, "surviving"), other_number=_is_other(fields, "number")
            )
            change = await self._merging.ask(admin, case_id, other, wanted)
        except InvalidEntryError as refused:
            return await self._draw(visit, admin, Problem(refused.field, refused.reason), fields)
        return self._frame.desk.redirect(visit, f"{CHANGES}/{change.change_id}?notice=asked")

    async def _draw(self, visit: Visit, admin: Administrator, problem: Problem | None, typed: dict[str, str]) -> Answer:
        case_id, other = _place(visit)
        compared = await self._merging.compare(admin, case_id, other)
        page = MergePage(
            **self._frame.common(visit, admin, Room.PROOFING),
            problem=problem,
            action=f"{PATH}/{case_id}/merge/{other}",
            case_href=f"{PATH}/{case_id}",
            this=person_facts(compared.sight.record, compared.sight.account),
            other=person_facts(compared.other.record, compared.other.account),
            kinds=tuple(sorted(compared.likeness.kinds)),
            surviving=typed.get("surviving", "this"),
            number=typed.get("number", "this"),
        )
        return self._frame.desk.page(visit, page, 422 if problem else 200)


def _place(visit: Visit) -> tuple[str, AccountId]:
    return visit.parameter("case_id"), AccountId(visit.parameter("account_id"))


def _is_other(fields: Parameters, name: str) -> bool:
    if fields.get(name) not in _CHOICES:
        raise InvalidEntryError(name, "missing")
    return fields[name] == "other"

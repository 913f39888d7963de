"""What every page of the console has in common: the rooms that the administrator may enter, and who that is."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import PageView


@dataclass(frozen=True, slots=True)
class RoomLink:
    """A link of the left list; the words for `name` stand in `idp.web.wording.console`."""

    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleHead:
    """The frame around a page of the console. Every form of the page carries `csrf_token`."""

    rooms: tuple[RoomLink, ...]
    name: str
    agency_code: str
    roles: tuple[str, ...]
    csrf_token: str
    sign_out_action: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a form was refused: the field's name and the reason, worded in `idp.web.wording.console`."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolePage(PageView):
    """A page of the console; `template` is its file under `templates/console/`. `notice` says what was just done."""

    folder: ClassVar[str] = "console"

    head: ConsoleHead
    problem: Problem | None = None
    notice: str | None = None

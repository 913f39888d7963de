"""The rooms of the console: the left list, in its order, and what opens each."""

from enum import Enum

from idp.domain.offices.administration import Action
from idp.domain.values import dataclass

CONSOLE = "/admin"


@dataclass(frozen=True, slots=True)
class Door:
    """Where a room is, and which action opens it."""

    path: str
    action: Action


class Room(Enum):
    """Each room of the list; the words stand in `idp.web.wording.console` under the name in lower case."""

    HOME = Door(CONSOLE, Action.ENTER)
    CHANGES = Door(f"{CONSOLE}/changes", Action.CHANGES_VIEW)
    POLICIES = Door(f"{CONSOLE}/policies", Action.POLICIES_VIEW)
    LOCKS = Door(f"{CONSOLE}/locks", Action.LOCKS_VIEW)
    CORRECTIONS = Door(f"{CONSOLE}/requests", Action.CORRECTIONS_VIEW)
    PROOFING = Door(f"{CONSOLE}/proofing", Action.PROOFING_VIEW)
    PEOPLE = Door(f"{CONSOLE}/people", Action.PEOPLE_FIND)
    CLIENTS = Door(f"{CONSOLE}/clients", Action.CLIENTS_VIEW)
    OFFICERS = Door(f"{CONSOLE}/officers", Action.OFFICERS_VIEW)
    AGENCIES = Door(f"{CONSOLE}/agencies", Action.AGENCIES_VIEW)
    REPORTS = Door(f"{CONSOLE}/reports", Action.REPORTS_VIEW)
    ORGANISATIONS = Door(f"{CONSOLE}/organisations", Action.AUTHORITIES_VIEW)
    GUARDIANSHIPS = Door(f"{CONSOLE}/guardianships", Action.GUARDIANSHIPS_VIEW)
    AUDIT = Door(f"{CONSOLE}/audit", Action.AUDIT_SEARCH)
    KEYS = Door(f"{CONSOLE}/keys", Action.KEYS_VIEW)

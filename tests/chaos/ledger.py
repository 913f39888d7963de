"""What the clients were told: every acknowledged fact, to be asked for again after the fault."""

import time
from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.people import Client, Person
from tests.chaos.wire import Browser


@dataclass(slots=True, eq=False)
class Code:
    """An authorization code that reached its client, and how often tokens came back for it."""

    value: str
    client: Client
    person: Person
    nonce: str
    honoured: int = 0
    redeemed_at: float = 0.0


@dataclass(slots=True, eq=False)
class Family:
    """A grant with its newest acknowledged tokens.

    `doubt` says why the provider may have ended it, or turned it further than it could tell: empty for a family that
    has to be there.
    """

    person: Person
    client: Client
    refresh_token: str
    access_token: str
    code: Code
    used: list[str] = field(default_factory=list)
    turned_at: float = field(default_factory=time.monotonic)
    doubt: str = ""


@dataclass(slots=True, eq=False)
class Session:
    """Somebody signed in on a browser."""

    person: Person
    browser: Browser
    lost: bool = False
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A one-time code that was accepted."""

    person: Person
    code: str
    step: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A second factor that the provider said is enrolled."""

    person: Person
    secret: str
    step: int
    recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignOut:
    """A sign-out that was confirmed: the session and its tokens are over, and the client is told."""

    person: Person
    browser: Browser
    family: Family
    sid: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """An acknowledged outcome: the requests that led to it have left these audit events."""

    requests: tuple[str, ...]
    events: frozenset[str]


@dataclass
class Ledger:
    """Everything acknowledged, and everything found to be wrong."""

    codes: list[Code] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    one_time_codes: list[OneTimeCode] = field(default_factory=list)
    consents: list[Person] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    sign_outs: list[SignOut] = field(default_factory=list)
    locks: list[Person] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    token_ids: list[str] = field(default_factory=list)

    subjects: dict[tuple[str, Person], str] = field(default_factory=dict)
    owners: dict[tuple[str, str], Person] = field(default_factory=dict)

    durable_lost: list[str] = field(default_factory=list)
    single_use_violated: list[str] = field(default_factory=list)
    wrong_identity: list[str] = field(default_factory=list)
    sessions_lost: int = 0
    checked: Counter[str] = field(default_factory=Counter)

    def identify(self, client: Client, person: Person, subject: str) -> None:
        """Note whose subject identifier this is; it belongs to one person, and a person has one at a client."""
        known = self.subjects.setdefault((client.client_id, person), subject)
        owner = self.owners.setdefault((client.client_id, subject), person)
        if known != subject or owner != person:
            self.wrong_identity.append(f"subject of another person at {client.client_id}")

    def lose(self, session: Session) -> None:
        """A session that was acknowledged is not known any more."""
        if not session.lost:
            session.lost = True
            if not session.doubt:
                self.sessions_lost += 1

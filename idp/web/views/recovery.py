"""The views of getting back into an account: the owner's, the helpers', and the one who says no."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage
from idp.web.views.own_data import OwnDataPage


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverPage(FormPage):
    """Form `recover`: `username`, and `lost`, which is `password`, `second_factor` or `both`."""

    template: ClassVar[str] = "recover.html"

    username: str = ""
    lost: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverWaysPage(FormPage):
    """Form `recover-way`: `way`, one of `ways`, strongest first."""

    template: ClassVar[str] = "recover_ways.html"

    ways: tuple[str, ...]
    lost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverContactPage(FormPage):
    """Form `recover-contact`: `code`, from a message; and form `resend`. `is_known`: it is on its way for sure."""

    template: ClassVar[str] = "recover_contact.html"

    resend_action: str
    back_href: str
    is_known: bool = False
    resent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverProofPage(FormPage):
    """Form `recover-proof`: `code`, from an app or a list of recovery codes."""

    template: ClassVar[str] = "recover_proof.html"

    back_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverPasswordPage(FormPage):
    """Form `recover-password`: `password` and `again`. `shortest`: characters."""

    template: ClassVar[str] = "recover_password.html"

    shortest: int
    forgets_factors: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverBackPage(FormPage):
    """What became of a request (`state`); form `recover-begin` when a password can be set.

    `spoken` are the digits to read out while it waits; `address` is this page's, to come back to.
    """

    template: ClassVar[str] = "recover_back.html"

    state: str
    address: str
    expires_at: datetime
    spoken: str = ""
    ready_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverCounterPage(FormPage):
    """Form `recover-counter`: `code`, which an officer handed over."""

    template: ClassVar[str] = "recover_counter.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverEarlyPage(FormPage):
    """Form `recover-early`, without fields, where the account `has_contact`: a code is sent there.

    `ready_at` is from when on the code of the counter is good by itself.
    """

    template: ClassVar[str] = "recover_early.html"

    ready_at: datetime
    has_contact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverStopPage(FormPage):
    """Form `recover-stop`; `outcome` is `stopped` or `too_late` once it was sent, or when nothing is left to stop."""

    template: ClassVar[str] = "recover_stop.html"

    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class TrustRow:
    """One bond: the other side by name, and the actions that there are."""

    name: str
    named_at: datetime
    accepted: bool
    counts_from: datetime | None = None
    accept_action: str | None = None
    remove_action: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request about the own account (`stop_action` while it can be stopped), or of somebody else (`href`)."""

    state: str
    way: str
    asked_at: datetime
    ready_at: datetime | None = None
    stop_action: str | None = None
    name: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecoveryPage(OwnDataPage):
    """`/account/recovery`: form `trust` (`personal_number`, `name`), the people of both sides, and requests.

    Any of the forms `stop-N` and `stop-all` ends every open request.
    """

    template: ClassVar[str] = "own_recovery.html"

    people: tuple[TrustRow, ...]
    trusting: tuple[TrustRow, ...]
    requests: tuple[RequestRow, ...]
    asked: tuple[RequestRow, ...]
    fewest: int
    most: int
    passkey_action: str | None = None
    notice: str | None = None
    refusal: str | None = None
    personal_number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpRecoverPage(FormPage):
    """Form `help-recover` (`code`, which the owner reads out) and form `help-deny`; neither once `answered` or over."""

    template: ClassVar[str] = "help_recover.html"

    owner: str
    asked_at: datetime
    deny_action: str
    waits: bool
    answered: bool

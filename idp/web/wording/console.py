"""The words of the console that are chosen by a code: rooms, roles, states, kinds of changes, reasons of refusals.

Each area has its own table beside its pages; a code has one meaning in the whole console.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from idp.web.wording.authorities import AUTHORITY_WORDS
from idp.web.wording.clients import CLIENT_WORDS
from idp.web.wording.corrections import CORRECTION_WORDS
from idp.web.wording.locks import LOCK_WORDS
from idp.web.wording.officers import OFFICER_WORDS
from idp.web.wording.people import PEOPLE_WORDS
from idp.web.wording.policies import POLICIES
from idp.web.wording.proofing import PROOFING_WORDS
from idp.web.wording.words import marked

_ROOMS: Final = {
    "room.home": marked("Overview"),
    "room.changes": marked("Changes to decide"),
    "room.reports": marked("Reports"),
    "room.audit": marked("Audit trail"),
    "room.keys": marked("Keys"),
}
_ROLES: Final = {
    "role.proofing_officer": marked("Proofing officer"),
    "role.agency_admin": marked("Agency administrator"),
    "role.identity_admin": marked("Identity administrator"),
    "role.client_admin": marked("Service administrator"),
    "role.security_admin": marked("Security administrator"),
    "role.auditor": marked("Auditor"),
}
_CHANGES: Final = {
    "state.waiting": marked("Waits for a decision"),
    "state.approved": marked("Approved, not yet in effect"),
    "state.applied": marked("In effect"),
    "state.refused": marked("Refused"),
    "state.withdrawn": marked("Withdrawn"),
    "state.failed": marked("Not possible any more"),
    "state.expired": marked("Not decided in time"),
    "notice.approved": marked("Approved. The change is in effect."),
    "notice.refused": marked("Refused. Nothing was changed."),
    "notice.withdrawn": marked("Withdrawn. Nothing was changed."),
    "notice.asked": marked("Asked. Another administrator decides now."),
}
_KEYS: Final = {
    "change.keys.rotate": marked("Rotate keys"),
    "change.keys.retire": marked("Believe a key no more"),
    "fact.key.purpose": marked("What the keys are for"),
    "fact.key.algorithm": marked("Algorithm"),
    "fact.key.id": marked("Key"),
    "value.signing": marked("Signing of tokens"),
    "value.encryption": marked("What services encrypt to us"),
    "purpose.signing": marked("Signing of tokens"),
    "purpose.encryption": marked("What services encrypt to us"),
    "purpose.wrapping": marked("Personal data at rest"),
    "key_state.next": marked("Known, not yet in use"),
    "key_state.signing": marked("Signs"),
    "key_state.published": marked("Still believed"),
    "key_state.current": marked("In use"),
    "key_state.former": marked("Still opens"),
    "key_state.wrapping": marked("Seals"),
}
_REPORTS: Final = {
    "span.day": marked("24 hours"),
    "span.week": marked("7 days"),
    "span.month": marked("30 days"),
    "level.0": marked("Nothing proved"),
    "level.1": marked("Level 1"),
    "level.2": marked("Level 2"),
    "level.3": marked("Level 3"),
    "level.4": marked("Level 4"),
    "amr.pwd": marked("Password alone"),
    "amr.mfa otp pwd": marked("Password and one-time code"),
    "refusal.password_refused": marked("Wrong password or unknown name"),
    "refusal.second_factor_refused": marked("Wrong second factor"),
    "refusal.refused": marked("The service got an error"),
    "form_factor.phone": marked("Phone"),
    "form_factor.computer": marked("Computer"),
    "form_factor.unknown": marked("Not told"),
    "language.vi": marked("Vietnamese"),
    "language.en": marked("English"),
    "way.usual": marked("The usual way"),
    "way.recovery_code": marked("With a recovery code"),
    "way.first_enrolment": marked("Setting up a second factor on the way"),
}
_FILTERS: Final = {
    "filter.account_id": marked("Account (its identifier)"),
    "filter.client_id": marked("Service (its client_id)"),
    "filter.request_id": marked("Request (its identifier)"),
    "filter.session_id": marked("Session (its identifier)"),
    "filter.change_id": marked("Change (its identifier)"),
}
_PROBLEMS: Final = {
    "problem.missing": marked("Fill in this field."),
    "problem.malformed": marked("This is not written as it should be."),
    "problem.too_often": marked("Too many tries. Wait a few minutes."),
    "problem.unknown": marked("There is no such entry."),
    "problem.too_long": marked("This is too long."),
}

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **_ROOMS,
        **LOCK_WORDS,
        **CORRECTION_WORDS,
        **_ROLES,
        **_CHANGES,
        **_KEYS,
        **_REPORTS,
        **_FILTERS,
        **_PROBLEMS,
        **AUTHORITY_WORDS,
        **OFFICER_WORDS,
        **PEOPLE_WORDS,
        **CLIENT_WORDS,
        **PROOFING_WORDS,
        **POLICIES,
    }
)


def console_words(kind: str, code: str) -> str:
    """Return the English words for a code of a kind (`room`, `role`, `state`, `problem`, …), to be translated.

    A code that has none is shown as it is: administrators of an agency may meet roles that the agency made up.
    """
    return _WORDS.get(f"{kind}.{code}", code)

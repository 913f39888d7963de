"""Why officers looked at a record, and at what, as the person reads it."""

from collections.abc import Mapping
from types import MappingProxyType

from idp.domain.people.record_access import Purpose, Seen
from idp.web.wording.words import marked

_PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        Purpose.ASSISTANCE: marked("To help you, as you asked"),
        Purpose.PROOFING: marked("To prove your identity at a counter"),
        Purpose.CORRECTION: marked("To handle your request for correction"),
        Purpose.LOCK: marked("To lock or unlock the account"),
        Purpose.GUARDIANSHIP: marked("To handle a guardianship of you"),
        Purpose.DUPLICATE: marked("To find out whether two records are one person's"),
        Purpose.INVESTIGATION: marked("A competent body asked in writing"),
        Purpose.SECURITY: marked("To look into a security incident"),
        Purpose.SUPERVISION: marked("To supervise how records are kept"),
    }
)

_SEEN: Mapping[str, str] = MappingProxyType(
    {
        Seen.LISTED: marked("Name and date of birth in a list"),
        Seen.RECORD: marked("Your identity record"),
        Seen.EVIDENCE: marked("How you were proved"),
        Seen.ACCOUNT: marked("State and locks of the account"),
        Seen.ACTIVITY: marked("Sessions and recent events"),
    }
)


def look_words(name: str) -> str:
    """Return the words for a purpose of a look, or for what was seen; the name itself where there are none."""
    return _PURPOSES.get(name) or _SEEN.get(name, name)

"""How a person was proved, in words: documents, registers, checks, and where attributes come from."""

from collections.abc import Mapping
from types import MappingProxyType

from idp.web.wording.words import marked

_PROOFS: Mapping[str, str] = MappingProxyType(
    {
        "document": marked("A document"),
        "electronic_record": marked("A register"),
        "idcard": marked("Identity card"),
        "passport": marked("Passport"),
        "residence_permit": marked("Residence card"),
        "population_register": marked("The national population database"),
        "counter": marked("A one-stop counter"),
        "vpip": marked("An officer looked at it, with you present"),
        "vcrypt": marked("Its chip was read"),
        "data": marked("Its data were compared with the register"),
        "pvp": marked("An officer compared you with the portrait"),
        "bvp": marked("Your face or finger was compared by a device, with you present"),
        "bvr": marked("Your face was compared from afar"),
    }
)

_UNKNOWN = marked("An office")


def proof_words(name: str) -> str:
    """Return the words for a kind of evidence, a check or a source; those of some office for any other."""
    return _PROOFS.get(name, _UNKNOWN)

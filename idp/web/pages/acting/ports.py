"""What the pages about acting for others need from outside."""

from idp.domain.values import dataclass
from idp.ports.authorities import Authorities, Guardianships, Mandates, Organisations
from idp.ports.clients import ClientRegistry
from idp.ports.identity_records import IdentityRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingPorts:
    """Their ports."""

    authorities: Authorities
    mandates: Mandates
    guardianships: Guardianships
    organisations: Organisations
    records: IdentityRecords
    client_registry: ClientRegistry

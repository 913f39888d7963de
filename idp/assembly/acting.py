"""Acting for others: its ports on the stores."""

from idp.adapters.sql.stores import Stores
from idp.web.pages.acting.ports import ActingPorts


def acting_ports(stores: Stores) -> ActingPorts:
    """Return what the pages about acting for others read and write."""
    return ActingPorts(
        authorities=stores.authorities,
        mandates=stores.mandates,
        guardianships=stores.guardianships,
        organisations=stores.organisations,
        records=stores.identity_records,
        client_registry=stores.client_registry,
    )

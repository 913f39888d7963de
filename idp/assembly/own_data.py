"""What the pages about a person's own data are made from."""

from idp.adapters.foundation import Foundation
from idp.web.pages.own_data import OwnData


def own_data(at: Foundation) -> OwnData:
    """Put the ports and use cases together."""
    stores = at.stores
    return OwnData(
        identity_records=stores.identity_records,
        releases=stores.releases,
        consents=stores.consents,
        clients=stores.clients,
        keys=at.keys,
        issuer=at.settings.issuer,
    )

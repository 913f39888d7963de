"""Alerts, put together: read from the audit trail, and delivered."""

from idp.adapters.foundation import Foundation
from idp.journeys.risk.alert_delivery import AlertDelivery
from idp.journeys.risk.alerts import AlertReader
from idp.ports.security_notices import SecurityNotices


def alert_reader(at: Foundation) -> AlertReader:
    """Make what reads the audit trail for them."""
    return AlertReader(at.stores.audit_log, at.stores.security_alerts)


def alert_delivery(at: Foundation, notices: SecurityNotices) -> AlertDelivery:
    """Make what delivers them."""
    stores = at.stores
    return AlertDelivery(
        stores.alert_messages,
        stores.accounts,
        notices,
        at.clock,
        default_locale=at.settings.default_locale,
    )

"""What a grant stands on when it is started: its session, its account and the consent that was given."""

from sqlalchemy import and_, bindparam, exists, func, or_

from idp.adapters.sql.tables.consents import consent_evidence, consents
from idp.adapters.sql.tables.main import accounts, ended_sessions
from idp.domain.accounts.account import AccountStatus
from idp.domain.grants.grant import ConsentDecision, Grant

SESSION_ENDED = exists().where(ended_sessions.c.session_id == bindparam("session_id"))
ACCOUNT_STANDS = exists().where(
    accounts.c.account_id == bindparam("account_id"),
    accounts.c.status == AccountStatus.ACTIVE.value,
    accounts.c.sessions_valid_from <= bindparam("stands_on"),
)
_consent_id = bindparam("consent_id", type_=consents.c.consent_id.type)
_consent_in_force = exists().where(
    consents.c.account_id == bindparam("account_id"),
    consents.c.client_id == bindparam("client_id"),
    func.coalesce(consents.c.consent_id, "") == _consent_id,
)
# Of what names no consent. Moments are whole seconds: what was given in the second of the withdrawal goes with it.
_withdrawn_since = exists().where(
    consent_evidence.c.account_id == bindparam("account_id"),
    consent_evidence.c.client_id == bindparam("client_id"),
    consent_evidence.c.at >= bindparam("given_at"),
    consent_evidence.c.decision == ConsentDecision.WITHDRAWN.value,
)
CONSENT_STANDS = or_(_consent_in_force, and_(_consent_id.is_(None), ~_withdrawn_since))


def grounds(grant: Grant) -> dict[str, object]:
    """The parameters of these conditions that are no columns of the grant."""
    return {"stands_on": grant.stands_on, "given_at": grant.created_at, "consent_id": grant.consent_id}

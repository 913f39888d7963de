"""Who may do what in the administrators' console: roles, actions, and the one table that joins them."""

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What an officer is trusted with, besides the officer's own work."""

    PROOFING_OFFICER = "proofing_officer"
    AGENCY_ADMIN = "agency_admin"
    IDENTITY_ADMIN = "identity_admin"
    CLIENT_ADMIN = "client_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"


class Reach(IntEnum):
    """How far an action reaches; the farther one counts when several roles allow it."""

    SUBTREE = 1
    """The officer's own agency and the agencies under it."""
    EVERYWHERE = 2


class Action(StrEnum):
    """One thing that somebody may do. Pages and the JSON API name the same ones."""

    ENTER = "console.enter"
    """See the first page of the console."""
    CHANGES_VIEW = "changes.view"
    """See the changes that wait for a second pair of eyes; what each kind tells is its own action's."""
    REPORTS_VIEW = "reports.view"
    """See how many signed in, where, how, and what was refused: numbers only."""
    AUDIT_SEARCH = "audit.search"
    """Read the audit trail."""
    KEYS_VIEW = "keys.view"
    """See the keys of tokens and of personal data: names, algorithms, states and dates."""
    KEYS_ASK = "keys.ask"
    """Ask that keys of tokens are rotated or retired."""
    KEYS_DECIDE = "keys.decide"
    """Decide that."""

    CORRECTIONS_VIEW = "corrections.view"
    """See what people ask to have corrected, with the record that it is about."""
    CORRECTIONS_ANSWER = "corrections.answer"
    """Answer them in writing, and ask that a record is corrected."""
    CORRECTIONS_DECIDE = "corrections.decide"
    """Decide that."""

    PEOPLE_FIND = "people.find"
    """Find somebody for a purpose, and see the record and the account; the person learns of it."""
    CLIENTS_VIEW = "clients.view"
    """See services: what is registered, what they may receive, and how far they are on the way to production."""
    CLIENTS_MANAGE = "clients.manage"
    """Register services, record their way to production, renew their secrets, disable and enable them."""
    CLIENTS_ASK = "clients.ask"
    """Ask that a service goes into production, or that one in production changes."""
    CLIENTS_DECIDE = "clients.decide"
    """Decide that."""
    PROOFING_VIEW = "proofing.view"
    """See the cases of proofing at counters."""
    PROOFING_WORK = "proofing.work"
    """Look somebody up by number or card, open a case and decide it, at the own counter."""
    PROOFING_APPROVE = "proofing.approve"
    """Agree that a case passes although a check could not be made as usual."""
    PEOPLE_MERGE_ASK = "people.merge.ask"
    """Compare two records that are alike, and ask that their accounts become one."""
    PEOPLE_MERGE_DECIDE = "people.merge.decide"
    """Decide that."""

    AGENCIES_VIEW = "agencies.view"
    """See the tree of agencies."""
    AGENCIES_MANAGE = "agencies.manage"
    """Found agencies, change them, and say when they end and who follows."""
    OFFICERS_VIEW = "officers.view"
    """See who works where, as what and since when."""
    OFFICERS_MANAGE = "officers.manage"
    """Let officers join, move and leave, take roles away, hand out activation links."""
    ROLES_ASK = "officers.roles.ask"
    """Ask that an officer gets a role within an agency."""
    ROLES_DECIDE = "officers.roles.decide"
    """Decide that."""
    WIDE_ROLES_ASK = "officers.wide_roles.ask"
    """Ask that an officer gets a role that reaches beyond an agency."""
    WIDE_ROLES_DECIDE = "officers.wide_roles.decide"
    """Decide that."""

    POLICIES_VIEW = "policies.view"
    """See the assurance policy, its versions and their dates."""
    POLICIES_ASK = "policies.ask"
    """Try other rules on the past week, and ask that they become the next version."""
    POLICIES_DECIDE = "policies.decide"
    """Decide that."""

    LOCKS_VIEW = "locks.view"
    """See authorities' requests to lock and unlock, and the locks of an account found by identifier."""
    LOCKS_WORK = "locks.work"
    """Enter such requests, forward and refuse them, and ask that they are carried out."""
    LOCKS_DECIDE = "locks.decide"
    """Decide that."""
    LOCKS_END_OWN = "locks.end_own"
    """End the lock that a person asked for who came to a counter."""

    AUTHORITIES_VIEW = "authorities.view"
    """See organisations, who represents them, and the mandates that they gave."""
    GUARDIANSHIPS_VIEW = "guardianships.view"
    """See which guardians ask for whom, beside the record, and who is whose guardian."""
    GUARDIANSHIPS_ASK = "guardianships.ask"
    """Ask that a guardianship is confirmed; refuse or end one."""
    GUARDIANSHIPS_DECIDE = "guardianships.decide"
    """Decide that."""


_EVERYBODY: Final = MappingProxyType(dict.fromkeys(Role, Reach.SUBTREE))

PERMISSIONS: Final[Mapping[Action, Mapping[Role, Reach]]] = MappingProxyType(
    {
        Action.ENTER: _EVERYBODY,
        Action.CHANGES_VIEW: _EVERYBODY,
        Action.REPORTS_VIEW: dict.fromkeys(
            (Role.AUDITOR, Role.SECURITY_ADMIN, Role.IDENTITY_ADMIN, Role.CLIENT_ADMIN), Reach.EVERYWHERE
        ),
        Action.AUDIT_SEARCH: {Role.AUDITOR: Reach.EVERYWHERE, Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.KEYS_VIEW: {Role.AUDITOR: Reach.EVERYWHERE, Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.KEYS_ASK: {Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.KEYS_DECIDE: {Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.CORRECTIONS_VIEW: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.CORRECTIONS_ANSWER: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.CORRECTIONS_DECIDE: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.PEOPLE_FIND: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE, Role.AUDITOR: Reach.EVERYWHERE},
        Action.CLIENTS_VIEW: {Role.CLIENT_ADMIN: Reach.EVERYWHERE, Role.AUDITOR: Reach.EVERYWHERE},
        Action.CLIENTS_MANAGE: {Role.CLIENT_ADMIN: Reach.EVERYWHERE},
        Action.CLIENTS_ASK: {Role.CLIENT_ADMIN: Reach.EVERYWHERE},
        Action.CLIENTS_DECIDE: {Role.CLIENT_ADMIN: Reach.EVERYWHERE},
        Action.PROOFING_VIEW: {Role.PROOFING_OFFICER: Reach.SUBTREE, Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.PROOFING_WORK: {Role.PROOFING_OFFICER: Reach.SUBTREE},
        Action.PROOFING_APPROVE: {Role.PROOFING_OFFICER: Reach.SUBTREE},
        Action.PEOPLE_MERGE_ASK: {Role.PROOFING_OFFICER: Reach.SUBTREE, Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.PEOPLE_MERGE_DECIDE: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.AGENCIES_VIEW: {
            Role.AGENCY_ADMIN: Reach.SUBTREE,
            Role.IDENTITY_ADMIN: Reach.EVERYWHERE,
            Role.CLIENT_ADMIN: Reach.EVERYWHERE,
            Role.SECURITY_ADMIN: Reach.EVERYWHERE,
            Role.AUDITOR: Reach.EVERYWHERE,
        },
        Action.AGENCIES_MANAGE: {Role.AGENCY_ADMIN: Reach.SUBTREE, Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.OFFICERS_VIEW: {
            Role.AGENCY_ADMIN: Reach.SUBTREE,
            Role.SECURITY_ADMIN: Reach.EVERYWHERE,
            Role.AUDITOR: Reach.EVERYWHERE,
        },
        Action.OFFICERS_MANAGE: {Role.AGENCY_ADMIN: Reach.SUBTREE, Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.ROLES_ASK: {Role.AGENCY_ADMIN: Reach.SUBTREE, Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.ROLES_DECIDE: {Role.AGENCY_ADMIN: Reach.SUBTREE, Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.WIDE_ROLES_ASK: {Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.WIDE_ROLES_DECIDE: {Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.POLICIES_VIEW: {
            Role.SECURITY_ADMIN: Reach.EVERYWHERE,
            Role.CLIENT_ADMIN: Reach.EVERYWHERE,
            Role.AUDITOR: Reach.EVERYWHERE,
        },
        Action.POLICIES_ASK: {Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.POLICIES_DECIDE: {Role.SECURITY_ADMIN: Reach.EVERYWHERE},
        Action.LOCKS_VIEW: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE, Role.AUDITOR: Reach.EVERYWHERE},
        Action.LOCKS_WORK: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.LOCKS_DECIDE: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.LOCKS_END_OWN: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.AUTHORITIES_VIEW: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE, Role.AUDITOR: Reach.EVERYWHERE},
        Action.GUARDIANSHIPS_VIEW: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.GUARDIANSHIPS_ASK: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
        Action.GUARDIANSHIPS_DECIDE: {Role.IDENTITY_ADMIN: Reach.EVERYWHERE},
    }
)
"""For each action the roles that allow it, and how far; a role that is not named refuses it."""


WITHIN_AN_AGENCY: Final = frozenset({Role.PROOFING_OFFICER, Role.AGENCY_ADMIN})
"""Roles that reach no farther than an agency; an agency's own administrators may give and take these alone."""


def roles_among(names: Iterable[str]) -> frozenset[Role]:
    """Return the administrative roles among an officer's roles; agencies use others for themselves."""
    known = set(Role)
    return frozenset(Role(name) for name in names if name in known)


def reach_of(roles: Iterable[Role], action: Action) -> Reach | None:
    """Return how far somebody with `roles` may go in `action`, or None when not at all."""
    allowed = PERMISSIONS[action]
    return max((allowed[role] for role in roles if role in allowed), default=None)

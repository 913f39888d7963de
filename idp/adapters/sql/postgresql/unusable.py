"""Why a PostgreSQL database cannot be used, in words for whoever set it; nothing of its URL is repeated."""

import os
import socket
import ssl
from typing import Final

import asyncpg

from idp.adapters.sql.postgresql.connection import is_unavailable
from idp.adapters.sql.revisions import UnusableDatabaseError

_REFUSALS: Final[tuple[tuple[type[BaseException], str, str], ...]] = (
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "PostgreSQL refuses this user, or the password",
        "correct them in IDP_DATABASE_URL, or the server's role and pg_hba.conf",
    ),
    (
        asyncpg.InvalidCatalogNameError,
        "PostgreSQL has no database of this name",
        "create it, or correct IDP_DATABASE_URL",
    ),
    (
        asyncpg.InsufficientPrivilegeError,
        "PostgreSQL does not let this user in, or make tables",
        "make the user of IDP_DATABASE_URL the owner of the database (ALTER DATABASE … OWNER TO …)",
    ),
    (
        asyncpg.TooManyConnectionsError,
        "PostgreSQL has no connection left",
        "raise its max_connections, or lower IDP_DATABASE_POOL",
    ),
    (
        asyncpg.TargetServerAttributeNotMatched,
        "no server is what target_session_attrs asks for",
        "see which one is the primary, or correct IDP_DATABASE_URL",
    ),
    (
        asyncpg.ClientConfigurationError,
        "PostgreSQL or its driver cannot use IDP_DATABASE_URL",
        "name a user, and correct what follows the question mark",
    ),
    (
        ssl.SSLCertVerificationError,
        "the certificate of PostgreSQL is not believed",
        "see that sslrootcert in IDP_DATABASE_URL names its authority, and that the certificate is for this host",
    ),
)


def told(error: BaseException) -> UnusableDatabaseError | None:
    """Return what to say of an error of a connection or a migration; None for one that nobody can do anything about."""
    for kind, problem, remedy in _REFUSALS:
        if isinstance(error, kind):
            return UnusableDatabaseError(problem, remedy)
    if not is_unavailable(error):
        return None
    reason = _reason(error)
    return UnusableDatabaseError(
        f"the database does not answer{f' ({reason})' if reason else ''}",
        "check IDP_DATABASE_URL, that PostgreSQL runs, and that nothing holds it locked",
    )


def _reason(error: BaseException) -> str:
    """Return the system's word for it; its own text would name addresses."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, socket.gaierror):
        return "no such host"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    # The driver raises a bare ConnectionError where the URL asks for TLS and the server speaks none.
    return "it speaks no TLS" if type(error) is ConnectionError else ""

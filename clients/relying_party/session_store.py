"""Sessions of this application: who signed in, with which tokens, until when."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clients.relying_party.bearer_values import csrf_token, fingerprint, new_value
from clients.relying_party.database import Database

SCHEMA = (
    """
    CREATE TABLE sessions (
        key TEXT PRIMARY KEY,                -- SHA-256 of the cookie
        client_id TEXT NOT NULL,
        subject TEXT NOT NULL,
        provider_session TEXT,               -- sid
        claims TEXT NOT NULL,                -- JSON, from userinfo
        id_token TEXT NOT NULL,              -- hint for sign-out
        nonce TEXT NOT NULL,
        acr TEXT,
        auth_time INTEGER,
        refresh_token TEXT,
        refresh_started_at INTEGER,
        seen_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX sessions_by_provider_session ON sessions (client_id, provider_session);
    CREATE INDEX sessions_by_subject ON sessions (client_id, subject);
    CREATE TABLE access_tokens (
        session_key TEXT NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
        audience TEXT NOT NULL,              -- empty: the provider itself
        value TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (session_key, audience)
    ) STRICT;
    CREATE TABLE ended_provider_sessions (
        client_id TEXT NOT NULL,
        provider_session TEXT NOT NULL,
        forget_at INTEGER NOT NULL,
        PRIMARY KEY (client_id, provider_session)
    ) STRICT;
    CREATE TABLE logout_tokens (
        jti TEXT PRIMARY KEY,
        forget_at INTEGER NOT NULL
    ) STRICT
    """,
    "ALTER TABLE sessions ADD COLUMN approved_details TEXT",
)
PROVIDER_AUDIENCE = ""
TOUCH_EVERY = 60  # seconds
REMEMBER_ENDED = 86400  # seconds


class LogoutTokenReplayed(Exception):
    """This logout token was accepted before."""


class ProviderSessionOver(Exception):
    """The provider already told us that this session has ended."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    value: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A completed sign-in, about to become a session."""

    client_id: str
    subject: str
    provider_session: str | None
    claims: Mapping[str, Any]
    id_token: str
    nonce: str
    acr: str | None
    auth_time: int | None
    access_token: AccessToken
    refresh_token: str | None
    approved_details: str = ""  # what the person approved with this sign-in (RFC 9396), a JSON array


@dataclass(frozen=True, slots=True)
class Session:
    """A session as a request sees it."""

    key: str
    csrf_token: str
    client_id: str
    subject: str
    provider_session: str | None
    claims: Mapping[str, Any]
    id_token: str
    nonce: str
    acr: str | None
    auth_time: int | None
    can_refresh: bool
    expires_at: int
    approved_details: str = ""

    @property
    def name(self) -> str:
        return str(self.claims.get("name") or self.claims.get("preferred_username") or self.subject)

    @property
    def acts_for(self) -> str | None:
        """Return the name of whom the person acts for (OpenID Connect Authority claims), None for nobody else."""
        authority = self.claims.get("authority")
        principal = authority.get("applies_to") if isinstance(authority, dict) else None
        if not isinstance(principal, dict):
            return None
        named = principal.get("organization_name") or principal.get("name") or principal.get("sub")
        return str(named) if named else None

    def claim(self, name: str) -> str | None:
        """Return a claim when it is a non-empty string."""
        value = self.claims.get(name)
        return value if isinstance(value, str) and value else None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh brought."""

    audience: str
    access_token: AccessToken
    refresh_token: str
    id_token: str | None


class SessionStore:
    """Sessions in SQLite. `idle` is how many seconds a session lives unused."""

    def __init__(self, database: Database, *, lifetime: int, idle: int) -> None:
        self._database = database
        self._lifetime = lifetime
        self._idle = idle

    def begin(self, signed_in: SignedIn, *, now: int, replaces: str | None) -> str:
        """Store a session and return its cookie value; the session it replaces is gone in the same transaction.

        Raises ProviderSessionOver when the provider's logout token overtook the sign-in.
        """
        cookie = new_value()
        key = fingerprint(cookie)
        with self._database.transaction() as connection:
            _refuse_ended(connection, signed_in)
            if replaces is not None:
                connection.execute("DELETE FROM sessions WHERE key = ?", (replaces,))
            connection.execute(
                "INSERT INTO sessions (key, client_id, subject, provider_session, claims, id_token, nonce, acr,"
                " auth_time, refresh_token, approved_details, seen_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    key,
                    signed_in.client_id,
                    signed_in.subject,
                    signed_in.provider_session,
                    json.dumps(signed_in.claims, ensure_ascii=False),
                    signed_in.id_token,
                    signed_in.nonce,
                    signed_in.acr,
                    signed_in.auth_time,
                    signed_in.refresh_token,
                    signed_in.approved_details,
                    now,
                    now + self._lifetime,
                ),
            )
            _keep_access_token(connection, key, PROVIDER_AUDIENCE, signed_in.access_token)
        return cookie

    def find(self, cookie: str, *, now: int) -> Session | None:
        """Return the living session of this cookie and note that it was used."""
        key = fingerprint(cookie)
        row = self._database.row(
            "SELECT * FROM sessions WHERE key = ? AND expires_at > ? AND seen_at > ?", (key, now, now - self._idle)
        )
        if row is None:
            return None
        if now - row["seen_at"] >= TOUCH_EVERY:
            with self._database.transaction() as connection:
                connection.execute("UPDATE sessions SET seen_at = ? WHERE key = ?", (now, key))
        return Session(
            key=key,
            csrf_token=csrf_token(cookie),
            client_id=row["client_id"],
            subject=row["subject"],
            provider_session=row["provider_session"],
            claims=json.loads(row["claims"]),
            id_token=row["id_token"],
            nonce=row["nonce"],
            acr=row["acr"],
            auth_time=row["auth_time"],
            can_refresh=row["refresh_token"] is not None,
            expires_at=row["expires_at"],
            approved_details=row["approved_details"] or "",
        )

    def end(self, key: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sessions WHERE key = ?", (key,))

    def end_by_provider(
        self, client_id: str, *, provider_session: str | None, subject: str | None, jti: str, now: int, forget_at: int
    ) -> int:
        """End the sessions a logout token names and mark it used, atomically; return how many ended.

        Raises LogoutTokenReplayed when the token was accepted before.
        """
        with self._database.transaction() as connection:
            marked = connection.execute(
                "INSERT INTO logout_tokens (jti, forget_at) VALUES (?, ?) ON CONFLICT DO NOTHING", (jti, forget_at)
            )
            if marked.rowcount != 1:
                raise LogoutTokenReplayed
            if provider_session is not None:
                connection.execute(
                    "INSERT INTO ended_provider_sessions (client_id, provider_session, forget_at) VALUES (?, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    (client_id, provider_session, now + REMEMBER_ENDED),
                )
            return connection.execute(
                "DELETE FROM sessions WHERE client_id = ?1"
                " AND (?2 IS NULL OR provider_session = ?2) AND (?3 IS NULL OR subject = ?3)",
                (client_id, provider_session, subject),
            ).rowcount

    def access_token(self, key: str, audience: str) -> AccessToken | None:
        row = self._database.row(
            "SELECT value, expires_at FROM access_tokens WHERE session_key = ? AND audience = ?", (key, audience)
        )
        return None if row is None else AccessToken(row["value"], row["expires_at"])

    def claim_refresh(self, key: str, *, now: int, lease: int) -> str | None:
        """Return the refresh token to the one caller that may use it now; None while another caller holds it.

        The claim lapses after `lease` seconds, in case its holder died.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "UPDATE sessions SET refresh_started_at = ?1 WHERE key = ?2 AND refresh_token IS NOT NULL"
                " AND (refresh_started_at IS NULL OR refresh_started_at <= ?1 - ?3) RETURNING refresh_token",
                (now, key, lease),
            ).fetchone()
        return None if row is None else str(row["refresh_token"])

    def release_refresh(self, key: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("UPDATE sessions SET refresh_started_at = NULL WHERE key = ?", (key,))

    def keep_refreshed(self, key: str, refreshed: Refreshed) -> None:
        """Store what a refresh brought and release the claim, in one transaction."""
        with self._database.transaction() as connection:
            updated = connection.execute(
                "UPDATE sessions SET refresh_token = ?, id_token = coalesce(?, id_token), refresh_started_at = NULL"
                " WHERE key = ?",
                (refreshed.refresh_token, refreshed.id_token, key),
            )
            if updated.rowcount == 1:
                _keep_access_token(connection, key, refreshed.audience, refreshed.access_token)

    def keep_claims(self, key: str, claims: Mapping[str, Any]) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE sessions SET claims = ? WHERE key = ?", (json.dumps(claims, ensure_ascii=False), key)
            )

    def exists(self, key: str) -> bool:
        return self._database.row("SELECT 1 FROM sessions WHERE key = ?", (key,)) is not None

    def purge(self, *, now: int) -> None:
        """Delete what has expired."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sessions WHERE expires_at <= ? OR seen_at <= ?", (now, now - self._idle))
            connection.execute("DELETE FROM logout_tokens WHERE forget_at <= ?", (now,))
            connection.execute("DELETE FROM ended_provider_sessions WHERE forget_at <= ?", (now,))


def _refuse_ended(connection: sqlite3.Connection, signed_in: SignedIn) -> None:
    ended = connection.execute(
        "SELECT 1 FROM ended_provider_sessions WHERE client_id = ? AND provider_session = ?",
        (signed_in.client_id, signed_in.provider_session),
    ).fetchone()
    if ended is not None:
        raise ProviderSessionOver


def _keep_access_token(connection: sqlite3.Connection, key: str, audience: str, token: AccessToken) -> None:
    connection.execute(
        "INSERT INTO access_tokens (session_key, audience, value, expires_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (session_key, audience) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
        (key, audience, token.value, token.expires_at),
    )

import os
import ssl

import asyncpg
import pytest

from idp.adapters.sql import schema
from idp.adapters.sql.postgresql.unusable import told
from idp.adapters.sql.schema import UnsupportedEngineError, UnusableDatabaseError, current_revision, migrate
from tests.postgresql import run_sql, server


def problem(url: str) -> str:
    with pytest.raises(UnusableDatabaseError) as refused:
        current_revision(url)
    assert refused.value.remedy
    return refused.value.problem


@pytest.fixture
def url() -> str:
    return server().new_database()


def test_a_stranger_is_told_from_a_server_that_is_away(url: str) -> None:
    assert problem(url.replace("postgres@", "stranger:hidden@")) == "PostgreSQL refuses this user, or the password"
    assert problem("postgresql://user:hidden@127.0.0.1:1/idp") == "the database does not answer (Connection refused)"
    assert problem("postgresql://user:hidden@nobody.invalid/idp") == "the database does not answer (no such host)"


def test_a_database_that_is_not_there_is_told(url: str) -> None:
    base, _, more = url.partition("?")
    assert problem(f"{base}_of_nobody?{more}") == "PostgreSQL has no database of this name"


@pytest.mark.parametrize("more", ["odd=1", "sslmode=odd", "target_session_attrs=odd"])
def test_what_follows_the_question_mark_and_means_nothing_is_told(url: str, more: str) -> None:
    assert problem(f"{url}&{more}") == "PostgreSQL or its driver cannot use IDP_DATABASE_URL"


def test_a_url_without_user_of_a_process_without_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr("getpass.getuser", nameless)
    monkeypatch.delenv("PGUSER", raising=False)
    assert problem("postgresql://127.0.0.1:1/idp") == "PostgreSQL or its driver cannot use IDP_DATABASE_URL"


def test_a_user_who_may_make_no_tables_is_told(url: str) -> None:
    run_sql(url, "CREATE ROLE narrow_user LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    try:
        with pytest.raises(UnusableDatabaseError) as refused:
            migrate(url.replace("postgres@", "narrow_user@"))
        assert refused.value.problem == "PostgreSQL does not let this user in, or make tables"
    finally:
        run_sql(url, "DROP ROLE narrow_user")


def test_a_new_database_of_another_encoding_is_refused_before_anything_is_made(url: str) -> None:
    run_sql(url, "CREATE DATABASE narrow_letters ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    base, _, more = url.partition("?")
    narrow = f"{base.rpartition('/')[0]}/narrow_letters?{more}"
    try:
        with pytest.raises(UnsupportedEngineError, match="encoded in LATIN1") as refused:
            migrate(narrow)
        assert "ENCODING 'UTF8'" in refused.value.remedy
    finally:
        run_sql(url, "DROP DATABASE narrow_letters")


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (asyncpg.TooManyConnectionsError(), "PostgreSQL has no connection left"),
        (asyncpg.TargetServerAttributeNotMatched(), "no server is what target_session_attrs asks for"),
        (ssl.SSLCertVerificationError(1, "unknown"), "the certificate of PostgreSQL is not believed"),
        (ConnectionError("rejected SSL upgrade"), "the database does not answer (it speaks no TLS)"),
        (TimeoutError(), "the database does not answer (timeout)"),
        (OSError(28, "x"), f"the database does not answer ({os.strerror(28)})"),
        (asyncpg.LockNotAvailableError(), "the database does not answer"),
    ],
)
def test_each_way_to_fail_has_its_words(error: Exception, problem: str) -> None:
    unusable = told(error)
    assert unusable is not None
    assert unusable.problem == problem


def test_a_fault_of_our_own_has_none() -> None:
    assert told(asyncpg.UndefinedTableError()) is None


@pytest.mark.parametrize(("found", "remedy"), [(None, "run idp migrate"), ("0001", "run idp migrate")])
def test_an_older_schema_is_migrated(found: str | None, remedy: str) -> None:
    assert schema.SchemaMismatchError(found, schema.EXPECTED_REVISION).remedy == remedy


def test_a_newer_schema_is_left_to_the_release_that_made_it() -> None:
    newer = schema.SchemaMismatchError("9999", schema.EXPECTED_REVISION)
    assert newer.remedy == "use the release that made it, or a newer one"

"""What `idp doctor` looks at: each check gives findings, and nothing is created or changed by looking."""

import os
import socket
import ssl
import stat
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from idp.adapters.audit_checkpoints import DUE
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore import open_secret, signing_keys_as_they_are
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.crypto.signing_keys import FIRST_ALGORITHMS, KeyState, SigningKey
from idp.adapters.messages.messenger import gateway_secret
from idp.adapters.sql.clients.outbox import SqlOutbox
from idp.adapters.sql.stores import open_database
from idp.adapters.sql.trail.audit import SqlAuditLog
from idp.adapters.sql.trail.late_work import waiting_since
from idp.adapters.statement_issuers import FOLDER, read_statement_issuers
from idp.cli.client_examination import examine_clients
from idp.cli.file_examination import examine_files
from idp.cli.finding import Finding, Level, failure, warning, well
from idp.cli.job_examination import examine_jobs
from idp.cli.opening import refuse_lost_keystore
from idp.cli.passkey_examination import examine_passkeys
from idp.cli.people_examination import examine_people
from idp.cli.service_examination import examine_services
from idp.cli.store_examination import FIRST_START, examine_database, examine_state, nearest_folder
from idp.ports.clock import Clock
from idp.ports.errors import StoreUnavailableError
from idp.setting_forms import Argon2Parameters, is_loopback
from idp.settings import Settings, SettingsError

OLDEST_SIGNING_KEY: Final = 365 * 24 * 3600
FIRST_START_OF_KEYS: Final = "the first start makes them"
"""What to do about a keystore that is empty, unless it is lost."""
LONGEST_BACKLOG: Final = 100
CLOCK_TOLERANCE: Final = 5 * 60
_CALL_LIMIT: Final = 5.0
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


async def examine(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Yield every finding, in the order in which things depend on each other."""
    for finding in _settings(settings):
        yield finding
    secret, found = _secret(settings)
    yield found
    database, *more = examine_database(settings)
    lost = await _lost_keystore(settings, clock) if database.level is Level.OK else None
    keys, findings = _keys(settings, secret, clock) if found.level is not Level.FAIL else ((), [])
    others = (*_statement_issuers(), *examine_passkeys(settings, clock), *examine_files(settings))
    for finding in (*_beside(lost, findings), *others):
        yield finding
    # Nothing is made beside a secret that is lost: it comes back first.
    refused = found.level is Level.FAIL and database.remedy == FIRST_START
    yield replace(database, remedy=found.remedy) if refused else database
    for finding in more:
        yield finding
    async for finding in examine_state(settings, clock):
        yield finding
    if database.level is Level.OK:
        signed_by = {key.algorithm for key in keys if key.state is KeyState.SIGNING}
        async for finding in _records(settings, clock, signed_by, secret if keys else None):
            yield finding
    yield _mail(settings)
    yield _messages(settings)
    async for finding in examine_services(settings, clock):
        yield finding
    yield await _issuer(settings)


async def _lost_keystore(settings: Settings, clock: Clock) -> Finding | None:
    try:
        await refuse_lost_keystore(settings, clock)
    except KeyMaterialError as error:
        return failure("keystore", error.problem, error.remedy)
    return None


def _beside(lost: Finding | None, findings: list[Finding]) -> list[Finding]:
    """Return what there is to say of keys: where they are lost, the first start makes none."""
    return findings if lost is None else [*(each for each in findings if each.remedy != FIRST_START_OF_KEYS), lost]


def _settings(settings: Settings) -> Iterator[Finding]:
    yield well("settings", f"issuer {settings.issuer}")
    if settings.is_https and not settings.trusted_proxies:
        yield warning(
            "proxies",
            "no proxy is trusted, though TLS must end somewhere before this process",
            "name its address in IDP_TRUSTED_PROXIES, or every visitor seems to come from it",
        )
    ordinary = Argon2Parameters(19456, 2, 1)
    if settings.argon2.memory * settings.argon2.passes < ordinary.memory * ordinary.passes:
        yield warning("argon2", "passwords are hashed with less work than recommended", "unset IDP_ARGON2")


def _secret(settings: Settings) -> tuple[Secret | None, Finding]:
    path = settings.secret_file
    try:
        return open_secret(settings), well("secret file", f"{path} is its owner's alone")
    except KeyMaterialError as error:
        return None, failure("secret file", error.problem, error.remedy)


def _keys(settings: Settings, secret: Secret | None, clock: Clock) -> tuple[Sequence[SigningKey], list[Finding]]:
    """Return the signing keys, read once, and what there is to say of them."""
    in_folder = settings.keystore.startswith("file:")
    place = str(settings.keystore_path) if in_folder else "the token"
    none_yet = warning("keys", f"{place} holds no signing keys yet", FIRST_START_OF_KEYS)
    if secret is None or (in_folder and not any(settings.keystore_path.glob("signing-*"))):
        return (), [none_yet]
    findings = []
    if in_folder and settings.keystore_path.stat().st_mode & _OTHERS:
        findings.append(warning("keys", f"{place} can be opened by others", f"chmod 700 {place}"))
    try:
        # Not through `open_keystore`: that would mend what is to be seen.
        keys = signing_keys_as_they_are(settings, secret, clock).load()
    except KeyMaterialError as error:
        return (), [*findings, failure("keys", error.problem, error.remedy)]
    if not keys:
        return (), [*findings, none_yet]
    algorithms = sorted({*FIRST_ALGORITHMS, *(key.algorithm for key in keys if key.private)})
    of = [_keys_of(each, [key for key in keys if key.algorithm == each], clock.now()) for each in algorithms]
    return keys, [*findings, *of]


def _statement_issuers() -> Iterator[Finding]:
    try:
        issuers = read_statement_issuers(FOLDER)
    except KeyMaterialError as error:
        yield failure("software statements", error.problem, error.remedy)
        return
    if issuers:
        yield well("software statements", f"{len(issuers)} issuers are trusted to vouch for clients")


def _keys_of(algorithm: str, keys: list[SigningKey], now: int) -> Finding:
    check = f"{algorithm} keys"
    signing = [key for key in keys if key.state is KeyState.SIGNING]
    if not signing:
        return failure(check, "no key signs", f"run idp keys rotate --alg {algorithm}")
    if any(key.created_at > now + CLOCK_TOLERANCE for key in keys):
        return failure(check, "a key was made in the future", "set the machine's clock")
    if not any(key.state is KeyState.NEXT for key in keys):
        return failure(check, "no next key is published", f"run idp keys rotate --alg {algorithm}")
    age = now - max(key.state_since for key in signing)
    if age > OLDEST_SIGNING_KEY:
        return warning(check, f"one key has signed for {age // 86400} days", f"run idp keys rotate --alg {algorithm}")
    return well(check, f"one signs since {age // 86400} days, the next one is published")


async def _records(
    settings: Settings, clock: Clock, signed_by: Collection[str], secret: Secret | None
) -> AsyncIterator[Finding]:
    """Look into the database: messages that wait, the audit chain's head, its last checkpoint, clients' algorithms.

    And, with the `secret` of keys that are there, into what only they open.
    """
    database = open_database(settings.database_url, clock)
    try:
        pending = await SqlOutbox(database).pending()
        heads = await SqlAuditLog(database).heads()
        answers = [await examine_clients(database, signed_by)] if signed_by else []
        people = await examine_people(settings, secret, database, clock) if secret else None
        late = examine_jobs(await waiting_since(database), clock.now())
    except StoreUnavailableError:
        yield failure("database", "it does not answer", "check that nothing holds it locked")
        return
    finally:
        await database.close()
    for finding in (*answers, *((people,) if people else ()), *late):
        yield finding
    waiting = f"{pending} messages wait"
    yield (
        well("outbox", waiting)
        if pending <= LONGEST_BACKLOG
        else warning("outbox", waiting, "check that idp serve runs and that the relying parties' addresses answer")
    )
    newest = max((head.at_milliseconds for head in heads), default=0) // 1000
    if newest > clock.now() + CLOCK_TOLERANCE:
        yield failure("clock", "the newest audit event is in the future", "set the machine's clock")
    else:
        yield well("clock", "it is later than the newest audit event")
    yield well("audit", f"{sum(head.sequence for head in heads)} events in {len(heads)} streams")
    yield _checkpoints(settings.audit_checkpoint_path, newest)


def _checkpoints(path: Path | None, newest_event: int) -> Finding:
    check = "audit checkpoints"
    if path is None:
        return well(check, "they are posted to somebody else's keeping")
    if not newest_event:
        return well(check, "nothing has happened that needs one")
    last = int(path.stat().st_mtime) if path.is_file() and path.stat().st_size else 0
    if newest_event - last > DUE:
        behind = f"{(newest_event - last) // 60} minutes behind the newest event" if last else "missing or empty"
        return warning(check, f"{path} is {behind}", "check that idp serve runs and may write there")
    return well(check, f"{path} is up to date")


def _folder(settings: Settings, check: str, folder: Path, setting: str) -> Finding:
    if not os.access(folder if folder.is_dir() else nearest_folder(folder), os.W_OK):
        return failure(check, f"{folder} cannot be written to", f"change its permissions, or {setting}")
    if not is_loopback(settings.issuer_host):
        told = f"messages are written to {folder}, and people get none"
        return warning(check, told, f"name what sends them in {setting}, unless something takes them from there")
    return well(check, f"messages are written to {folder}")


def _messages(settings: Settings) -> Finding:
    """What is sent to telephones. A gateway is not called: it would take any call for a message."""
    if settings.messages.startswith("file:"):
        return _folder(settings, "messages", Path(settings.messages.removeprefix("file:")), "IDP_MESSAGES")
    try:
        gateway_secret(settings.messages_secret)
    except SettingsError as error:
        return failure("messages", error.problem, error.remedy)
    return well("messages", f"go to the gateway at {urlsplit(settings.messages).hostname}")


def _mail(settings: Settings) -> Finding:
    if settings.mail.startswith("file:"):
        return _folder(settings, "mail", Path(settings.mail.removeprefix("file:")), "IDP_MAIL")
    server = urlsplit(settings.mail)
    host, port = server.hostname or "", server.port or (465 if server.scheme == "smtps" else 25)
    try:
        socket.create_connection((host, port), timeout=_CALL_LIMIT).close()
    except OSError as error:
        return failure("mail", f"{host}:{port} does not answer ({error.strerror or 'timeout'})", "check IDP_MAIL")
    return well("mail", f"{host}:{port} answers")


async def _issuer(settings: Settings) -> Finding:
    """Ask for the provider's own metadata, as a relying party would."""
    url = f"{settings.issuer}/.well-known/openid-configuration"
    try:
        async with httpx.AsyncClient(timeout=_CALL_LIMIT, verify=ssl.create_default_context()) as client:
            answer = await client.get(url)
        told = answer.json().get("issuer") if answer.is_success else None
    except (httpx.HTTPError, ValueError, AttributeError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return warning(
                "reachability",
                f"the certificate at {settings.issuer} is not believed here, or is over",
                "renew it, have the proxy send its whole chain, or install its authority on this machine",
            )
        return warning(
            "reachability", f"{url} does not answer", "start idp serve, or look at the proxy and the name's address"
        )
    if told != settings.issuer:
        return failure("reachability", f"somebody else answers at {settings.issuer}", "correct IDP_ISSUER or the proxy")
    return well("reachability", f"{url} answers")

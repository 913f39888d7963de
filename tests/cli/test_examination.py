"""The examination on real installations: sound, new, and broken in one place at a time."""

import asyncio
import contextlib
import http.server
import json
import os
import shutil
import socket
import sqlite3
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from docker.cluster.certificates import Authority
from idp.adapters.crypto.keystore import FileKeystore, open_keystore
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemClock, SystemEntropy
from idp.adapters.sql import schema
from idp.adapters.sql.clients.client_rows import save_clients
from idp.adapters.sql.stores import open_database, open_stores
from idp.adapters.sql.trail.audit import SqlAuditTrail
from idp.adapters.sql.trail.late_work import waiting_since
from idp.cli import examination
from idp.cli.examination import examine
from idp.cli.finding import Finding, Level
from idp.cli.job_examination import LATE, examine_jobs
from idp.domain.clients.client import Client
from idp.domain.events import Origin, PasswordAccepted, SigningKeyChanged
from idp.domain.ids import AccountId, ClientId, RequestId, Seconds
from idp.domain.people.identity_record import NewPerson
from idp.settings import Settings
from tests import softhsm2
from tests.adapters.crypto.keystores import empty_place

YEAR = 365 * 24 * 3600


class ShiftedClock(SystemClock):
    def __init__(self, shift: int) -> None:
        self.shift = shift

    def now(self) -> Seconds:
        return Seconds(super().now() + self.shift)

    def milliseconds(self) -> int:
        return super().milliseconds() + self.shift * 1000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        issuer="http://localhost:1",
        database_url=f"sqlite:///{tmp_path}/idp.db",
        keystore=f"file:{tmp_path}/keys/",
        secret_file=tmp_path / "secret",
        mail=f"file:{tmp_path}/mail",
        audit_checkpoints=f"file:{tmp_path}/checkpoints.jsonl",
    )


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound installation to copy; making RSA keys anew for each test takes long."""
    folder = tmp_path_factory.mktemp("sound")
    schema.prepare(f"sqlite:///{folder}/idp.db")
    FileKeystore(folder / "keys", load_secret(folder / "secret", create=True), SystemClock())
    return folder


@pytest.fixture
def installed(settings: Settings, sound: Path, tmp_path: Path) -> Settings:
    shutil.copytree(sound, tmp_path, dirs_exist_ok=True)
    return settings


def _examine(settings: Settings, shift: int = 0) -> dict[str, Finding]:
    async def collect() -> list[Finding]:
        return [finding async for finding in examine(settings, ShiftedClock(shift))]

    findings = asyncio.run(collect())
    assert all(bool(finding.remedy) == (finding.level is not Level.OK) for finding in findings)
    worst = sorted(findings, key=lambda finding: list(Level).index(finding.level))
    return {finding.check: finding for finding in worst}


def _levels(settings: Settings, shift: int = 0) -> dict[str, Level]:
    return {check: finding.level for check, finding in _examine(settings, shift).items()}


def test_a_sound_installation_has_nothing_to_fix_but_that_it_does_not_run(installed: Settings) -> None:
    levels = _levels(installed)
    assert levels.pop("reachability") is Level.WARN
    assert set(levels.values()) == {Level.OK}
    assert {"settings", "secret file", "ES256 keys", "RS256 keys", "database", "outbox", "audit", "mail"} <= set(levels)


def test_looking_at_a_new_installation_makes_the_secret_and_nothing_else(settings: Settings, tmp_path: Path) -> None:
    levels = _levels(settings)
    assert {levels[check] for check in ("keys", "database")} == {Level.WARN}
    assert levels["secret file"] is Level.OK
    assert Level.FAIL not in levels.values()
    assert list(tmp_path.iterdir()) == [settings.secret_file]
    assert settings.secret_file.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_cannot_be_made_fails(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    there = settings.model_copy(update={"secret_file": tmp_path / "file" / "secret"})
    assert "cannot be made" in _examine(there)["secret file"].says


def test_beside_a_server_the_secret_is_asked_for(settings: Settings) -> None:
    there = settings.model_copy(update={"database_url": "postgresql://127.0.0.1:1/idp"})
    assert _levels(there)["secret file"] is Level.FAIL
    assert not there.secret_file.exists()


def test_a_secret_that_others_can_read_fails(installed: Settings) -> None:
    installed.secret_file.chmod(0o644)
    findings = _examine(installed)
    assert findings["secret file"].level is Level.FAIL
    assert "keys" not in findings, "nobody knows what the keystore holds"


@pytest.mark.parametrize("left", ["keystore", "database"])
def test_a_lost_secret_fails_and_none_is_made(installed: Settings, left: str) -> None:
    installed.secret_file.unlink()
    if left == "keystore":
        installed.sqlite_path.unlink()
    else:
        shutil.rmtree(installed.keystore_path)
    finding = _examine(installed)["secret file"]
    assert (finding.level, finding.remedy) == (Level.FAIL, "bring it back from the backup")
    assert str(installed.secret_file) in finding.says
    assert left in finding.says
    assert not installed.secret_file.exists()


def test_beside_what_is_lost_nothing_promises_that_the_first_start_makes_it(
    installed: Settings, tmp_path: Path
) -> None:
    asyncio.run(waiting(installed))
    kept = tmp_path / "kept"
    shutil.move(installed.keystore_path, kept)
    findings = _examine(installed)
    assert findings["keystore"].level is Level.FAIL
    assert "keys" not in findings
    shutil.move(kept, installed.keystore_path)
    installed.secret_file.unlink()
    installed.sqlite_path.unlink()
    remedies = [each.remedy for each in _examine(installed).values()]
    assert not [remedy for remedy in remedies if "the first start makes" in remedy]


async def waiting(settings: Settings) -> Mapping[str, Seconds]:
    """Write an event, and return what waits."""
    await _record(settings, SystemClock())
    database = open_database(settings.database_url, SystemClock())
    try:
        return await waiting_since(database)
    finally:
        await database.close()


def test_work_that_waits_for_too_long_names_its_job() -> None:
    now = Seconds(10_000)
    (well,) = examine_jobs({"alerts": Seconds(now - LATE), "releases": Seconds(now + 60)}, now)
    assert well.level is Level.OK
    late = list(examine_jobs({"alerts": Seconds(now - LATE - 1), "logout delivery": Seconds(0)}, now))
    assert [(each.level, each.says.partition(":")[0]) for each in late] == [
        (Level.WARN, "alerts"),
        (Level.WARN, "logout delivery"),
    ]


def test_what_nobody_read_of_the_audit_trail_is_late_after_a_while(installed: Settings) -> None:
    assert _levels(installed)["background jobs"] is Level.OK

    found = asyncio.run(waiting(installed))
    assert set(found) == {"alerts", "sign-in facts", "releases", "security history"}
    now = SystemClock().now()
    assert all(now - since < LATE for since in found.values())
    assert _levels(installed, LATE + 60)["background jobs"] is Level.WARN


def test_files_that_others_can_read_are_pointed_out(installed: Settings) -> None:
    installed.keystore_path.chmod(0o755)
    installed.sqlite_path.chmod(0o644)
    levels = _levels(installed)
    assert (levels["keys"], levels["database"]) == (Level.WARN, Level.WARN)


def test_who_vouches_for_clients_is_told_and_a_broken_file_fails(
    installed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "software statements" not in _levels(installed)
    folder = tmp_path / "keys" / "software-statements"
    folder.mkdir(parents=True, exist_ok=True)
    key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    (folder / "a.json").write_text(json.dumps({"issuer": "https://registry.example.vn", "jwks": {"keys": [key]}}))
    assert _levels(installed)["software statements"] is Level.OK
    (folder / "b.json").write_text("{}")
    assert "b.json" in _examine(installed)["software statements"].says


def test_a_client_whose_answers_no_key_signs_fails(installed: Settings) -> None:
    assert _levels(installed)["clients"] is Level.OK

    async def register(*clients: Client) -> None:
        database = open_database(installed.database_url, SystemClock())
        await database.write(save_clients(list(clients)))
        await database.close()

    pss = Client(ClientId("portal"), id_token_signed_response_alg="PS256")
    asyncio.run(register(pss, replace(pss, client_id=ClientId("off"), disabled=True)))
    finding = _examine(installed)["clients"]
    assert (finding.level, finding.says) == (Level.FAIL, "portal names PS256 for answers, and no key signs with it")
    assert "idp keys rotate --alg PS256" in finding.remedy
    asyncio.run(register(replace(pss, client_id=ClientId("other"))))
    assert _examine(installed)["clients"].says.startswith("other and 1 others name PS256")
    secret = load_secret(installed.secret_file, create=False)
    FileKeystore(installed.keystore_path, secret, SystemClock()).signing_keys.rotate("PS256")
    assert _levels(installed)["clients"] is Level.OK


def test_keys_sealed_under_another_secret_fail(installed: Settings) -> None:
    installed.secret_file.unlink()
    load_secret(installed.secret_file, create=True)
    assert _levels(installed)["keys"] is Level.FAIL


def test_a_missing_next_key_and_a_missing_signing_key_fail(installed: Settings) -> None:
    keys = FileKeystore(
        installed.keystore_path, load_secret(installed.secret_file, create=False), SystemClock()
    ).signing_keys.load()
    by_state = {key.state.value: key for key in keys if key.algorithm == "ES256"}
    next(installed.keystore_path.glob(f"*{by_state['next'].kid}*")).unlink()
    assert "no next key" in _examine(installed)["ES256 keys"].says
    next(installed.keystore_path.glob(f"*{by_state['signing'].kid}*")).unlink()
    assert "no key signs" in _examine(installed)["ES256 keys"].says


def test_keys_in_a_token_are_examined_without_making_any(
    installed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(softhsm2.CONFIGURATION, "")
    (tmp_path / "module").mkdir()
    place = empty_place("pkcs11", tmp_path / "module")
    settings = installed.model_copy(update={"keystore": place.setting})
    finding = _examine(settings)["keys"]
    assert (finding.level, finding.says) == (Level.WARN, "the token holds no signing keys yet")
    new = settings.model_copy(update={"secret_file": tmp_path / "no", "database_url": f"sqlite:///{tmp_path}/no.db"})
    assert _levels(new)["secret file"] is Level.OK
    new.secret_file.unlink()
    gone = installed.model_copy(update={"keystore": place.setting.replace("token=idp", "token=gone")})
    assert "has no token of that label" in _examine(gone)["keys"].says
    open_keystore(settings, SystemClock())
    assert _levels(settings)["ES256 keys"] is Level.OK
    assert "the keystore in the token was made with it" in _examine(new)["secret file"].says


async def _take_in(settings: Settings, email: str) -> None:
    vault = open_keystore(settings, SystemClock()).vault()
    stores = open_stores(settings.database_url, vault, SystemClock(), SystemEntropy())
    person = NewPerson(personal_number="001099000001", identity_level=1, claims={"name": "An"}, email=email)
    event = PasswordAccepted(origin=Origin(RequestId("made"), "test"), account_id=AccountId("made"))
    await stores.identity_records.create(person, event)
    await stores.close()


@pytest.mark.parametrize(("email", "level"), [("an@faß.de", Level.WARN), ("an@fass.de", Level.OK)])
def test_addresses_that_nothing_is_sent_to_are_counted(installed: Settings, email: str, level: Level) -> None:
    asyncio.run(_take_in(installed, email))
    finding = _examine(installed)["e-mail addresses"]
    assert finding.level is level
    assert ("1 of 1 people" in finding.says) is (level is Level.WARN)
    assert "an@" not in finding.says


def test_an_old_signing_key_is_pointed_out(installed: Settings) -> None:
    assert _levels(installed, shift=2 * YEAR)["ES256 keys"] is Level.WARN


def test_a_clock_that_went_back_fails(installed: Settings) -> None:
    assert _levels(installed, shift=-YEAR)["ES256 keys"] is Level.FAIL


async def _record(settings: Settings, clock: SystemClock) -> None:
    database = open_database(settings.database_url, clock)
    origin = Origin(request_id=RequestId("request"), source="command")
    await SqlAuditTrail(database).record(SigningKeyChanged(origin=origin, key_id="k", state="next"))
    await database.close()


def test_an_audit_event_from_the_future_fails(installed: Settings) -> None:
    asyncio.run(_record(installed, ShiftedClock(3600)))
    assert _levels(installed)["clock"] is Level.FAIL


def test_a_checkpoint_that_is_missing_or_old_is_pointed_out(installed: Settings) -> None:
    asyncio.run(_record(installed, SystemClock()))
    path = installed.audit_checkpoint_path
    assert path is not None
    assert "missing" in _examine(installed)["audit checkpoints"].says
    path.write_text("")
    assert "empty" in _examine(installed)["audit checkpoints"].says
    path.write_text("{}\n")
    assert _levels(installed)["audit checkpoints"] is Level.OK
    os.utime(path, (0, 1_700_000_000))
    assert "behind" in _examine(installed)["audit checkpoints"].says


def test_checkpoints_that_are_posted_are_somebody_elses(installed: Settings) -> None:
    posted = installed.model_copy(update={"audit_checkpoints": "https://keeper.example/"})
    assert _levels(posted)["audit checkpoints"] is Level.OK


def test_an_older_schema_fails_and_names_the_command(installed: Settings) -> None:
    with closing(sqlite3.connect(installed.sqlite_path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    finding = _examine(installed)["database"]
    assert (finding.level, finding.remedy) == (Level.FAIL, "run idp migrate")


def test_a_database_that_is_held_locked_fails(installed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    installed.sqlite_path.write_bytes(b"")
    installed.sqlite_path.unlink()
    installed.sqlite_path.mkdir()
    assert _levels(installed)["database"] is Level.FAIL


@pytest.mark.parametrize(("room", "level"), [(1 << 20, Level.FAIL), (1 << 29, Level.WARN), (1 << 40, Level.OK)])
def test_little_room_is_pointed_out_and_none_fails(
    installed: Settings, monkeypatch: pytest.MonkeyPatch, room: int, level: Level
) -> None:
    class Usage:
        free = room

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    assert _levels(installed)["disk"] is level


def test_a_backlog_is_pointed_out(installed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "LONGEST_BACKLOG", -1)
    assert _levels(installed)["outbox"] is Level.WARN


def test_a_mail_server_is_tried(installed: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        assert _levels(installed.model_copy(update={"mail": url}))["mail"] is Level.OK
    assert _levels(installed.model_copy(update={"mail": url}))["mail"] is Level.FAIL


def test_a_message_gateway_needs_its_secret(installed: Settings, tmp_path: Path) -> None:
    gateway = installed.model_copy(update={"messages": "https://sms.example.vn/send"})
    assert _levels(gateway)["messages"] is Level.FAIL
    secret = tmp_path / "gateway-secret"
    secret.write_text("a secret")
    assert _levels(gateway.model_copy(update={"messages_secret": secret}))["messages"] is Level.OK


def test_folders_that_nobody_empties_are_pointed_out_where_people_wait_for_messages(settings: Settings) -> None:
    for issuer, level in (("https://localhost:8443", Level.OK), ("https://id.invalid", Level.WARN)):
        found = _examine(settings.model_copy(update={"issuer": issuer}))
        assert (found["mail"].level, found["messages"].level) == (level, level)


def test_a_mail_folder_that_cannot_be_written_fails(installed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert _levels(installed)["mail"] is Level.FAIL


def test_cheap_hashing_and_a_forgotten_proxy_are_pointed_out(settings: Settings) -> None:
    weak = Settings(**{**settings.model_dump(), "issuer": "https://localhost:1", "argon2": "m=8,t=1,p=1"})
    levels = _levels(weak)
    assert (levels["argon2"], levels["proxies"]) == (Level.WARN, Level.WARN)


@pytest.fixture
def answers() -> Iterator[dict[str, object]]:
    """An HTTP server that answers every GET with `document`."""
    told: dict[str, object] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(told["document"]).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is http.server's
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told["issuer"] = f"http://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield told
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("document", "level"), [(None, Level.OK), ({"issuer": "https://other"}, Level.FAIL), (["x"], Level.WARN)]
)
def test_the_issuer_is_asked_at_its_own_address(
    installed: Settings, answers: dict[str, object], document: object, level: Level
) -> None:
    answers["document"] = document or {"issuer": answers["issuer"]}
    here = installed.model_copy(update={"issuer": answers["issuer"]})
    assert _levels(here)["reachability"] is level


def test_a_certificate_that_is_not_believed_is_told_from_silence(installed: Settings, tmp_path: Path) -> None:
    authority = Authority(tmp_path, "authority")
    authority.issue_server(("localhost",))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.bundle")
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def refused() -> None:
            with contextlib.suppress(OSError), listener.accept()[0] as connection:
                context.wrap_socket(connection, server_side=True)

        threading.Thread(target=refused, daemon=True).start()
        issuer = f"https://localhost:{listener.getsockname()[1]}"
        found = _examine(installed.model_copy(update={"issuer": issuer}))["reachability"]
    assert (found.level, found.says) == (Level.WARN, f"the certificate at {issuer} is not believed here, or is over")

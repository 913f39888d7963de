import base64
import hashlib
import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import Result

from idp.adapters.audit_checkpoints import CheckpointFile, CheckpointWriter
from idp.adapters.crypto.system import SystemClock
from idp.cli.opening import Provider, on_provider
from idp.cli.refusal import Refusal
from idp.domain.events import ClientChanged
from idp.domain.ids import ClientId, Seconds

Idp = Callable[..., Result]
CONFIGURED = Path("var/audit-checkpoints.jsonl")


async def _record(provider: Provider) -> None:
    """Five events, with a checkpoint behind the third and the last."""
    checkpoints = CheckpointWriter(
        provider.stores.audit_log, provider.keystore.token_signer(), CheckpointFile(Path("outside")), provider.clock
    )
    for number in range(1, 6):
        changed = ClientChanged(origin=provider.origin, client_id=ClientId(f"c{number}"), change="saved")
        await provider.stores.audit_trail.record(changed)
        if number in {3, 5}:
            await checkpoints.write_checkpoint()


@pytest.fixture
def audited(idp: Idp) -> Idp:
    on_provider(_record)
    return idp


def tamper(statement: str, *values: bytes) -> None:
    with closing(sqlite3.connect(Path("var/idp.db"), isolation_level=None)) as connection:
        connection.execute(statement, values)


def verified(idp: Idp, *arguments: str) -> dict[str, object]:
    result = idp("audit", "verify", "--json", *arguments)
    document: dict[str, object] = json.loads(result.stdout)
    assert document["holds"] == (result.exception is None)
    return document


def test_an_untouched_record_holds(audited: Idp) -> None:
    document = verified(audited, "--checkpoints", "outside")
    assert document == {
        "holds": True,
        "records": 5,
        "streams": 1,
        "checkpoints_confirmed": 2,
        "findings": [],
        "findings_in_all": 0,
    }
    assert audited("audit", "verify").stdout == "5 records hold; 1 checkpoints confirm them.\n"


def test_the_configured_checkpoints_are_used_where_they_exist(audited: Idp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_AUDIT_CHECKPOINTS", "file:outside")
    assert verified(audited)["checkpoints_confirmed"] == 2


@pytest.mark.parametrize(
    ("statement", "fault", "sequence"),
    [
        ("UPDATE audit_records SET payload = replace(payload, 'c3', 'c9') WHERE sequence = 3", "edited", 3),
        ("UPDATE audit_records SET at_milliseconds = 9000000000000000000 WHERE sequence = 3", "edited", 3),
        ("DELETE FROM audit_records WHERE sequence = 2", "missing", 3),
        ("UPDATE audit_records SET sequence = 6 WHERE sequence = 2", "missing", 3),
    ],
)
def test_a_change_is_found_and_its_place_named(audited: Idp, statement: str, fault: str, sequence: int) -> None:
    if statement.startswith("UPDATE audit_records SET payload"):
        statement = statement.replace("replace(payload, 'c3', 'c9')", "CAST(replace(payload, 'c3', 'c9') AS BLOB)")
    tamper(statement)
    document = verified(audited)
    findings = document["findings"]
    assert isinstance(findings, list)
    assert (findings[0]["fault"], findings[0]["stream"], findings[0]["sequence"]) == (fault, "main", sequence)
    assert findings[0]["time"]
    refusal = audited("audit", "verify").exception
    assert isinstance(refusal, Refusal)
    assert f"sequence {sequence}" in str(refusal)


def test_a_cut_tail_is_found_with_checkpoints(audited: Idp) -> None:
    tamper("DELETE FROM audit_records WHERE sequence > 3")
    CONFIGURED.unlink()
    assert verified(audited)["holds"] is True
    document = verified(audited, "--checkpoints", "outside")
    findings = document["findings"]
    assert isinstance(findings, list)
    assert [(finding["fault"], finding["sequence"]) for finding in findings] == [("cut", 4)]


def fault_names(document: dict[str, object]) -> list[tuple[str, int]]:
    findings = document["findings"]
    assert isinstance(findings, list)
    return [(finding["fault"], finding["sequence"]) for finding in findings]


@pytest.fixture
def long_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour later no record is so new that its checkpoint could still be coming."""
    monkeypatch.setattr(SystemClock, "now", lambda _: Seconds(int(time.time()) + 3600))


def test_a_command_leaves_a_checkpoint_of_what_it_recorded(audited: Idp) -> None:
    before = CONFIGURED.read_bytes()
    assert before.count(b"\n") == 1
    assert verified(audited)["checkpoints_confirmed"] == 1
    assert CONFIGURED.read_bytes() == before, "a command that records nothing leaves none"


@pytest.mark.usefixtures("long_after")
@pytest.mark.parametrize("is_emptied", [True, False])
def test_checkpoints_that_are_gone_are_a_finding_although_the_chain_is_whole(audited: Idp, *, is_emptied: bool) -> None:
    assert verified(audited)["holds"] is True
    if is_emptied:
        CONFIGURED.write_bytes(b"")
    else:
        CONFIGURED.unlink()
    assert fault_names(verified(audited)) == [("unseen", 1)]
    tamper("DELETE FROM audit_records WHERE sequence > 3")
    assert fault_names(verified(audited)) == [("unseen", 1)]


@pytest.mark.usefixtures("long_after")
def test_a_file_of_checkpoints_that_was_thinned_out_is_a_finding(audited: Idp) -> None:
    for _ in range(3):
        on_provider(_record_one)
    lines = CONFIGURED.read_bytes().splitlines(keepends=True)
    assert len(lines) == 4
    assert verified(audited)["holds"] is True
    CONFIGURED.write_bytes(lines[0] + lines[2] + lines[3])
    assert fault_names(verified(audited)) == [("checkpoint_missing", 2)]
    CONFIGURED.write_bytes(b"".join(lines[1:]))
    assert fault_names(verified(audited)) == [("checkpoint_missing", 1)]
    CONFIGURED.write_bytes(b"".join(lines[:-1]))
    assert fault_names(verified(audited)) == [("unseen", 8)]


def test_a_record_that_ends_before_the_database_does_is_a_finding(audited: Idp) -> None:
    tamper(
        "INSERT INTO consent_evidence (evidence_id, account_id, client_id, at, decision, scopes, claims)"
        " VALUES ('e', 'a', 'c', unixepoch() + 3600, 'given', '[]', '[]')"
    )
    assert fault_names(verified(audited)) == [("outlived", 5)]
    tamper("DELETE FROM audit_records")
    CONFIGURED.unlink()
    assert fault_names(verified(audited)) == [("outlived", 0)]


async def _record_one(provider: Provider) -> None:
    await provider.stores.audit_trail.record(
        ClientChanged(origin=provider.origin, client_id=ClientId("one more"), change="saved")
    )


def test_a_forged_checkpoint_is_a_finding(audited: Idp) -> None:
    with Path("outside").open("a", encoding="utf-8") as file:
        file.write('{"checkpoint": "a.b.c"}\n')
    findings = verified(audited, "--checkpoints", "outside")["findings"]
    assert isinstance(findings, list)
    assert [(finding["fault"], finding["sequence"]) for finding in findings] == [("checkpoint_refused", 3)]


def test_a_checkpoint_file_that_is_not_there_is_an_error(audited: Idp) -> None:
    assert isinstance(audited("audit", "verify", "--checkpoints", "nowhere").exception, OSError)


def test_an_export_can_be_verified_by_anybody(audited: Idp) -> None:
    lines = audited("audit", "export").stdout.splitlines()
    assert len(lines) == 5
    previous = "00" * 32
    for line in lines:
        told = json.loads(line)
        record = line[len('{"record":') : line.index(',"previous":')]
        assert told["previous"] == previous
        previous = told["digest"]
        assert hashlib.sha256(bytes.fromhex(told["previous"]) + record.encode()).hexdigest() == previous
    assert json.loads(lines[4])["record"]["event"]["client_id"] == "c5"


def test_an_export_is_one_array_on_request(audited: Idp) -> None:
    assert len(json.loads(audited("audit", "export", "--json").stdout)) == 5
    assert json.loads(audited("audit", "export", "--json", "--stream", "nowhere").stdout) == []


def test_an_export_goes_on_behind_a_record(audited: Idp) -> None:
    assert len(audited("audit", "export", "--stream", "main", "--after", "3").stdout.splitlines()) == 2
    assert isinstance(audited("audit", "export", "--after", "3").exception, Refusal)


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"{\n}", b"null"])
def test_a_payload_made_unreadable_is_exported_all_the_same(audited: Idp, payload: bytes) -> None:
    tamper("UPDATE audit_records SET payload = ? WHERE sequence = 2", payload)
    line = json.loads(audited("audit", "export").stdout.splitlines()[1])
    assert base64.b64decode(line["payload_base64"]) == payload

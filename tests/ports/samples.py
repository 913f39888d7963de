"""Sample entities: each function gives a whole one, and takes what a test cares about."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from idp.domain.accounts.account import Account
from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.audit.audit_verification import Fault, SeenHead, Verification
from idp.domain.clients.client import Client
from idp.domain.events import Event, Origin, PasswordAccepted, RecordsImported
from idp.domain.grants.grant import Grant, RefreshHashes
from idp.domain.ids import AccountId, ClientId, GrantId, RequestId, Seconds, SessionId, TokenHash
from idp.domain.records import OfficerRecord, PersonRecord
from tests.adapters.turned_clock import START

NOW = START
ORIGIN = Origin(RequestId("request-1"), "pseudonym-1")
EVENT = RecordsImported(origin=ORIGIN, digest="0" * 64, counts={})


def event(account_id: str = "account-1") -> Event:
    return PasswordAccepted(origin=ORIGIN, account_id=AccountId(account_id))


def person(number: int, **changes: Any) -> PersonRecord:
    record = PersonRecord(
        personal_number=f"001099{number:06d}",
        claims={
            "name": "Nguyễn Thị Hoà",
            "birthdate": "1999-01-02",
            "gender": "male",
            "locale": "vi",
            "address": {"formatted": "1 Hàng Bài\nHà Nội"},
        },
        level=2,
        email=f"hoa{number}@example.vn",
        phone_number=f"+849{number:08d}",
        password_hash=f"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$hash{number}",
    )
    return replace(record, **changes)


def officer(number: int, **changes: Any) -> OfficerRecord:
    record = OfficerRecord(
        personal_number=f"001099{number:06d}",
        agency="G10.01",
        position="Chuyên viên",
        roles=("proofing_officer",),
        username=f"b{number}@g10.example.vn",
        password_hash="$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$officer",
    )
    return replace(record, **changes)


def client(client_id: str = "portal", **changes: Any) -> Client:
    return replace(Client(ClientId(client_id), backchannel_logout_uri="https://rp.example.vn/logout"), **changes)


def digest(letter: str) -> TokenHash:
    return TokenHash(letter.encode() * 32)


def grant(account: Account, name: str = "1", **changes: Any) -> Grant:
    value = Grant(
        grant_id=GrantId(f"grant-{name}"),
        client_id=ClientId("portal"),
        account_id=account.account_id,
        session_id=SessionId("session-1"),
        scopes=("openid", "profile"),
        created_at=Seconds(NOW),
        expires_at=Seconds(NOW + 3600),
        authenticated_at=Seconds(NOW - 5),
        acr="urn:vn:loa:2",
        amr=("mfa", "otp", "pwd"),
        resources=("https://api.example.vn",),
        claims={"userinfo": {"name": {"essential": True}}},
        listed=("birthdate", "name"),
    )
    return replace(value, **changes)


def refreshable(account: Account, name: str = "1", **changes: Any) -> Grant:
    hashes = RefreshHashes(family=TokenHash(f"family-{name}".encode().ljust(32)), turn=digest("a"))
    return grant(account, name, refresh=hashes, **changes)


def faults(records: Iterable[AuditRecord], seen: Iterable[SeenHead] = ()) -> Iterator[tuple[Fault, int]]:
    """Yield fault and sequence of everything that is wrong with `records`."""
    verification = Verification(seen)
    for record in records:
        for finding in verification.follow(record):
            yield finding.fault, finding.sequence
    for finding in verification.finish():
        yield finding.fault, finding.sequence

import msgspec

from idp.domain.audit.audit_chain import GENESIS, AuditRecord
from idp.domain.audit.audit_query import AuditQuery, event_fields


def record(name: str = "session.started", at: int = 1_000, **fields: object) -> AuditRecord:
    return AuditRecord("main", 1, at, name, msgspec.json.encode({"event": fields, "name": name}), GENESIS, GENESIS)


def test_an_event_is_found_by_its_name_or_how_it_begins() -> None:
    assert AuditQuery(name="session.").accepts(record())
    assert not AuditQuery(name="token.").accepts(record())


def test_a_field_has_the_value_and_not_only_somewhere_in_the_record() -> None:
    query = AuditQuery(fields=(("client_id", "portal"),))
    assert query.accepts(record(client_id="portal"))
    assert not query.accepts(record(client_id="gateway", account_id="portal"))
    assert not query.accepts(record(client_id="portal-2"))


def test_the_end_of_a_stretch_of_time_is_not_in_it_any_more() -> None:
    query = AuditQuery(since=1_000, until=2_000)
    assert [query.accepts(record(at=at)) for at in (999, 1_000, 1_999, 2_000)] == [False, True, True, False]


def test_what_somebody_made_unreadable_has_no_fields() -> None:
    for payload in (b"\xff", b"[]", b'{"event": 1}', b"{}"):
        broken = AuditRecord("main", 1, 1, "a", payload, GENESIS, GENESIS)
        assert event_fields(broken) == {}
        assert AuditQuery(name="a").accepts(broken)

from datetime import date

from idp.adapters.importing.document import read_document
from idp.adapters.importing.export_entries import entries_of, person_entry
from idp.domain.clients.client import Client, Resource
from idp.domain.ids import ClientId
from idp.domain.records import AgencyRecord, OfficerRecord, OrganisationRecord, PersonRecord, Records

PERSON = PersonRecord(
    personal_number="001099000001",
    claims={
        "name": "Nguyễn Văn An",
        "birthdate": "1999-01-02",
        "address": {"formatted": "1 Tràng Tiền\nHà Nội"},
        "residence": {"province": "01"},
    },
    level=2,
    email="an@example.vn",
    phone_number="+84912345678",
    password_hash="$argon2id$secret",
    totp_secret="JBSWY3DPEHPK3PXP",
    verification={
        "time": "2025-07-01T09:00:00+07:00",
        "evidence": [
            {"type": "document", "document_details": {"type": "idcard", "date_of_issuance": "2022-05-06"}},
            {"type": "electronic_record", "record": {"type": "population_register"}},
        ],
    },
)
RECORDS = Records(
    agencies=(
        AgencyRecord("G10", "Bộ", "ministry"),
        AgencyRecord("G10.01", "Cục", "department", "G10", date(2025, 3, 1), date(2030, 1, 1)),
    ),
    organisations=(OrganisationRecord("0100109106", "Tập đoàn", ("001099000001",)),),
    people=(PERSON,),
    officers=(
        OfficerRecord("001099000001", "G10.01", "Chuyên viên", ("auditor",), "b@g10.vn", "$argon2id$x", "SECRET"),
    ),
    resources=(Resource("https://api.example", frozenset({"b", "a"})),),
    clients=(
        Client(
            ClientId("portal"), secret_hashes=(b"secret",), metadata={"client_name": {"": "Portal"}, "scope": "openid"}
        ),
        Client(ClientId("off"), disabled=True),
    ),
)


def test_every_record_has_its_section_and_no_secret() -> None:
    entries = list(entries_of(RECORDS))

    assert [section for section, _ in entries] == [
        "agencies",
        "agencies",
        "organisations",
        "people",
        "officers",
        "resources",
        "clients",
    ]
    assert "secret" not in repr(entries).lower()
    assert "argon2" not in repr(entries)


def test_an_agency_keeps_its_dates_and_a_resource_its_scopes_in_order() -> None:
    entries = [entry for _, entry in entries_of(RECORDS)]
    assert entries[0] == {"code": "G10", "name": "Bộ", "kind": "ministry"}
    assert (entries[1]["parent"], entries[1]["valid_from"], entries[1]["valid_to"]) == (
        "G10",
        "2025-03-01",
        "2030-01-01",
    )
    assert entries[5] == {"audience": "https://api.example", "scopes": ["a", "b"]}


def test_a_name_for_any_language_is_text_and_a_disabled_client_is_left_out() -> None:
    clients = [entry for section, entry in entries_of(RECORDS) if section == "clients"]
    assert clients == [{"client_id": "portal", "client_name": "Portal", "scope": "openid"}]


def test_a_person_without_contacts_has_none() -> None:
    assert person_entry(PersonRecord("001099000001", {"name": "An"})) == {
        "personal_number": "001099000001",
        "name": "An",
        "level": 0,
    }


def test_what_is_written_reads_back_as_it_was_but_for_secrets() -> None:
    import yaml

    sections: dict[str, list[object]] = {}
    for section, entry in entries_of(RECORDS):
        sections.setdefault(section, []).append(entry)
    read = read_document("export.yaml", yaml.safe_dump(sections, allow_unicode=True).encode()).records({})

    assert read.agencies == RECORDS.agencies
    assert read.organisations == RECORDS.organisations
    assert read.resources == RECORDS.resources
    assert read.people[0].claims == PERSON.claims
    assert read.people[0].verification == PERSON.verification
    assert (read.people[0].email, read.people[0].phone_number) == (PERSON.email, PERSON.phone_number)
    assert read.clients[0].names == {"": "Portal"}

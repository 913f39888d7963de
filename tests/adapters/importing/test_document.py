import pytest

from idp.adapters.importing.document import read_document
from idp.adapters.importing.problems import ImportRefused
from idp.domain.records import AgencyRecord

FILE = """
agencies:
  - {code: G10, name: Bộ Tài nguyên và Môi trường, kind: ministry}
  - {code: G10.01, name: Cục Đất đai, parent: G10, kind: department, valid_from: 2025-03-01}
organisations:
  - {tax_code: "0100109106", name: Tập đoàn, representatives: ["001099000001"]}
people:
  - personal_number: "001099000001"
    name: Nguyễn Văn An
    birthdate: 1999-01-02
    gender: male
    phone_number: "+84912345678"
    email: A@example.vn
    address: {formatted: Hà Nội}
    level: 2
    password: hunter2hunter2
    totp_secret: JBSWY3DPEHPK3PXP
officers:
  - personal_number: "001085000002"
    agency: G10.01
    position: Chuyên viên
    roles: [proofing_officer, proofing_officer]
    username: b@g10.example.vn
    password: hunter3hunter3
resources: [{audience: "https://api.ministry.example", scopes: [dossier.read, dossier.write]}]
clients: [{client_id: portal, redirect_uris: ["https://portal.example/callback"]}]
"""


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(ImportRefused) as refusal:
        read_document("people.yaml", text.encode() if isinstance(text, str) else text)
    assert refusal.value.source == "people.yaml"
    return [str(problem) for problem in refusal.value.problems]


def test_the_file_of_the_contract_becomes_records() -> None:
    document = read_document("people.yaml", FILE.encode())
    records = document.records({"001099000001": "$hash-1", "b@g10.example.vn": "$hash-2"})

    assert document.counts() == {
        "agencies": 2,
        "organisations": 1,
        "people": 1,
        "officers": 1,
        "resources": 1,
        "clients": 1,
    }
    assert document.passwords() == {"001099000001": "hunter2hunter2", "b@g10.example.vn": "hunter3hunter3"}
    assert records.agencies[0] == AgencyRecord("G10", "Bộ Tài nguyên và Môi trường", "ministry")
    assert records.organisations[0].representatives == ("001099000001",)
    person, officer = records.people[0], records.officers[0]
    assert (person.email, person.level, person.password_hash) == ("A@example.vn", 2, "$hash-1")
    assert person.claims["address"] == {"formatted": "Hà Nội"}
    assert (officer.roles, officer.password_hash) == (("proofing_officer",), "$hash-2")
    assert records.resources[0].scopes == {"dossier.read", "dossier.write"}
    assert records.clients[0].client_id == "portal"


def test_empty_sections_are_nothing() -> None:
    assert read_document("people.yaml", b"people:\nclients: []\n").counts() == {}


@pytest.mark.parametrize("text", ["", "[]", "people", "- people: []"])
def test_a_file_that_is_no_mapping_is_refused(text: str) -> None:
    assert "must be a mapping of agencies, organisations, people" in problems(text)[0]


def test_every_problem_of_a_file_is_told() -> None:
    found = problems(
        """
        people: [{name: An}, {personal_number: "1", name: An, phone: 1}]
        citizens: []
        clients: [{client_id: portal, redirect_uris: ["https://portal.example/#x"]}]
        """
    )
    assert sorted(found) == [
        "citizens: is an unknown name",
        "clients[0].redirect_uris[0]: A redirection address has no fragment.",
        "people[0].personal_number: is required",
        "people[1].personal_number: A personal number has 12 digits.",
        "people[1].phone: is an unknown name",
    ]


def test_yaml_problems_are_told_by_line() -> None:
    assert problems("people: []\npeople: []\n") == ["line 2: the same name stands here twice"]


def test_a_key_that_stands_twice_is_named_with_its_first_place() -> None:
    assert problems("clients: [{client_id: a}, {client_id: b}, {client_id: a}]") == [
        "clients[2].client_id: is the same as clients[0].client_id"
    ]


def test_sign_in_identifiers_are_unique_across_kinds() -> None:
    found = problems(
        """
        people:
          - {personal_number: "001099000001", name: An, email: B@Example.vn, phone_number: "0912345678"}
          - {personal_number: "001099000002", name: An, email: b@example.vn, phone_number: "+84912345678"}
          - {personal_number: "001099000001", name: An}
        officers:
          - {personal_number: "001099000001", agency: G10, position: x, username: b@EXAMPLE.vn}
        """
    )
    assert found == [
        "people[1].email: is the same as people[0].email",
        "people[1].phone_number: is the same as people[0].phone_number",
        "people[2].personal_number: is the same as people[0].personal_number",
        "officers[0].username: is the same as people[0].email",
    ]


def test_agencies_that_stand_above_themselves_are_refused() -> None:
    found = problems(
        """
        agencies:
          - {code: G10, name: A, kind: ministry, parent: G11}
          - {code: G11, name: B, kind: ministry, parent: G10}
          - {code: G12, name: C, kind: ministry, parent: G11}
        """
    )
    assert found == [
        "agencies[0].parent: makes the agency stand above itself",
        "agencies[1].parent: makes the agency stand above itself",
    ]


def test_a_refusal_never_repeats_a_value() -> None:
    found = problems('people: [{personal_number: "x", name: An, password: "hunter2hunter2", totp_secret: s3cret}]')
    assert found
    for problem in found:
        assert "hunter2" not in problem
        assert "s3cret" not in problem

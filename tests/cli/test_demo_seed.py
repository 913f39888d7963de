import stat
from pathlib import Path

import yaml

from idp.cli import demo_seed
from idp.cli.demo_seed import ADMINISTRATORS, CITIZENS, OFFICERS
from idp.domain.offices.administration import Role
from idp.domain.people.personal_number import check_consistency, parse_personal_number

CLIENTS = ("portal", "gateway")


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    first = demo_seed.load_credentials(tmp_path / "credentials.json", CLIENTS)
    assert demo_seed.load_credentials(tmp_path / "credentials.json", CLIENTS) == first


def test_no_two_demos_share_a_secret(tmp_path: Path) -> None:
    one = demo_seed.load_credentials(tmp_path / "one.json", CLIENTS)
    two = demo_seed.load_credentials(tmp_path / "two.json", CLIENTS)
    assert not set(one.passwords.values()) & set(two.passwords.values())
    assert not set(one.totp_secrets.values()) & set(two.totp_secrets.values())
    assert not set(one.client_secrets.values()) & set(two.client_secrets.values())


def test_a_client_added_later_gets_a_secret_and_the_others_keep_theirs(tmp_path: Path) -> None:
    before = demo_seed.load_credentials(tmp_path / "credentials.json", CLIENTS)
    after = demo_seed.load_credentials(tmp_path / "credentials.json", (*CLIENTS, "warehouse"))
    assert after.passwords == before.passwords
    assert after.client_secrets.items() > before.client_secrets.items()


def test_files_with_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    credentials = demo_seed.load_credentials(tmp_path / "demo/credentials.json", CLIENTS)
    demo_seed.write_import_file(tmp_path / "demo/people.yaml", demo_seed.people_document(credentials))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "demo").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "demo").stat().st_mode) == 0o700


def test_the_import_file_reads_back_as_it_was_and_its_digest_follows_its_content(tmp_path: Path) -> None:
    document = {"people": [{"name": "Nguyễn Thị Ánh"}]}
    digest = demo_seed.write_import_file(tmp_path / "people.yaml", document)
    assert yaml.safe_load((tmp_path / "people.yaml").read_text(encoding="utf-8")) == document
    assert demo_seed.write_import_file(tmp_path / "people.yaml", document) == digest
    assert demo_seed.write_import_file(tmp_path / "people.yaml", {"people": []}) != digest


def test_invented_passwords_are_long_enough_alone() -> None:
    assert all(len(demo_seed.invent_password()) >= 15 for _ in range(200))


def test_personal_numbers_agree_with_what_they_say() -> None:
    for person in CITIZENS:
        number = parse_personal_number(person.record["personal_number"])
        check_consistency(number, gender=person.record["gender"])
        assert person.record["birthdate"][2:4] == number[4:6]


def test_the_sample_covers_every_way_to_sign_in() -> None:
    assert sum(person.second_factor and person.record["level"] == 2 for person in CITIZENS) >= 2
    assert any(not person.second_factor for person in CITIZENS)
    assert any(person.record["level"] == 1 for person in CITIZENS)
    assert all(person.second_factor for person in OFFICERS)


def test_two_administrators_hold_every_role_so_that_four_eyes_can_be_tried() -> None:
    assert len(ADMINISTRATORS) == 2
    assert all(set(person.record["roles"]) == set(Role) for person in ADMINISTRATORS)


def test_somebody_who_has_no_second_factor_has_no_secret(tmp_path: Path) -> None:
    credentials = demo_seed.load_credentials(tmp_path / "credentials.json", CLIENTS)
    document = demo_seed.people_document(credentials)
    without = [person["name"] for person in document["people"] if "totp_secret" not in person]
    assert without == ["Lê Hoàng Chi", "Võ Thu Giang", "Bùi Thị Hạnh", "Đặng Minh Khoa", "Lý Minh Khôi"]
    assert all(officer["totp_secret"] for officer in document["officers"])

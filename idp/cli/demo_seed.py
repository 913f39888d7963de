"""What the demo starts with: people, officers and clients as import files, their secrets made at the first start."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from idp.domain.values import dataclass

WORDS: Final = (
    "sen", "lua", "tre", "bien", "song", "nui", "may", "gio", "trang", "sao", "hoa", "la", "chim", "ca", "thuyen",
    "cau", "duong", "nha", "vuon", "dong", "rung", "suoi", "mua", "nang", "ban", "sach", "but", "tranh", "nhac", "tra",
    "gao", "muoi",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """An invented person, the way he or she signs in, and what the reader of the demo can try with the account."""

    key: str
    name: str
    sign_in_name: str
    purpose: str
    record: Mapping[str, Any]
    second_factor: bool = True


def _citizen(key: str, name: str, number: str, birthdate: str, purpose: str, **more: Any) -> SamplePerson:  # noqa: ANN401 - claims are of any type
    second_factor = more.pop("second_factor", True)
    record = {
        "personal_number": number,
        "name": name,
        "birthdate": birthdate,
        "gender": "female" if int(number[3]) % 2 else "male",
        "email": f"{key}@example.vn",
        "level": 2,
        **more,
    }
    return SamplePerson(key, name, number, purpose, record, second_factor=second_factor)


def _officer(key: str, name: str, number: str, position: str, roles: list[str], agency: str = "G10.01") -> SamplePerson:
    username = f"{key}@g10.example.vn"
    record = {
        "personal_number": number, "agency": agency, "position": position, "roles": [*roles], "username": username,
    }  # fmt: skip
    return SamplePerson(f"officer-{key}", name, username, position, record)


CITIZENS: Final = (
    _citizen(
        "anh.nguyen", "Nguyễn Thị Ánh", "001190000011", "1990-03-08", "password and one-time code",
        phone_number="+84912345601",
        address={"formatted": "12 phố Hàng Bài, phường Cửa Nam, Hà Nội"},
    ),
    _citizen(
        "binh.tran", "Trần Văn Bình", "079085000022", "1985-11-20", "password and one-time code; also an officer",
        phone_number="+84912345602",
    ),
    _citizen(
        "chi.le", "Lê Hoàng Chi", "048199000033", "1999-07-01", "no second factor yet: is led to enrolment",
        phone_number="+84912345603", second_factor=False,
    ),
    _citizen(
        "dung.pham", "Phạm Quang Dũng", "031078000044", "1978-12-05", "carries every standard claim",
        given_name="Dũng", middle_name="Quang", family_name="Phạm", nickname="Dũng Hải Phòng",
        preferred_username="dung.pham", profile="https://example.vn/dung", picture="https://example.vn/dung.png",
        website="https://dung.example.vn", zoneinfo="Asia/Ho_Chi_Minh", locale="vi-VN",
        phone_number="+84912345604",
        address={
            "formatted": "5 phố Tam Bạc, phường Hồng Bàng, Hải Phòng", "street_address": "5 phố Tam Bạc",
            "locality": "phường Hồng Bàng", "region": "Hải Phòng", "postal_code": "04100", "country": "VN",
        },
    ),
    _citizen(
        "hoa.ly", "Lý Thị Hoa", "025188000066", "1988-04-12", "acts for a cooperative and for a child",
        phone_number="+84912345606",
    ),
    _citizen("em.hoang", "Hoàng Thị Em", "024301000055", "2001-05-19", "identity level 1", level=1),
)  # fmt: skip

OFFICERS: Final = (
    _officer("binh.tran", "Trần Văn Bình", "079085000022", "Chuyên viên thụ lý hồ sơ", []),
    _officer("giang.vo", "Võ Thu Giang", "092182000066", "Trưởng phòng", ["agency_admin"]),
)

_EVERY_ROLE: Final = [
    "proofing_officer", "agency_admin", "identity_admin", "client_admin", "security_admin", "auditor",
]  # fmt: skip

# Two, because what one of them asks for another one decides.
ADMINISTRATORS: Final = (
    _officer("hanh.bui", "Bùi Thị Hạnh", "001179000077", "Quản trị viên", _EVERY_ROLE, "G10"),
    _officer("khoa.dang", "Đặng Minh Khoa", "048083000088", "Quản trị viên", _EVERY_ROLE, "G10"),
)

# Officers are people too; these have no citizen's account of their own that they could sign in with.
_OFFICERS_ONLY: Final = (
    {"personal_number": "092182000066", "name": "Võ Thu Giang", "birthdate": "1982-09-02", "level": 2},
    {"personal_number": "001179000077", "name": "Bùi Thị Hạnh", "birthdate": "1979-01-15", "level": 2},
    {"personal_number": "048083000088", "name": "Đặng Minh Khoa", "birthdate": "1983-06-30", "level": 2},
)

CHILD: Final = {"personal_number": "025218000077", "name": "Lý Minh Khôi", "birthdate": "2018-09-05", "gender": "male"}
"""Too young for an account of the own; Lý Thị Hoa is the guardian (`idp person guardian`)."""

GUARDIAN: Final = "025188000066"
ORGANISATIONS: Final = ({"tax_code": "9900000016", "name": "Hợp tác xã Chè Thanh Sơn", "representatives": [GUARDIAN]},)

AGENCIES: Final = (
    {"code": "G10", "name": "Bộ Tài nguyên và Môi trường", "kind": "ministry"},
    {"code": "G10.01", "name": "Vụ Đất đai", "parent": "G10", "kind": "department"},
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Passwords, one-time-code secrets (base32) and client secrets, by the keys of people and clients."""

    passwords: Mapping[str, str]
    totp_secrets: Mapping[str, str]
    client_secrets: Mapping[str, str]


def load_credentials(path: Path, clients: Iterable[str]) -> Credentials:
    """Return the secrets kept in `path`; what is missing is made and kept there, readable by its owner alone."""
    import pyotp

    known: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    everyone = (*CITIZENS, *OFFICERS, *ADMINISTRATORS)
    passwords = {each.key: known.get("passwords", {}).get(each.key) or invent_password() for each in everyone}
    totp_secrets = {
        each.key: known.get("totp_secrets", {}).get(each.key) or pyotp.random_base32()
        for each in everyone
        if each.second_factor
    }
    client_secrets = {each: known.get("client_secrets", {}).get(each) or secrets.token_urlsafe(32) for each in clients}
    document = {"passwords": passwords, "totp_secrets": totp_secrets, "client_secrets": client_secrets}
    if document != known:
        write_private(path, json.dumps(document, indent=2))
    return Credentials(passwords, totp_secrets, client_secrets)


def invent_password() -> str:
    """Return a password of four words and four digits, easy to type from a terminal into a browser."""
    words = [secrets.choice(WORDS) for _ in range(4)]
    return "-".join([*words, f"{secrets.randbelow(10_000):04}"])


def people_document(credentials: Credentials) -> dict[str, Any]:
    """Return the import document of agencies, people and officers."""
    return {
        "agencies": list(AGENCIES),
        "people": [
            *(_with_secrets(each, credentials) for each in CITIZENS),
            *(dict(each) for each in (*_OFFICERS_ONLY, CHILD)),
        ],
        "organisations": [dict(each) for each in ORGANISATIONS],
        "officers": [_with_secrets(each, credentials) for each in (*OFFICERS, *ADMINISTRATORS)],
    }


def _with_secrets(person: SamplePerson, credentials: Credentials) -> dict[str, Any]:
    record = {**person.record, "password": credentials.passwords[person.key]}
    if person.second_factor:
        record["totp_secret"] = credentials.totp_secrets[person.key]
    return record


def write_import_file(path: Path, document: Mapping[str, Any]) -> str:
    """Write the document as YAML, readable by its owner alone; return the SHA-256 of what it holds, in hex."""
    import yaml

    text = yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False)
    write_private(path, text)
    return hashlib.sha256(text.encode()).hexdigest()


def write_private(path: Path, text: str) -> None:
    """Replace the file at once with one that nobody but its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)

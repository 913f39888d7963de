"""A country for the console: agencies, officers and services beside the people of `idp demo-data`, as import files.

The same for the same people. Officers are drawn from the people's own file, so that each is one of them.
"""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from idp.cli.sample_names import PROVINCES, WARDS
from idp.domain.offices.administration import Role

ADMINISTRATOR_PASSWORD: Final = "a password for the benchmark"
ADMINISTRATOR_SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADMINISTRATOR: Final = "admin@a00.example.vn"
_FILE: Final = 1_000
_GROWN_UP: Final = "2000"
_MINISTRIES: Final = 22
_COMMUNES: Final = 3_321
_POSITIONS: Final = ("Chuyên viên", "Chuyên viên chính", "Trưởng phòng", "Phó trưởng phòng", "Cán bộ tiếp nhận")
_DEPARTMENTS: Final = (
    "Văn phòng",
    "Phòng Nội vụ",
    "Phòng Tư pháp",
    "Trung tâm Phục vụ hành chính công",
    "Phòng Văn hóa",
)


@dataclass(frozen=True, slots=True)
class Town:
    """How many of each."""

    agencies: int = 13_000
    officers: int = 50_000
    clients: int = 2_000


def write_town(folder: Path, people: Path, town: Town = Town()) -> list[Path]:
    """Write the files in the order in which they are loaded; `people` is the file that was loaded before them."""
    agencies = list(islice(_agencies(), town.agencies))
    officers = _officers(_adults(people), agencies, town.officers)
    return [
        *_files(folder, "agencies", agencies),
        *_files(folder, "officers", officers),
        *_files(folder, "clients", _clients(town.clients)),
    ]


def _files(folder: Path, kind: str, entries: Iterable[dict[str, Any]]) -> Iterator[Path]:
    """Write JSON, which is YAML too, in files small enough for one transaction each."""
    left, number = iter(entries), 0
    while some := list(islice(left, _FILE)):
        file = folder / f"{kind}-{number:03}.yaml"
        file.write_text(json.dumps({kind: some}, ensure_ascii=False), encoding="utf-8")
        yield file
        number += 1


def _agencies() -> Iterator[dict[str, Any]]:
    """Yield ministries, provinces, communes, and departments below each of them, without an end."""
    above = [{"code": f"G{number:02}", "name": f"Bộ số {number}", "kind": "ministry"} for number in range(_MINISTRIES)]
    above += [
        {"code": f"H{number:02}", "name": f"Tỉnh {name}", "kind": "province"}
        for number, name in enumerate(PROVINCES, start=1)
    ]
    yield from above
    communes = [
        {
            "code": f"H{number % len(PROVINCES) + 1:02}.{number // len(PROVINCES) + 1}",
            "name": f"{WARDS[number % len(WARDS)]} {number}",
            "kind": "commune",
            "parent": f"H{number % len(PROVINCES) + 1:02}",
        }
        for number in range(_COMMUNES)
    ]
    yield from communes
    for number, name in enumerate(_DEPARTMENTS * 10):
        for parent in (*above, *communes):
            code = f"{parent['code']}.P{number}"
            yield {"code": code, "name": f"{name} {parent['name']}", "kind": "department", "parent": parent["code"]}


def _adults(people: Path) -> Iterator[str]:
    """Yield personal numbers from all over the file."""
    with people.open(encoding="utf-8") as lines:
        for line in lines:
            person = json.loads(line)["people"]
            if "password_hash" in person and person["birthdate"] < _GROWN_UP:
                yield person["personal_number"]


def _officers(numbers: Iterator[str], agencies: Sequence[dict[str, Any]], officers: int) -> Iterator[dict[str, Any]]:
    generator = random.Random(officers)
    roles = tuple(role.value for role in Role)
    for position, number in enumerate(islice(numbers, officers)):
        agency = agencies[0] if position < _FILE else agencies[position % len(agencies)]
        officer = {
            "personal_number": number,
            "agency": agency["code"],
            "position": generator.choice(_POSITIONS),
            "roles": ["proofing_officer"] if position % 5 == 0 else [],
            "username": f"officer{position}@a00.example.vn",
        }
        if position == 0:
            officer |= {
                "username": ADMINISTRATOR,
                "roles": roles,
                "password": ADMINISTRATOR_PASSWORD,
                "totp_secret": ADMINISTRATOR_SECRET,
            }
        yield officer


def _clients(clients: int) -> Iterator[dict[str, Any]]:
    for number in range(clients):
        yield {
            "client_id": f"service-{number:04}",
            "client_secret": f"a-secret-of-the-benchmark-{number:04}-0123456789",
            "client_name": {"vi": f"Dịch vụ công số {number}", "en": f"Public service {number}"},
            "redirect_uris": [f"https://service-{number}.example.vn/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email offline_access",
            "minimum_acr": f"urn:vn:loa:{number % 2 + 1}",
            "claims": {
                name: {"purpose": {"vi": "Giải quyết hồ sơ", "en": "Handling a dossier"}, "legal_basis": "public_task"}
                for name in ("name", "birthdate", "email")
            },
        }

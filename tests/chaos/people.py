"""The people and clients of a chaos run: whoever signs in, consents, enrols or is locked, and where they go."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import argon2

PASSWORD = "a password that survives"
ARGON2 = "m=1024,t=1,p=1"
CALLBACK = "http://localhost:9/callback"
SIGNED_OUT = "http://localhost:9/signed-out"

CITIZENS = 2600
SPECIAL = 150
_NEWCOMERS, _CONSENTING, _LOCKED, _DESK = 100_000, 200_000, 300_000, 400_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a password; `number` tells people apart."""

    number: int
    has_totp: bool = True

    @property
    def personal_number(self) -> str:
        return f"001099{self.number:06}"

    @property
    def email(self) -> str:
        return f"p{self.number}@chaos.example"

    @property
    def totp_secret(self) -> str:
        return base64.b32encode(hashlib.sha256(self.personal_number.encode()).digest()[:20]).decode()

    def record(self, password_hash: str) -> dict[str, object]:
        """What the import reads."""
        totp = {"totp_secret": self.totp_secret} if self.has_totp else {}
        return {
            "personal_number": self.personal_number,
            "name": f"Người Thử {self.number}",
            "email": self.email,
            "level": 2,
            "password_hash": password_hash,
            **totp,
        }


@dataclass(frozen=True, slots=True)
class Client:
    """A relying party; its redirection address is `CALLBACK`."""

    client_id: str
    scope: str

    @property
    def secret(self) -> str:
        return f"{self.client_id}-secret-of-the-chaos-run"

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()


PORTAL = Client("chaos-portal", "openid profile identity offline_access")
GATEWAY = Client("chaos-gateway", "openid profile identity offline_access")
ASKING = Client("chaos-asking", "openid profile")
DESK = Client("chaos-desk", "openid profile")


class Population:
    """Everybody there is, by what they do."""

    def __init__(self, citizens: int = CITIZENS, special: int = SPECIAL) -> None:
        self.citizens = [Person(number) for number in range(citizens)]
        self.newcomers = [Person(_NEWCOMERS + number, has_totp=False) for number in range(special)]
        self.consenting = [Person(_CONSENTING + number) for number in range(special * 3)]
        self.locked = [Person(_LOCKED + number) for number in range(20)]
        self.desk = [Person(_DESK + number) for number in range(special * 3)]

    def write(self, folder: Path, logout_receiver: str) -> tuple[Path, Path]:
        """Write the import files, clients first; `logout_receiver` is where the desk is told of sign-outs."""
        clients, people = folder / "clients.yaml", folder / "people.jsonl"
        clients.write_text(_clients(logout_receiver), encoding="utf-8")
        people.write_text("".join(self._lines()), encoding="utf-8")
        return clients, people

    def _lines(self) -> Iterator[str]:
        # One hash for all: what a hash costs is measured elsewhere, here it only has to be right.
        shared = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
        for group in (self.citizens, self.newcomers, self.consenting, self.locked, self.desk):
            for person in group:
                yield json.dumps({"people": person.record(shared)}, ensure_ascii=False) + "\n"


def _clients(logout_receiver: str) -> str:
    common = f'redirect_uris: ["{CALLBACK}"], grant_types: [authorization_code, refresh_token],'
    common += " id_token_signed_response_alg: ES256"
    told = f'backchannel_logout_uri: "{logout_receiver}", post_logout_redirect_uris: ["{SIGNED_OUT}"]'
    lines = [
        (PORTAL, "skip_consent: true"),
        (GATEWAY, 'skip_consent: true, minimum_acr: "urn:vn:loa:2"'),
        (ASKING, "skip_consent: false"),
        (DESK, f"skip_consent: true, {told}"),
    ]
    return "clients:\n" + "".join(
        f"  - {{client_id: {client.client_id}, client_secret: {client.secret}, client_name: {client.client_id},"
        f" scope: {client.scope}, {common}, {rest}}}\n"
        for client, rest in lines
    )

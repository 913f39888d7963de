"""What the processor itself allows on the server's core: password hashes and signatures with nothing around them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import argon2
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from bench.machine import on_core

ARGON2 = "argon2id m=19 MiB t=2 p=1"
"""One bare call of argon2-cffi with the parameters that the provider is shipped with."""

SECONDS = 1.5
"""How long each is measured."""

_PASSWORD = "a password for the benchmark"
_MESSAGE = b"x" * 400


@dataclass(frozen=True, slots=True)
class Limit:
    """Operations per second of one core."""

    name: str
    rate: float


def measure_limits(core: int, seconds: float = SECONDS) -> list[Limit]:
    """Measure each for so many seconds on `core`; this process moves there for as long."""
    with on_core(core):
        hashed, padded = SHA256(), padding.PKCS1v15()
        elliptic = ec.generate_private_key(ec.SECP256R1())
        modular = rsa.generate_private_key(65537, 2048)
        return [
            Limit(ARGON2, argon2_rate(seconds)),
            Limit("ES256 signature", _rate(lambda: elliptic.sign(_MESSAGE, ec.ECDSA(hashed)), seconds)),
            Limit("RS256 signature (2048)", _rate(lambda: modular.sign(_MESSAGE, padded, hashed), seconds)),
        ]


def between(before: list[Limit], after: list[Limit]) -> list[Limit]:
    """Return limits in the middle of two measurements: a machine is not as fast at the end as it was at first."""
    return [Limit(first.name, (first.rate + last.rate) / 2) for first, last in zip(before, after, strict=True)]


def argon2_rate(seconds: float = SECONDS) -> float:
    """Verifications per second of CPU time, where this process runs."""
    hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    known = hasher.hash(_PASSWORD)
    return _rate(lambda: hasher.verify(known, _PASSWORD), seconds)


def _rate(work: Callable[[], object], seconds: float) -> float:
    """Operations per second of CPU time, so that a busy machine does not lower the limit."""
    started = time.process_time()
    done = 0
    while (spent := time.process_time() - started) < seconds:
        work()
        done += 1
    return done / spent

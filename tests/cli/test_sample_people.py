import io
import json
import time

import pytest
from argon2 import PasswordHasher

from idp.adapters.importing.json_lines import read_batches, read_people
from idp.cli.sample_people import PASSWORD, password_hashes, sample_lines


def test_every_line_is_a_person_that_import_takes_and_none_shares_an_identifier() -> None:
    content = b"".join(sample_lines(5000, seed=7))
    (batch,) = read_batches(io.BytesIO(content), size=10_000)
    people = read_people("people.jsonl", batch)

    assert people.refusal is None
    assert len(people.records) == 5000


def test_the_same_seed_writes_the_same_people_and_another_seed_others() -> None:
    assert list(sample_lines(50, seed=1)) == list(sample_lines(50, seed=1))
    assert list(sample_lines(50, seed=1)) != list(sample_lines(50, seed=2))


def test_fewer_people_are_the_beginning_of_more() -> None:
    assert list(sample_lines(10, seed=3)) == list(sample_lines(100, seed=3))[:10]


def test_people_are_of_both_sexes_and_many_kinds() -> None:
    people = [json.loads(line)["people"] for line in sample_lines(3000, seed=5)]

    assert {person["gender"] for person in people} == {"male", "female"}
    assert {person["level"] for person in people} == {0, 1, 2}
    assert sum("totp_secret" in person for person in people) in range(450, 900)
    assert sum("email" in person for person in people) in range(1500, 2500)
    assert len({person["password_hash"] for person in people if "password_hash" in person}) == 4
    children = [person for person in people if person["birthdate"] > "2012-12-31"]
    assert children
    assert not any({"phone_number", "email", "password_hash", "totp_secret"} & person.keys() for person in children)


def test_the_hashes_are_of_the_documented_password_at_the_default_cost() -> None:
    for password_hash in password_hashes(seed=1):
        assert password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert PasswordHasher().verify(password_hash, PASSWORD)


@pytest.mark.slow
def test_a_hundred_thousand_people_take_seconds() -> None:
    started = time.perf_counter()
    assert sum(1 for _ in sample_lines(100_000, seed=1)) == 100_000
    assert time.perf_counter() - started < 10

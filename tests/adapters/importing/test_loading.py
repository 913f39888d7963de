import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import cast

import pytest

from idp.adapters.crypto.signing_keys import FIRST_ALGORITHMS
from idp.adapters.importing.loading import Importer
from idp.adapters.importing.preparation import ThreadPreparer
from idp.adapters.importing.problems import ImportRefused
from idp.domain.accounts.account import Account, AccountKind, AccountStatus
from idp.domain.events import Event, Origin, RecordsImported
from idp.domain.ids import AccountId, PersonId, RequestId, Seconds
from idp.domain.records import Loaded, PersonRecord, Records
from idp.ports.accounts import Accounts
from idp.ports.records import PreparedPeople, RecordConflictError
from tests.adapters.turned_clock import TurnedClock

ORIGIN = Origin(request_id=RequestId("import"), source="operator")


class PlainPeople:
    """Prepared by nothing being done."""

    def __init__(self, records: Sequence[PersonRecord] = ()) -> None:
        self.records = records

    def __len__(self) -> int:
        return len(self.records)

    def before(self, position: int) -> "PlainPeople":
        return PlainPeople(self.records[:position])

    def prepare(self, people: Sequence[PersonRecord]) -> "PlainPeople":
        return PlainPeople(people)


class MemoryStore:
    """Keeps people by personal number; refuses a phone number that somebody else has, as the real store does."""

    def __init__(self) -> None:
        self.loaded: list[Records] = []
        self.people: dict[str, PersonRecord] = {}
        self.marks: dict[str, int] = {}
        self.events: list[RecordsImported] = []
        self.batches: list[int] = []
        self.conflict: RecordConflictError | None = None

    async def load(self, records: Records, event: Event) -> Loaded:
        if self.conflict:
            raise self.conflict
        self.loaded.append(records)
        self.events.append(cast("RecordsImported", event))
        return Loaded(created=len(records.people))

    async def load_people(self, batch: PreparedPeople, source: str, line: int, event: Event) -> Loaded:
        people = cast("PlainPeople", batch).records
        holders = {person.phone_number: number for number, person in self.people.items() if person.phone_number}
        for position, person in enumerate(people):
            if holders.get(person.phone_number or "", person.personal_number) != person.personal_number:
                raise RecordConflictError(f"people[{position}].phone_number", "belongs to somebody else")
        new = [person for person in people if self.people.get(person.personal_number) != person]
        self.people.update({person.personal_number: person for person in people})
        self.marks[source] = line
        self.events.append(cast("RecordsImported", event))
        self.batches.append(len(batch))
        return Loaded(created=len(new), unchanged=len(people) - len(new))

    async def mark(self, source: str) -> int:
        return self.marks.get(source, 0)

    def export(self) -> AsyncIterator[Records]:
        raise NotImplementedError

    async def account_of(self, identifier: str) -> AccountId | None:
        return None


class PlainHasher:
    async def verify(self, password_hash: str | None, password: str, *, known_device: bool = False) -> bool:
        return password_hash is not None and password_hash.endswith(f" {password}")

    def check_room(self, *, known_device: bool) -> None:
        """There is room always."""

    async def hash(self, password: str) -> str:
        return f"new {password}"

    def needs_rehash(self, password_hash: str) -> bool:
        return False


class Directory:
    def __init__(self, hashes: dict[str, str]) -> None:
        self._hashes = hashes

    async def find(self, identifier: str) -> Account | None:
        if identifier not in self._hashes:
            return None
        return Account(
            AccountId("a"),
            PersonId("p"),
            AccountKind.CITIZEN,
            AccountStatus.ACTIVE,
            Seconds(0),
            self._hashes[identifier],
        )


def importer(store: MemoryStore, hashes: dict[str, str] | None = None, *, reaches: bool = True) -> Importer:
    async def reaches_beyond_ascii() -> bool:
        return reaches

    directory = cast("Accounts", Directory(hashes or {}))
    return Importer(store, directory, PlainHasher(), ORIGIN, FIRST_ALGORITHMS, reaches_beyond_ascii, TurnedClock())


def line(position: int, **values: object) -> bytes:
    person = {"personal_number": f"001099{position:06}", "name": "An", **values}
    return json.dumps({"people": person}).encode() + b"\n"


async def load(store: MemoryStore, content: bytes, progress: list[int] | None = None) -> Loaded:
    told = progress if progress is not None else []
    preparer = ThreadPreparer(PlainPeople())
    return await importer(store).load_lines("people.jsonl", io.BytesIO(content), preparer, told.append, size=2)


async def test_a_document_is_loaded_at_once_with_its_event() -> None:
    store = MemoryStore()
    content = b'people: [{personal_number: "001099000001", name: An, password: hunter2hunter2}]'

    assert await importer(store).load_document("people.yaml", content) == Loaded(created=1)
    assert store.loaded[0].people[0].password_hash == "new hunter2hunter2"
    assert store.events[0].counts == {"people": 1}
    assert "hunter2" not in repr(store.events)


async def test_a_client_is_not_loaded_whose_answers_no_key_signs() -> None:
    store = MemoryStore()
    with pytest.raises(ImportRefused) as refused:
        await importer(store).load_document(
            "clients.yaml", b"clients: [{client_id: a}, {client_id: b, id_token_signed_response_alg: PS256}]"
        )
    told = "clients[1].id_token_signed_response_alg: no key signs with PS256 yet; idp keys rotate --alg PS256 makes one"
    assert str(refused.value) == f"clients.yaml: {told}"
    assert not store.loaded


MAILBOXES = """people:
  - {personal_number: "001099000001", name: An, email: an@tiếng-việt.vn}
  - {personal_number: "001099000002", name: An, email: nguyễn@example.vn}
"""


async def test_a_mailbox_that_no_message_reaches_is_not_loaded() -> None:
    store = MemoryStore()
    with pytest.raises(ImportRefused, match=r"people\[1\]\.email: has a mailbox outside ASCII, .*SMTPUTF8") as refused:
        await importer(store, reaches=False).load_document("people.yaml", MAILBOXES.encode())
    assert "nguyễn" not in str(refused.value)
    assert not store.loaded
    assert await importer(store).load_document("people.yaml", MAILBOXES.encode()) == Loaded(created=2)


async def test_lines_are_loaded_up_to_the_first_mailbox_that_no_message_reaches() -> None:
    store = MemoryStore()
    content = line(1) + line(2) + line(3, email="an@example.vn") + line(4, email="nguyễn@example.vn") + line(5)
    stream, told = io.BytesIO(content), list[int]()
    lines = importer(store, reaches=False).load_lines("p.jsonl", stream, ThreadPreparer(PlainPeople()), told.append)
    with pytest.raises(ImportRefused, match=r"p\.jsonl: line 4: email: has a mailbox outside ASCII"):
        await lines
    assert sum(event.counts["people"] for event in store.events) == 3


UNBORN = """people:
  - {personal_number: "001099000001", name: An, birthdate: 1999-01-02}
  - {personal_number: "001227000002", name: An, birthdate: 2027-12-31}
  - {personal_number: "001299000003", name: An}
"""


async def test_nobody_is_loaded_whose_birth_is_yet_to_come() -> None:
    store = MemoryStore()
    with pytest.raises(ImportRefused) as refused:
        await importer(store).load_document("people.yaml", UNBORN.encode())
    assert [str(problem) for problem in refused.value.problems] == [
        "people[1].birthdate: tells a birth that is yet to come",
        "people[2].personal_number: tells a birth that is yet to come",
    ]
    assert not store.loaded


@pytest.mark.parametrize(
    ("third", "path"),
    [
        ({"birthdate": "2027-12-31", "personal_number": "001227000003"}, "line 3: birthdate"),
        ({"email": "nguyễn@example.vn"}, "line 3: email"),
    ],
)
async def test_lines_are_loaded_up_to_the_first_that_cannot_be_so(third: dict[str, str], path: str) -> None:
    store = MemoryStore()
    content = line(1) + line(2) + line(3, **third) + line(4, email="nguyễn@example.vn") + line(5)
    stream = io.BytesIO(content)
    with pytest.raises(ImportRefused) as refused:
        await importer(store, reaches=False).load_lines("p", stream, ThreadPreparer(PlainPeople()), list[int]().append)
    assert [problem.path for problem in refused.value.problems] == [path]
    assert sum(event.counts["people"] for event in store.events) == 2


async def test_a_file_can_be_looked_at_without_being_loaded() -> None:
    store = MemoryStore()
    with pytest.raises(ImportRefused):
        await importer(store).check_document("people.yaml", UNBORN.encode())
    await importer(store).check_document("people.yaml", MAILBOXES.encode())
    assert not store.loaded


async def test_a_password_that_is_in_force_keeps_its_hash_and_another_gets_a_new_one() -> None:
    store = MemoryStore()
    content = b"""
    people:
      - {personal_number: "001099000001", name: An, password: hunter2hunter2}
      - {personal_number: "001099000002", name: An, password: hunter3hunter3}
    officers:
      - {personal_number: "001099000001", agency: G10, position: x, username: B@g10.example.vn, password: hunter4four}
    """
    hashes = {
        "001099000001": "old hunter2hunter2",
        "001099000002": "old other",
        "b@g10.example.vn": "old hunter4four",
    }
    await importer(store, hashes).load_document("people.yaml", content)

    (records,) = store.loaded
    assert [person.password_hash for person in records.people] == ["old hunter2hunter2", "new hunter3hunter3"]
    assert records.officers[0].password_hash == "old hunter4four"


async def test_nothing_of_a_bad_document_is_loaded() -> None:
    store = MemoryStore()
    with pytest.raises(ImportRefused):
        await importer(store).load_document("people.yaml", b'people: [{personal_number: "001099000001", name: An}, {}]')
    assert not store.loaded


async def test_what_the_store_refuses_is_named_by_file_and_path() -> None:
    store = MemoryStore()
    store.conflict = RecordConflictError("officers[0].agency", "is unknown")
    with pytest.raises(ImportRefused, match=r"people\.yaml: officers\[0\]\.agency: is unknown"):
        await importer(store).load_document("people.yaml", b"people: []")


async def test_lines_are_loaded_in_batches_with_progress() -> None:
    store, progress = MemoryStore(), list[int]()
    content = b"".join(line(position) for position in range(5))

    assert await load(store, content, progress) == Loaded(created=5)
    assert store.batches == [2, 2, 1]
    assert progress[-1] == len(content)
    assert [event.counts for event in store.events] == [{"people": 2}, {"people": 2}, {"people": 1}]


async def test_what_stands_before_a_bad_line_is_kept_and_loading_goes_on_there_after_the_fix() -> None:
    store = MemoryStore()
    lines = [line(position) for position in range(7)]
    broken = [*lines[:5], b"{\n", *lines[6:]]
    with pytest.raises(ImportRefused, match=r"people\.jsonl: line 6: is not JSON"):
        await load(store, b"".join(broken))
    assert len(store.people) == 5

    store.batches.clear()
    assert await load(store, b"".join(lines)) == Loaded(created=2, unchanged=1)
    assert store.batches == [2, 1]


async def test_a_change_before_the_stop_is_loaded_too() -> None:
    store = MemoryStore()
    with pytest.raises(ImportRefused):
        await load(store, line(0) + line(1) + line(2) + b"{\n")

    await load(store, line(0, nickname="Tí") + line(1) + line(2))
    assert store.people["001099000000"].claims["nickname"] == "Tí"


async def test_a_file_that_was_loaded_to_its_end_is_loaded_again() -> None:
    store = MemoryStore()
    content = line(0) + line(1) + line(2)
    await load(store, content)
    assert await load(store, content) == Loaded(unchanged=3)


async def test_a_line_that_the_store_refuses_is_named_and_what_stands_before_it_is_kept() -> None:
    store = MemoryStore()
    await load(store, line(9, phone_number="0912345678"))

    with pytest.raises(ImportRefused, match=r"people\.jsonl: line 5: phone_number: belongs to somebody else"):
        await load(store, line(0) + line(1) + b"\n" + line(2) + line(3, phone_number="0912345678"))
    assert sorted(store.people) == ["001099000000", "001099000001", "001099000002", "001099000009"]


async def test_a_first_line_that_the_store_refuses_loads_nothing() -> None:
    store = MemoryStore()
    await load(store, line(9, phone_number="0912345678"))
    with pytest.raises(ImportRefused, match="line 1"):
        await load(store, line(3, phone_number="0912345678"))
    assert list(store.people) == ["001099000009"]

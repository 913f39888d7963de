"""The contract of `PeopleSearch`."""

from dataclasses import replace

from sqlalchemy import delete, insert

from idp.adapters.sql.stores import Stores
from idp.adapters.sql.tables.people import name_word_progress, name_words
from idp.adapters.sql.unit_of_work import Run, UnitOfWork
from idp.domain.people.people_search import name_search
from idp.domain.records import AgencyRecord, PersonRecord, Records
from tests.ports.samples import EVENT, NOW, event, officer, person


def named(number: int, name: str, birthdate: str = "1999-01-02") -> PersonRecord:
    return person(number, claims={"name": name, "birthdate": birthdate})


G10 = AgencyRecord("G10.01", "Cục", "department")
PEOPLE = (
    named(1, "Nguyễn Thị Hoà"),
    named(2, "Nguyễn Thị Hoa", "1998-03-04"),
    named(3, "Nguyễn Văn Hóa"),
    named(4, "Trần Thị Hòa"),
    *(named(number, "Nguyễn Thị An") for number in range(10, 40)),
)


async def load(stores: Stores, *people: PersonRecord) -> None:
    await stores.records.load(Records(people=people), EVENT)


async def found(stores: Stores, name: str, born: str = "") -> set[str]:
    """Every personal number that is found, page by page."""
    search, after, numbers = name_search(name, born), "", list[str]()
    while True:
        page = await stores.people_search.find(search, after, 7)
        assert len(page.records) <= 7
        numbers += [record.personal_number for record in page.records]
        if page.after is None:
            assert len(set(numbers)) == len(numbers)
            return set(numbers)
        after = page.after


def numbers(*people: int) -> set[str]:
    return {person(number).personal_number for number in people}


async def test_people_are_found_by_words_in_any_order_with_marks_and_without(stores: Stores) -> None:
    await load(stores, *PEOPLE)

    assert await found(stores, "hoa nguyen") == numbers(1, 2, 3)
    assert await found(stores, "Hòa Nguyễn") == numbers(1)
    assert await found(stores, "thi hoa") == numbers(1, 2, 4)
    assert await found(stores, "hoa", "1999") == numbers(1, 3, 4)
    assert await found(stores, "hoa", "4/3/1998") == numbers(2)
    assert await found(stores, "hoa nguyen", "2001") == set()
    assert await found(stores, "le hoa") == set()


async def test_many_are_found_page_by_page_each_once(stores: Stores) -> None:
    await load(stores, *PEOPLE)

    assert await found(stores, "nguyen thi") == numbers(1, 2, *range(10, 40))


async def test_whose_name_changes_is_found_by_the_new_one_alone(stores: Stores) -> None:
    await load(stores, *PEOPLE[:2])
    await load(stores, named(1, "Lê Thị Hoà"))
    record = await stores.identity_records.of_number(person(2).personal_number)
    assert record is not None
    corrected = replace(record, claims={**record.claims, "name": "Phạm Thị Hoa", "birthdate": "1997-03-04"})
    await stores.identity_records.save(corrected, event())

    assert await found(stores, "nguyen hoa") == set()
    assert await found(stores, "le hoa") == numbers(1)
    assert await found(stores, "pham hoa", "1997") == numbers(2)
    assert await found(stores, "hoa", "1998") == set()


async def test_people_from_before_there_were_words_get_theirs_in_portions(stores: Stores) -> None:
    await load(stores, *PEOPLE)
    assert await stores.people_search.catch_up(100) == 0
    await stores.database.write(_as_before(NOW + 1))
    assert await found(stores, "nguyen thi") == set()

    handled = []
    while count := await stores.people_search.catch_up(15):
        handled.append(count)

    assert handled == [15, 15, 4]
    assert await found(stores, "nguyen thi") == numbers(1, 2, *range(10, 40))


async def test_people_who_came_afterwards_are_left_alone(stores: Stores) -> None:
    await load(stores, *PEOPLE)
    await stores.database.write(_as_before(NOW))

    assert await stores.people_search.catch_up(100) == 0


def _as_before(until: int) -> UnitOfWork[None]:
    yield Run(delete(name_words), {})
    yield Run(insert(name_word_progress), {"part": "people", "position": "", "until": until})


async def test_officers_alone_are_found_where_they_are_wanted(stores: Stores) -> None:
    await stores.records.load(Records(agencies=(G10,), people=PEOPLE, officers=(officer(2), officer(12))), EVENT)
    everybody = await stores.people_search.find(name_search("Nguyễn Thị", ""), "", 50)
    assert len(everybody.records) == 32
    alone = await stores.people_search.find(name_search("Nguyễn Thị", ""), "", 50, officers_only=True)
    assert {record.personal_number for record in alone.records} == numbers(2, 12)
    assert (await stores.people_search.find(name_search("Trần Thị", ""), "", 50, officers_only=True)).records == ()

import io
import json
from collections.abc import AsyncIterator

from idp.adapters.importing.document import read_document
from idp.adapters.importing.json_lines import read_batches, read_people
from idp.cli.export_writers import write_json, write_json_lines, write_yaml
from idp.domain.records import AgencyRecord, PersonRecord, Records

FIRST = PersonRecord("001099000001", {"name": "Nguyễn Văn An", "birthdate": "1999-01-02", "locale": "no"}, level=2)
SECOND = PersonRecord("001199000002", {"name": 'Lê "Bé" Bình: # x', "address": {"formatted": "1\n2"}}, email="b@x.vn")


async def pieces() -> AsyncIterator[Records]:
    yield Records(agencies=(AgencyRecord("G10", "Bộ", "ministry"),))
    yield Records(people=(FIRST,))
    yield Records(people=(SECOND,))


async def nothing() -> AsyncIterator[Records]:
    yield Records()


async def test_yaml_is_written_by_section_and_reads_back() -> None:
    out = io.StringIO()
    assert await write_yaml(pieces(), out) == 3

    records = read_document("export.yaml", out.getvalue().encode()).records({})
    assert records.people == (FIRST, SECOND)
    assert out.getvalue().startswith("agencies:\n- code: G10\n  name: Bộ\n")
    assert '- personal_number: "001099000001"\n' in out.getvalue()
    assert '    formatted: "1\\n2"\n' in out.getvalue()


async def test_json_is_one_document_of_sections() -> None:
    out = io.StringIO()
    assert await write_json(pieces(), out) == 3

    document = json.loads(out.getvalue())
    assert list(document) == ["agencies", "people"]
    assert [person["personal_number"] for person in document["people"]] == ["001099000001", "001199000002"]


async def test_json_lines_have_people_only_and_read_back() -> None:
    out = io.StringIO()
    assert await write_json_lines(pieces(), out) == 2

    (batch,) = read_batches(io.BytesIO(out.getvalue().encode()))
    assert read_people("x", batch).records == (FIRST, SECOND)


async def test_nothing_is_written_as_an_empty_document() -> None:
    as_yaml, as_json, as_lines = io.StringIO(), io.StringIO(), io.StringIO()
    await write_yaml(nothing(), as_yaml)
    await write_json(nothing(), as_json)
    await write_json_lines(nothing(), as_lines)

    assert read_document("x", as_yaml.getvalue().encode()).counts() == {}
    assert json.loads(as_json.getvalue()) == {}
    assert not as_lines.getvalue()

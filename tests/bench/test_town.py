import json
from pathlib import Path

from bench.town import Town, write_town
from idp.adapters.importing.document import read_document
from idp.cli.sample_people import sample_lines


def test_a_town_is_what_an_import_takes_and_its_officers_are_people_of_the_file(tmp_path: Path) -> None:
    people = tmp_path / "people.jsonl"
    people.write_bytes(b"".join(sample_lines(60, 1)))
    files = write_town(tmp_path, people, Town(agencies=3_500, officers=20, clients=7))

    documents = [read_document(file.name, file.read_bytes()) for file in files[-2:]]
    told = [json.loads(file.read_bytes()) for file in files]
    codes = [agency["code"] for each in told for agency in each.get("agencies", ())]
    officers = [officer for each in told for officer in each.get("officers", ())]
    numbers = {json.loads(line)["people"]["personal_number"] for line in people.read_bytes().splitlines()}
    assert (len(codes), len(set(codes)), len(officers), len(documents)) == (3_500, 3_500, 20, 2)
    assert {officer["personal_number"] for officer in officers} <= numbers
    assert {officer["agency"] for officer in officers} <= set(codes)
    assert sum(len(each.get("clients", ())) for each in told) == 7

"""The three forms of an export, each written as a stream: YAML, one JSON document, people as JSON lines."""

import json
from collections.abc import AsyncIterator
from typing import Any, TextIO

from idp.adapters.importing.export_entries import entries_of, person_entry
from idp.domain.records import Records


async def write_yaml(pieces: AsyncIterator[Records], out: TextIO) -> int:
    """Write sections of records, one after the other; return how many records."""
    import yaml

    class Dumper(yaml.CSafeDumper):
        """Puts text into quotes that another reader of YAML could take for a number, and keeps lines on one line."""

        def represent_str(self, data: str) -> yaml.ScalarNode:
            quoted = data[:1].isdigit() or "\n" in data
            return self.represent_scalar("tag:yaml.org,2002:str", data, style='"' if quoted else None)

    Dumper.add_representer(str, Dumper.represent_str)
    written, current = 0, ""
    async for piece in pieces:
        for section, entry in entries_of(piece):
            if section != current:
                out.write(f"{section}:\n")
                current = section
            yaml.dump([entry], out, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=4096)
            written += 1
    if not written:
        out.write("{}\n")
    return written


async def write_json(pieces: AsyncIterator[Records], out: TextIO) -> int:
    """Write one JSON document of sections; return how many records."""
    written, current = 0, ""
    out.write("{")
    async for piece in pieces:
        for section, entry in entries_of(piece):
            if section != current:
                out.write(f'{"]," if current else ""}\n"{section}": [\n')
                current = section
            else:
                out.write(",\n")
            out.write(_json(entry))
            written += 1
    out.write("\n]}\n" if current else "}\n")
    return written


async def write_json_lines(pieces: AsyncIterator[Records], out: TextIO) -> int:
    """Write people only, one a line; return how many."""
    written = 0
    async for piece in pieces:
        for person in piece.people:
            out.write(_json({"people": person_entry(person)}) + "\n")
            written += 1
    return written


def _json(entry: dict[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))

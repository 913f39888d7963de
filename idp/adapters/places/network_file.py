"""A file of networks and their places, kept as sorted ranges: one search for each question, whatever the size.

CSV (RFC 4180) in UTF-8, with the heading `network,country,province,name,latitude,longitude`. Networks may lie in each
other; the narrowest counts. Of IPv6 the first 64 bits are looked at, which is what one subscriber has.
"""

import csv
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from socket import AF_INET, AF_INET6, AddressFamily, inet_pton
from typing import Final

from idp.domain.abuse.place import Place
from idp.domain.values import dataclass
from idp.settings import SettingsError

HEADING: Final = ("network", "country", "province", "name", "latitude", "longitude")
SETTING: Final = "IDP_NETWORK_PLACES"

_BITS: Final = {AF_INET: 32, AF_INET6: 64}
_NOWHERE: Final = -1
_MAPPED: Final = bytes(10) + b"\xff\xff"


@dataclass(slots=True)
class _Networks:
    """The networks of one kind as the file tells them: first address, address after the last, number of the place."""

    spans: list[tuple[int, int, int]] = field(default_factory=list)

    def ranges(self) -> tuple["array[int]", "array[int]"]:
        """Where what begins: first addresses in order, and the place from each on until the next."""
        starts, places = array("Q"), array("q")
        opened: list[tuple[int, int]] = []

        def begin(at: int, place: int) -> None:
            if starts and starts[-1] == at:
                places[-1] = place
            else:
                starts.append(at)
                places.append(place)

        def close_until(at: int | None) -> None:
            while opened and (at is None or opened[-1][0] <= at):
                end, _ = opened.pop()
                begin(end, opened[-1][1] if opened else _NOWHERE)

        # Wider networks first, so that narrower ones within them come to lie on top.
        for first, end, place in sorted(self.spans, key=lambda span: (span[0], -span[1])):
            close_until(first)
            begin(first, place)
            opened.append((end, place))
        close_until(None)
        return starts, places


class NetworkPlaces:
    """Implements `Places` from rows; built once, never changed."""

    def __init__(self, rows: Iterable[tuple[str, Place]]) -> None:
        """Raises `ValueError` for what is no network."""
        known: dict[Place, int] = {}
        networks = {AF_INET: _Networks(), AF_INET6: _Networks()}
        for network, place in rows:
            family, first, end = _span(network)
            networks[family].spans.append((first, end, known.setdefault(place, len(known))))
        self._places = tuple(known)
        self._ranges = {family: each.ranges() for family, each in networks.items()}

    def find(self, address: str) -> Place | None:
        try:
            family, number = _number(address.partition("/")[0])
        except (OSError, ValueError):
            return None
        starts, places = self._ranges[family]
        position = bisect_right(starts, number) - 1
        found = places[position] if position >= 0 else _NOWHERE
        return None if found == _NOWHERE else self._places[found]


def open_places(path: Path | None) -> NetworkPlaces:
    """Return the places that a file tells; none without a file. Raises `SettingsError` naming the line."""
    if path is None:
        return NetworkPlaces(())
    with _lines(path) as rows:
        return NetworkPlaces(rows)


def check_places(path: Path | None) -> None:
    """Raise `SettingsError` for a file that cannot be read, or begins wrongly; all of it takes seconds."""
    if path is not None:
        with _lines(path) as rows:
            next(rows, None)


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[tuple[str, Place]]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            yield _rows(csv.reader(file))
    except OSError as error:
        raise SettingsError(f"{SETTING} names a file that cannot be read ({error.strerror})", "correct it") from None
    except (ValueError, csv.Error) as error:
        raise SettingsError(f"{SETTING} names a file that cannot be used ({error})", "correct the file") from None


def _rows(lines: Iterator[list[str]]) -> Iterator[tuple[str, Place]]:
    if tuple(next(lines, ())) != HEADING:
        raise ValueError(f"it has to begin with {','.join(HEADING)}")
    known: dict[tuple[str, ...], Place] = {}
    for number, line in enumerate(lines, start=2):
        key = tuple(line[1:])
        try:
            place = known.get(key) or known.setdefault(key, _place(*key))
            _span(line[0])
        except (ValueError, TypeError, OSError, IndexError):
            raise ValueError(f"line {number} is no network with its place") from None
        yield line[0], place


def _place(country: str, province: str, name: str, latitude: str, longitude: str) -> Place:
    place = Place(country, province, name, float(latitude), float(longitude))
    if not _is_code(country) or (province and not _is_code(province)) or not name.isprintable():
        raise ValueError(country)
    if not (-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180):  # noqa: PLR2004 -- degrees of the globe
        raise ValueError(latitude)
    return place


def _is_code(text: str) -> bool:
    return 2 <= len(text) <= 3 and text.isascii() and text.isalnum() and text == text.upper()  # noqa: PLR2004 -- ISO 3166


def _span(network: str) -> tuple[AddressFamily, int, int]:
    address, slash, length = network.partition("/")
    family, first = _number(address)
    width = _BITS[family] - (int(length) if slash else _BITS[family])
    if width < 0 or width > _BITS[family] or first % (1 << width):
        raise ValueError(network)
    return family, first, first + (1 << width)


def _number(address: str) -> tuple[AddressFamily, int]:
    """Kind and number of an address. An IPv4 address in IPv6 form (RFC 4291 section 2.5.5.2) is one of IPv4."""
    if ":" not in address:
        return AF_INET, int.from_bytes(inet_pton(AF_INET, address), "big")
    packed = inet_pton(AF_INET6, address)
    if packed.startswith(_MAPPED):
        return AF_INET, int.from_bytes(packed[12:], "big")
    return AF_INET6, int.from_bytes(packed[:8], "big")

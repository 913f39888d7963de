"""Places that networks stand for, as coarse as an operator's file tells: a country, a province, a point on the map."""

from math import asin, cos, radians, sin, sqrt
from typing import Final

from idp.domain.values import dataclass

_EARTH_RADIUS: Final = 6371.0088
"""Kilometres: the mean radius of IUGG."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a network is. `country` is of ISO 3166-1 (`VN`), `province` of ISO 3166-2 without the country (`HN`).

    `province` may be empty, and then `name` tells the country. The point is in degrees. Nothing but `code` leaves for
    events: it tells no more than a province.
    """

    country: str
    province: str
    name: str
    latitude: float
    longitude: float

    @property
    def code(self) -> str:
        """`VN-HN`, or the country alone."""
        return f"{self.country}-{self.province}" if self.province else self.country


def kilometres(one: Place, other: Place) -> float:
    """Return how far two places are apart on the ground (the haversine formula, a sphere)."""
    north, south = radians(one.latitude), radians(other.latitude)
    height = sin((south - north) / 2) ** 2
    width = sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * _EARTH_RADIUS * asin(sqrt(height + cos(north) * cos(south) * width))

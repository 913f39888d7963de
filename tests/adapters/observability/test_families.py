import re

import pytest

from idp.adapters.observability.families import BY_NAME, FAMILIES, Counter, Family, Histogram


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: str(family.name))
def test_names_follow_the_conventions_of_prometheus(family: Family) -> None:
    assert re.fullmatch(r"(idp|process)_[a-z0-9_]+", family.name)
    assert family.name.endswith("_total") == isinstance(family, Counter)
    assert family.says.endswith(".")
    assert not {"le", "instance", "job"} & set(family.labels)
    if isinstance(family, Histogram):
        assert family.name.endswith("_seconds")
        assert list(family.buckets) == sorted(set(family.buckets))


def test_every_name_is_declared_once() -> None:
    assert len(BY_NAME) == len(FAMILIES)

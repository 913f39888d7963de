import re
import time

import pytest

from idp.adapters.crypto.system import SystemClock, SystemEntropy


def test_the_clock_tells_whole_seconds_and_milliseconds_of_the_same_moment() -> None:
    clock = SystemClock()
    before = time.time()
    now, milliseconds = clock.now(), clock.milliseconds()
    assert isinstance(now, int)
    assert int(before) <= now <= before + 5
    assert int(before * 1000) - 1 <= milliseconds <= (before + 5) * 1000


def test_tokens_carry_as_many_random_bytes_as_asked_for_and_never_repeat() -> None:
    entropy = SystemEntropy()
    tokens = {entropy.token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert len(entropy.token(16)) == 22


def test_identifiers_are_version_7_uuids_that_sort_by_time() -> None:
    entropy = SystemEntropy()
    identifiers = {entropy.identifier() for _ in range(1000)}
    assert len(identifiers) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}", identifier) for identifier in identifiers)
    earlier = time.time_ns() // 1_000_000
    assert int(entropy.identifier()[:12], 16) >= earlier


def test_identifiers_made_in_one_millisecond_sort_as_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(1_800_000_000_000_000_000, 1_800_000_000_001_000_000, 1000))
    monkeypatch.setattr(time, "time_ns", lambda: next(moments))
    entropy = SystemEntropy()
    identifiers = [entropy.identifier() for _ in range(1000)]
    assert identifiers == sorted(identifiers)


def test_codes_have_exactly_the_length_asked_for_leading_zeros_included() -> None:
    entropy = SystemEntropy()
    codes = [entropy.digits(6) for _ in range(2000)]
    assert all(re.fullmatch(r"[0-9]{6}", code) for code in codes)
    assert any(code.startswith("0") for code in codes)

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.importing.yaml_document import MAXIMUM_BYTES, YamlProblem, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 001077000001", "001077000001"),
        ("a: +84912345678", "+84912345678"),
        ("a: 12:30:45", "12:30:45"),
        ("a: no", "no"),
        ("a: on", "on"),
        ("a: 0x10", "0x10"),
        ("a: 1_000", "1_000"),
        ("a: .inf", ".inf"),
        ("a: 1e3", "1e3"),
        ("a: 2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"),
        ("a: 99999999999999999999", "99999999999999999999"),
        ("a: ‘x’", "‘x’"),
        ("a: 2", 2),
        ("a: -7", -7),
        ("a: 1.5", 1.5),
        ("a: true", True),
        ("a: ~", None),
        ("a:", None),
        ("a: 1999-01-02", date(1999, 1, 2)),
        ("a: '1999-01-02'", "1999-01-02"),
        ("a: [x, {b: c}]", ["x", {"b": "c"}]),
        ("a: {<<: {b: c}}", {"<<": {"b": "c"}}),
        ("\ufeffa: Nguyễn", "Nguyễn"),
    ],
)
def test_only_plain_json_like_values_and_dates_are_guessed(text: str, value: object) -> None:
    assert read_yaml(text.encode()) == {"a": value}


@pytest.mark.parametrize(
    ("content", "path", "reason"),
    [
        (b"a: 1\na: 2\n", "line 2", "the same name stands here twice"),
        (b"x:\n  - b: 1\n    'b': 2\n", "line 3", "the same name stands here twice"),
        (b"1: a\n", "line 1", "a name must be text"),
        (b"? [a]\n: b\n", "line 1", "a name must be text"),
        (b"a: 1999-02-31\n", "line 1", "there is no such date"),
        (b"a: &x 1\n", "line 1", "anchors and aliases"),
        (b"a: *x\n", "line 1", "anchors and aliases"),
        (b"a: !!python/object/apply:os.system [id]\n", "line 1", "tags are not read"),
        (b"a: !secret-password\n", "line 1", "tags are not read"),
        (b"a: " + b"[" * 100 + b"]" * 100, "line 1", "nested too deeply"),
        (b"a: " + b"[" * 1_000_000, "line 1", "nested too deeply"),
        (b"a: b: c\n", "line 1", "not valid YAML"),
        (b"a: 'x\n", "", "not valid YAML"),
        (b"\tb", "line 1", "not valid YAML"),
        (b"a: 1\n---\nb: 2\n", "line 2", "not valid YAML"),
        (b"a: \x00\n", "", "a character that YAML does not allow"),
        (b"a: \xff\n", "line 1", "not UTF-8"),
        ("a: ế\n".encode("utf-16"), "line 1", "not UTF-8"),
        (b"[" + b",".join([b"x"] * 1_600_000) + b"]", "line 1", "more than 1,500,000 values"),
        (b"# " + b"x" * MAXIMUM_BYTES, "", "larger than 16 MiB"),
    ],
)
def test_everything_else_is_refused_by_line_and_reason(content: bytes, path: str, reason: str) -> None:
    started = time.monotonic()
    with pytest.raises(YamlProblem) as refusal:
        read_yaml(content)
    assert reason in refusal.value.problem.reason
    assert refusal.value.problem.path.startswith(path)
    assert time.monotonic() - started < 20


def test_a_refusal_never_quotes_the_file() -> None:
    for content in (b"password: !hunter2hunter2\n", b"password: '*hunter2hunter2\n", b"password: *hunter2hunter2\n"):
        with pytest.raises(YamlProblem) as refusal:
            read_yaml(content)
        assert "hunter2" not in str(refusal.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_arbitrary_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read_yaml(content)
    except YamlProblem as refusal:
        assert str(refusal)  # noqa: PT017 - both outcomes are right

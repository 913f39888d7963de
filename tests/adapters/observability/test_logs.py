import io
import json
import logging
import warnings

import pytest

from idp.adapters.observability.logs import REDACTED, ForeignLogs, adopt_library_logs, open_log, places, redacted


def _lines(stream: io.BytesIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_event_level_and_time() -> None:
    stream = io.BytesIO()
    open_log(stream).info("request", request_id="0190a1b2", status=200, ms=1.5, client_id=None)
    (line,) = _lines(stream)
    assert (line["event"], line["level"], line["status"], line["ms"]) == ("request", "info", 200, 1.5)
    assert str(line["timestamp"]).endswith("Z")


TELLING = (
    "password client_secret access_token refresh_token code code_verifier authorization cookie set_cookie csrf_token "
    "username personal_number email phone_number birthdate query body client_assertion login_hint sub remote_address"
)


@pytest.mark.parametrize("name", TELLING.split())
def test_a_telling_name_is_blotted_out(name: str) -> None:
    stream = io.BytesIO()
    open_log(stream).info("x", **{name: "value"})
    assert b"value" not in stream.getvalue()


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.AAAA",
        "001099000001",
        "an@example.vn",
        "k2Wr0KnDQbtsky2nTd5Per4phsHcO_BqCwE3woveZtM",
    ],
)
def test_what_looks_like_a_bearer_value_or_a_person_is_blotted_out_wherever_it_is(secret: str) -> None:
    stream = io.BytesIO()
    open_log(stream).warning("library", message=f"bad value {secret} at /path/to/file.py")
    (line,) = _lines(stream)
    assert line["message"] == f"bad value {REDACTED} at /path/to/file.py"


def test_an_address_is_blotted_out_with_all_that_its_word_begins_with() -> None:
    assert redacted("001099000001,an@thu.vn") == REDACTED
    assert redacted("an@nowhere a@b@c.vn <an@thu.vn>") == f"an@nowhere a@{REDACTED} {REDACTED}"


@pytest.mark.parametrize("piece", [".", "a.", "a@"])
def test_a_long_word_takes_no_longer_than_it_is_long(piece: str) -> None:
    word = piece * 200_000  # minutes, if each of its letters looked for an address
    assert redacted(word) == word


@pytest.mark.parametrize("value", [{"a": "secret"}, ["secret"], ("secret",), b"secret", ValueError("secret")])
def test_whole_objects_are_not_written(value: object) -> None:
    stream = io.BytesIO()
    open_log(stream).info("x", thing=value)
    assert b'"secret"' not in stream.getvalue()
    assert _lines(stream)[0]["thing"] == REDACTED


def test_lines_below_the_level_are_dropped() -> None:
    stream = io.BytesIO()
    open_log(stream, logging.WARNING).info("x")
    assert stream.getvalue() == b""


def _fail() -> None:
    try:
        int("001099000001x")
    except ValueError as cause:
        raise LookupError("a secret") from cause


def _failure() -> BaseException:
    with pytest.raises(LookupError, match="secret") as caught:
        _fail()
    return caught.value


def test_a_failure_is_told_by_type_and_place_never_by_its_message() -> None:
    told = places(_failure())
    assert "LookupError" in told
    assert "caused by builtins.ValueError" in told
    assert "test_logs.py" in told
    assert "secret" not in told
    assert "001099000001" not in told


def test_a_failure_that_was_never_raised_has_no_place() -> None:
    assert places(ValueError("x")) == "builtins.ValueError at nowhere"


def test_what_libraries_log_becomes_lines_of_ours() -> None:
    stream = io.BytesIO()
    failure = _failure()
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "x", 1, "broken %s", ("pipe",), None)
    record.exc_info = (type(failure), failure, failure.__traceback__)
    ForeignLogs(open_log(stream)).emit(record)
    (line,) = _lines(stream)
    assert (line["logger_name"], line["message"], line["level"]) == ("uvicorn.error", "broken pipe", "error")
    assert str(line["failure"]).startswith("builtins.LookupError at test_logs.py")


def test_adopting_takes_over_the_standard_library_and_its_warnings() -> None:
    stream = io.BytesIO()
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        adopt_library_logs(open_log(stream))
        logging.getLogger("asyncio").warning("slow callback")
        logging.getLogger("asyncio").info("not wanted")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old", DeprecationWarning, stacklevel=1)
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:], level = before
        root.setLevel(level)
    assert [line["logger_name"] for line in _lines(stream)] == ["asyncio", "py.warnings"]

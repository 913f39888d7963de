from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from idp.web.edge.answers import send_answer
from idp.web.edge.body import (
    LONGEST_BODY,
    LONGEST_QUERY,
    ReadFirst,
    header,
    list_header,
    parse_form,
    read_body,
    read_form,
    read_query,
)
from idp.web.edge.refusals import (
    BodyTooLarge,
    ClientGone,
    MalformedRequest,
    QueryTooLong,
    RefusedRequest,
    RepeatedParameter,
    UnsupportedMediaType,
)
from tests.web.edge.asgi import Inbound, Outbound, scope_of

FORM = (b"content-type", b"application/x-www-form-urlencoded")


def test_plus_and_percent_escapes_become_the_text_that_was_meant() -> None:
    assert parse_form(b"name=Nguy%E1%BB%85n+V%C4%83n+A&empty&q=a%2Bb%3D%26") == {
        "name": "Nguyễn Văn A",
        "q": "a+b=&",
    }


def test_utf_8_sent_without_escapes_is_read_too() -> None:
    assert parse_form("họ=Đặng".encode()) == {"họ": "Đặng"}


def test_a_parameter_without_a_value_counts_as_absent() -> None:
    assert parse_form(b"state=&nonce&=x&&scope=openid") == {"scope": "openid"}


@pytest.mark.parametrize("raw", [b"a=1&a=2", b"a=1&%61=2", b"a=1&a=1", b"a=&a=1", b"a=1&a=", b"a&a"])
def test_a_repeated_parameter_is_refused_however_it_is_spelled(raw: bytes) -> None:
    with pytest.raises(RepeatedParameter):
        parse_form(raw)


def test_only_a_parameter_that_may_be_repeated_keeps_all_its_values() -> None:
    parameters = parse_form(b"resource=a&scope=openid&resource=b&resource=c", repeatable={"resource"})
    assert parameters == {"resource": "a", "scope": "openid"}
    assert parameters.all("resource") == ("a", "b", "c")
    assert parameters.all("scope") == ("openid",)
    assert parameters.all("missing") == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"a=%00",
        b"a=\0",
        b"%00=1",
        b"a=%",
        b"a=%4",
        b"a=%zz",
        b"a=% 1",
        b"a=%ff",
        b"a=\xff",
        b"a=%ed%a0%80",
        b"a=%c0%80",
    ],
)
def test_nul_broken_escapes_and_broken_utf_8_are_refused(raw: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_form(raw)


def test_more_than_a_hundred_parameters_are_refused() -> None:
    assert len(parse_form(urlencode({f"p{i}": i + 1 for i in range(100)}).encode())) == 100
    with pytest.raises(MalformedRequest):
        parse_form(urlencode({f"p{i}": i for i in range(101)}).encode())
    with pytest.raises(MalformedRequest):
        parse_form(b"&" * 60_000)


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=20))
def test_it_reads_what_the_standard_library_writes(fields: dict[str, str]) -> None:
    fields = {k: v for k, v in fields.items() if "\0" not in k + v}
    assert parse_form(urlencode(fields, errors="strict").encode()) == fields


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_never_fail_otherwise(raw: bytes) -> None:
    try:
        parameters = parse_form(raw)
    except RefusedRequest:
        return
    assert dict(parameters) == {k: v for k, v in parse_qsl(raw.decode(), keep_blank_values=False) if k}


async def test_a_body_is_joined_from_its_chunks() -> None:
    assert await read_body(scope_of("POST"), Inbound([b"ab", b"", b"cd"])) == b"abcd"


async def test_a_body_announced_too_large_is_refused_before_it_is_read() -> None:
    inbound = Inbound([b"x"])
    for length in (b"%d" % (LONGEST_BODY + 1), b"9" * 5000):
        with pytest.raises(BodyTooLarge):
            await read_body(scope_of("POST", headers=[(b"content-length", length)]), inbound)
    assert inbound.received == 0


async def test_a_body_that_grows_too_large_unannounced_is_refused() -> None:
    inbound = Inbound([b"x" * 40_000] * 5)
    with pytest.raises(BodyTooLarge):
        await read_body(scope_of("POST"), inbound)
    assert inbound.received == 2


@pytest.mark.parametrize("length", [b"-1", b"+5", b"1_0", b"ten", b"", b"\xb2"])
async def test_a_length_that_is_no_number_is_refused(length: bytes) -> None:
    with pytest.raises(MalformedRequest):
        await read_body(scope_of("POST", headers=[(b"content-length", length)]), Inbound([b""]))


async def test_a_client_that_hangs_up_is_told_nothing() -> None:
    with pytest.raises(ClientGone):
        await read_body(scope_of("POST"), Inbound([]))


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/x-www-form-urlencoded",
        b"application/x-www-form-urlencoded; charset=UTF-8",
        b'Application/X-WWW-Form-Urlencoded;charset="utf-8"',
    ],
)
async def test_a_form_in_utf_8_is_read(content_type: bytes) -> None:
    form = await read_form(scope_of("POST", headers=[(b"content-type", content_type)]), Inbound([b"a=1"]))
    assert form == {"a": "1"}


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"content-type", b"application/json")],
        [(b"content-type", b"multipart/form-data; boundary=x")],
        [(b"content-type", b"application/x-www-form-urlencoded; charset=utf-16")],
        [(b"content-type", b"application/x-www-form-urlencoded\xff")],
    ],
)
async def test_another_content_type_is_refused(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(UnsupportedMediaType):
        await read_form(scope_of("POST", headers=headers), Inbound([b"a=1"]))


async def test_two_content_types_are_refused() -> None:
    with pytest.raises(RepeatedParameter):
        await read_form(scope_of("POST", headers=[FORM, FORM]), Inbound([b"a=1"]))


def test_the_lines_of_a_header_that_holds_a_list_are_one_list() -> None:
    scope = scope_of(headers=[(b"accept", b"text/html, a/b;q=0.5"), (b"x", b"1"), (b"accept", b"*/*\xe9")])
    assert list_header(scope, b"accept") == "text/html, a/b;q=0.5, */*é"
    assert list_header(scope, b"accept-language") == ""


def test_a_header_is_found_once_or_refused() -> None:
    scope = scope_of(headers=[(b"authorization", b"Bearer x\xe9"), (b"x", b"1"), (b"x", b"2")])
    assert header(scope, b"authorization") == "Bearer xé"
    assert header(scope, b"dpop") is None
    with pytest.raises(RepeatedParameter):
        header(scope, b"x")


def test_a_query_string_is_read_by_the_same_rules() -> None:
    assert read_query(scope_of(query=b"scope=openid+email")) == {"scope": "openid email"}
    assert read_query(scope_of()) == {}
    with pytest.raises(RepeatedParameter):
        read_query(scope_of(query=b"state=1&state=2"))
    assert read_query(scope_of(query=b"resource=1&resource=2"), repeatable={"resource"}).all("resource") == ("1", "2")
    with pytest.raises(QueryTooLong):
        read_query(scope_of(query=b"a=" + b"x" * LONGEST_QUERY))


async def _length(scope: Scope, receive: Receive, send: Send) -> None:
    """Say how long the body is, and what comes behind it."""
    body, after = await receive(), await receive()
    await send_answer(send, 200, [], f"{len(body['body'])} {after['type']}".encode())


async def _asked(*chunks: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> Outbound:
    outbound = Outbound()
    await ReadFirst(_length)(scope_of("POST", headers=headers), Inbound(list(chunks)), outbound)
    return outbound


async def test_a_framework_gets_a_body_whole_and_hears_what_comes_behind_it() -> None:
    answer = await _asked(b"ab", b"cd")
    assert answer.body == b"4 http.disconnect"


async def test_a_framework_is_not_even_asked_about_a_body_that_is_too_long() -> None:
    with pytest.raises(BodyTooLarge):
        await _asked(b"x" * LONGEST_BODY, b"x")
    with pytest.raises(BodyTooLarge):
        await _asked(b"x", headers=[(b"content-length", b"65537")])

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.authenticators.distinguished_name import prepared_value, read_distinguished_name

PORTAL = "CN=portal,O=Cổng Dịch vụ công,C=VN"


@pytest.mark.parametrize(
    "spelling",
    [
        PORTAL,
        "cn=Portal, o=CỔNG  DỊCH VỤ CÔNG, c=vn",
        "2.5.4.3=portal,2.5.4.10=Cổng Dịch vụ công,2.5.4.6=VN",
        "CN = portal , O = Cổng Dịch vụ công , C = VN",
        "CN=port\\61l,O=C\\E1\\BB\\95ng Dịch vụ công,C=VN",
        "CN=portal,O=Cổng Dịch vụ công,C=VN",
    ],
)
def test_spellings_of_one_name_are_equal(spelling: str) -> None:
    assert read_distinguished_name(spelling) == read_distinguished_name(PORTAL)


@pytest.mark.parametrize(
    "other",
    [
        "C=VN,O=Cổng Dịch vụ công,CN=portal",
        "CN=portal,O=Cổng Dịch vụ công",
        "CN=portal,O=Cổng Dịch vụ công,C=VN,C=VN",
        "CN=portal+O=Cổng Dịch vụ công,C=VN",
        "CN=portal2,O=Cổng Dịch vụ công,C=VN",
        "UID=portal,O=Cổng Dịch vụ công,C=VN",
        "CN=portal\\,O=Cổng Dịch vụ công,C=VN",
    ],
)
def test_other_names_differ(other: str) -> None:
    assert read_distinguished_name(other) != read_distinguished_name(PORTAL)


def test_the_order_of_what_stands_side_by_side_does_not_matter() -> None:
    assert read_distinguished_name("CN=a+UID=b,C=VN") == read_distinguished_name("UID=b+CN=a,C=VN")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "portal",
        "CN",
        "CN=",
        "CN= ",
        "CN=a,",
        ",CN=a",
        "CN=a,,C=VN",
        "CN=a;C=VN",
        'CN="a"',
        "CN=#0C0161",
        "CN=a\\",
        "CN=a\\q",
        "CN=\\ff",
        "CN=<a>",
        "shoeSize=44",
        "CN=" + "a" * 1024,
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_distinguished_name(text)


_values = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).filter(prepared_value)


@given(st.lists(st.tuples(st.sampled_from([NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME]), _values), min_size=1))
def test_what_another_library_writes_is_read_as_it_was(parts: list[tuple[x509.ObjectIdentifier, str]]) -> None:
    written = x509.Name([x509.NameAttribute(kind, value) for kind, value in parts[:6]]).rfc4514_string()
    if len(written) <= 1024:
        expected = tuple(frozenset({(kind.dotted_string, prepared_value(value))}) for kind, value in parts[:6])
        assert read_distinguished_name(written) == expected


@given(st.text(max_size=40))
def test_whatever_is_written_is_a_name_or_refused(text: str) -> None:
    try:
        assert read_distinguished_name(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - refused is as good as read

from pathlib import Path

import pytest

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.pkcs11.uri import parse_pkcs11_uri

LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"


def test_a_token_a_library_and_the_file_of_the_pin() -> None:
    uri = parse_pkcs11_uri(f"pkcs11:token=idp?module-path={LIBRARY}&pin-source=file:/run/secrets/pin")
    assert (uri.token, uri.module_path, uri.pin_source) == ("idp", Path(LIBRARY), Path("/run/secrets/pin"))
    assert uri.identity == ()


def test_values_are_percent_encoded_and_a_token_may_be_told_by_more() -> None:
    uri = parse_pkcs11_uri(f"pkcs11:serial=a1;token=the%20idp;model=m?pin-value=12%3834&module-path={LIBRARY}")
    assert (uri.token, uri.identity, uri.read_pin()) == ("the idp", (("model", "m"), ("serial", "a1")), "12834")


@pytest.mark.parametrize(
    "text",
    [
        "pkcs11:token=idp",
        "pkcs11:token=idp?pin-value=4321",
        f"pkcs11:token=idp?module-path={LIBRARY}",
        f"pkcs11:token=?module-path={LIBRARY}&pin-value=4321",
        f"pkcs11:serial=1?module-path={LIBRARY}&pin-value=4321",
        "pkcs11:token=idp?module-path=libsofthsm2.so&pin-value=4321",
        f"pkcs11:token=idp?module-path={LIBRARY}&pin-value=4321&pin-source=file:/pin",
        f"pkcs11:token=idp?module-path={LIBRARY}&pin-source=pin",
        f"pkcs11:token=idp?module-path={LIBRARY}&pin-source=%7Cecho%204321",
        f"pkcs11:token=idp;object=a?module-path={LIBRARY}&pin-value=4321",
        f"pkcs11:token=idp;token=b?module-path={LIBRARY}&pin-value=4321",
        f"pkcs11:token=idp?module-path={LIBRARY}&pin-value=4321&pin-value=4321",
        f"pkcs11:token=idp?module-path={LIBRARY}&pin-value=4321&x-vendor=1",
    ],
)
def test_anything_else_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(KeyMaterialError) as refused:
        parse_pkcs11_uri(text)
    assert "4321" not in str(refused.value)


def test_no_pin_shows_in_a_representation() -> None:
    assert "4321" not in repr(parse_pkcs11_uri(f"pkcs11:token=idp?module-path={LIBRARY}&pin-value=4321"))


def pin_of(file: Path) -> str:
    return parse_pkcs11_uri(f"pkcs11:token=idp?module-path={LIBRARY}&pin-source=file://{file}").read_pin()


def test_the_file_holds_the_pin_on_one_line_and_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.touch(0o600)
    for pin in ("4321", "9876"):
        file.write_text(f"{pin}\n")
        assert pin_of(file) == pin


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.write_text("4321")
    file.chmod(0o644)
    with pytest.raises(KeyMaterialError, match="open to other users"):
        pin_of(file)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"1" * 257])
def test_a_file_without_a_pin_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "pin"
    file.touch(0o600)
    file.write_bytes(content)
    with pytest.raises(KeyMaterialError, match="does not hold a PIN"):
        pin_of(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyMaterialError, match="cannot be read"):
        pin_of(tmp_path / "pin")

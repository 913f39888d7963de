import pytest
from pkcs11 import Attribute, ObjectClass, Session

from idp.adapters.crypto.documents import Document
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.pkcs11.documents import TokenDocuments
from idp.adapters.crypto.pkcs11.token import Pkcs11Token

KEY = bytes(range(32))
DOCUMENT = Document("signing-a", {"kid": "a", "state": "signing"}, b"the private part")


@pytest.fixture
def documents(empty_token: Pkcs11Token) -> TokenDocuments:
    return TokenDocuments(empty_token, KEY)


def stored(token: Pkcs11Token) -> list[bytes]:
    wanted = {Attribute.CLASS: ObjectClass.DATA, Attribute.APPLICATION: "idp"}
    return token.look(lambda session: [found[Attribute.VALUE] for found in list(session.get_objects(wanted))])


def test_a_document_comes_back_as_it_was_written(documents: TokenDocuments) -> None:
    documents.write(DOCUMENT)
    read = documents.read()["signing-a"]
    assert read.secret == b"the private part"
    assert read.fields["kid"] == "a"


def test_a_document_without_a_secret_needs_no_key_of_the_module(
    documents: TokenDocuments, empty_token: Pkcs11Token
) -> None:
    documents.write(Document("keystore", {"made": []}, b""))
    assert documents.read()["keystore"].secret == b""
    wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY}
    assert empty_token.look(lambda session: list(session.get_objects(wanted))) == []


def test_a_document_is_replaced_and_the_fingerprint_tells(documents: TokenDocuments, empty_token: Pkcs11Token) -> None:
    documents.write(DOCUMENT)
    before = documents.fingerprint()
    assert documents.fingerprint() == before
    documents.write(Document("signing-a", {"kid": "a", "state": "published"}, b""))
    assert documents.fingerprint() != before
    assert documents.read()["signing-a"].secret == b""
    assert len(stored(empty_token)) == 1


def test_a_stale_write_does_not_bring_a_state_back(documents: TokenDocuments, empty_token: Pkcs11Token) -> None:
    """Two nodes that change keys at once: a key that has gone further stays there."""
    documents.write(Document("signing-a", {"state": "published"}, b""))
    documents.write(DOCUMENT)
    assert documents.read()["signing-a"].fields["state"] == "published"
    assert len(stored(empty_token)) == 1


def test_of_two_copies_the_one_further_along_is_read(documents: TokenDocuments, empty_token: Pkcs11Token) -> None:
    documents.write(DOCUMENT)
    (older,) = stored(empty_token)
    documents.write(Document("signing-a", {"kid": "a", "state": "published"}, b""))
    put(empty_token, "signing-a", older)
    assert documents.read()["signing-a"].fields["state"] == "published", "as after a death between the two steps"
    documents.write(Document("signing-a", {"kid": "a", "state": "gone"}, b""))
    assert len(stored(empty_token)) == 1


def put(token: Pkcs11Token, name: str, content: bytes) -> None:
    token.change(
        lambda session: session.create_object(
            {
                Attribute.CLASS: ObjectClass.DATA,
                Attribute.TOKEN: True,
                Attribute.PRIVATE: True,
                Attribute.APPLICATION: "idp",
                Attribute.LABEL: name,
                Attribute.VALUE: content,
            }
        )
    )


@pytest.mark.parametrize("content", [b"", b"spoilt", b"{}", b'{"sealed": "AAAA"}', b"[" * 5000])
def test_what_was_not_written_by_us_is_refused_by_name(
    documents: TokenDocuments, empty_token: Pkcs11Token, content: bytes
) -> None:
    put(empty_token, "signing-b", content)
    with pytest.raises(KeyMaterialError, match="signing-b in the token does not open"):
        documents.read()


def test_a_document_opens_in_its_own_place_only(documents: TokenDocuments, empty_token: Pkcs11Token) -> None:
    documents.write(DOCUMENT)
    put(empty_token, "signing-b", stored(empty_token)[0])
    with pytest.raises(KeyMaterialError, match="signing-b"):
        documents.read()


def test_opening_takes_the_secret_file_too(documents: TokenDocuments, empty_token: Pkcs11Token) -> None:
    documents.write(DOCUMENT)
    with pytest.raises(KeyMaterialError, match="bring the secret file"):
        TokenDocuments(empty_token, bytes(32)).read()


def test_opening_takes_the_modules_key(documents: TokenDocuments, empty_token: Pkcs11Token) -> None:
    documents.write(DOCUMENT)
    assert b"the private part" not in stored(empty_token)[0]

    def destroy(session: Session) -> None:
        (key,) = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})
        key.destroy()

    empty_token.change(destroy)
    with pytest.raises(KeyMaterialError, match="lost the AES key"):
        documents.read()

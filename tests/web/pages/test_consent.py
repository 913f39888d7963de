import pytest

from idp.domain.account import Profile
from idp.domain.assurance import Level
from idp.domain.client import Client
from idp.domain.ids import ClientId
from idp.protocol.authorize.request import AuthorizationRequest, ResponseTarget
from idp.protocol.claims import NOTHING_REQUESTED, parse_claims_parameter
from idp.web.pages.consent import SENSITIVE, shared_items

SCOPES = frozenset({"openid", "profile", "email", "address", "identity", "offline_access", "dossier.read"})
PROFILE = Profile(
    personal_number="001099000001",
    identity_level=2,
    claims={
        "name": "Nguyễn Văn An",
        "gender": "male",
        "email": "an@example.vn",
        "email_verified": True,
        "address": {"formatted": "1 Đường Láng"},
    },
)


def items(*scopes: str, claims: str = "", profile: Profile | None = PROFILE) -> dict[str, str | None]:
    request = AuthorizationRequest(
        client=Client(ClientId("client"), scopes=SCOPES),
        target=ResponseTarget("https://rp.example/cb", "query", None),
        scopes=("openid", *scopes),
        level=Level.ONE,
        claims=parse_claims_parameter(claims) if claims else NOTHING_REQUESTED,
    )
    return {item.name: item.value for item in shared_items(request, profile)}


def test_the_person_sees_the_values_that_would_leave() -> None:
    assert items("profile") == {"name": "Nguyễn Văn An", "gender": "male"}
    assert items("address") == {"address": "1 Đường Láng"}
    assert items("identity") == {"personal_number": "001099000001", "identity_level": "2"}


def test_what_goes_without_saying_is_not_said() -> None:
    assert items("email") == {"email": "an@example.vn"}
    assert items() == {}


def test_a_scope_without_claims_is_named_itself() -> None:
    assert items("offline_access", "dossier.read") == {"offline_access": None, "dossier.read": None}


@pytest.mark.parametrize("place", ["userinfo", "id_token"])
def test_a_claim_asked_for_by_name_is_shown_wherever_it_would_go(place: str) -> None:
    assert items(claims=f'{{"{place}": {{"email": null}}}}') == {"email": "an@example.vn"}


def test_a_person_of_whom_nothing_is_known_still_sees_what_is_asked() -> None:
    assert items("profile", "offline_access", profile=None) == {"offline_access": None}


def test_the_personal_number_is_sensitive() -> None:
    assert "personal_number" in SENSITIVE

import json

import pytest

from idp.domain.accounts.account import Profile
from idp.domain.clients.client import Client
from idp.domain.clients.registration import Registration
from idp.domain.ids import ClientId, Seconds, TokenHash
from idp.domain.levels.assurance import Level
from idp.protocol.authorize.request import AuthorizationRequest, ResponseTarget
from idp.protocol.claims.claims import NOTHING_REQUESTED, parse_claims_parameter
from idp.protocol.claims.consent_receipt import SENSITIVE_CLAIMS
from idp.web.pages.signing_in.consent import Shown, released_items, shared_items
from idp.web.views.common import Locale
from tests.protocol.authorize.signed_in import needing

NOW = Seconds(1_751_338_800)
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
        assurance=needing(Level.ONE),
        claims=parse_claims_parameter(claims) if claims else NOTHING_REQUESTED,
    )
    return {item.name: item.value for item in shared_items(request, Shown(profile, NOW, "vi"))}


def test_the_person_sees_the_values_that_would_leave() -> None:
    assert items("profile") == {"name": "Nguyễn Văn An", "gender": "male"}
    assert items("address") == {"address": "1 Đường Láng"}
    assert items("identity") == {"personal_number": "001099000001", "identity_level": "2"}


def test_what_goes_without_saying_is_not_said() -> None:
    assert items("email") == {"email": "an@example.vn"}
    assert items() == {}


def test_a_client_that_registered_itself_is_told_to_learn_who_signs_in_where_it_learns_nothing_else() -> None:
    client = Client(ClientId("client"), scopes=SCOPES, registration=Registration(TokenHash(b"h"), NOW))
    shown = Shown(PROFILE, NOW, "vi")
    assert [item.name for item in released_items(client, ("openid",), NOTHING_REQUESTED, shown)] == ["openid"]
    assert [item.name for item in released_items(client, ("openid", "email"), NOTHING_REQUESTED, shown)] == ["email"]


def test_a_scope_without_claims_is_named_itself() -> None:
    assert items("offline_access", "dossier.read") == {"offline_access": None, "dossier.read": None}


@pytest.mark.parametrize("place", ["userinfo", "id_token"])
def test_a_claim_asked_for_by_name_is_shown_wherever_it_would_go(place: str) -> None:
    assert items(claims=f'{{"{place}": {{"email": null}}}}') == {"email": "an@example.vn"}


def test_a_person_of_whom_nothing_is_known_still_sees_what_is_asked() -> None:
    assert items("profile", "offline_access", profile=None) == {"offline_access": None}


def test_what_would_be_told_as_verified_is_shown_and_where_papers_are_kept_by_itself() -> None:
    element = {
        "verification": {"trust_framework": None, "evidence": [{"type": None, "attachments": None}]},
        "claims": {"name": None},
    }
    asked = json.dumps({"userinfo": {"verified_claims": element}})
    assert items(claims=asked) == {"name": "Nguyễn Văn An", "identity_level": "2", "attachments": None}


def test_the_personal_number_is_sensitive() -> None:
    assert "personal_number" in SENSITIVE_CLAIMS


def test_a_client_with_an_allow_list_says_its_own_purpose_and_its_legal_basis() -> None:
    listed = {"name": {"purpose": {"vi": "Để ghi vào hồ sơ", "en": "For the file"}, "legal_basis": "public_task"}}
    client = Client(ClientId("client"), scopes=SCOPES, metadata={"claims": listed})
    scopes = ("openid", "profile")
    told: tuple[tuple[Locale, str], ...] = (("vi", "Để ghi vào hồ sơ"), ("en", "For the file"))
    for locale, purpose in told:
        (item,) = released_items(client, scopes, NOTHING_REQUESTED, Shown(PROFILE, NOW, locale))
        assert (item.name, item.purpose, item.basis) == ("name", purpose, "public_task")


def test_the_person_sees_the_answer_of_a_predicate_that_would_leave() -> None:
    born = Profile("001099000001", 2, {"birthdate": "1999-01-02"})
    assert items(claims='{"userinfo": {"age_over_18": null}}', profile=born) == {"age_over_18": "true"}
    element = '{"verification": {"trust_framework": null}, "claims": {"age_over_21": null}}'
    asked = f'{{"id_token": {{"verified_claims": {element}}}}}'
    assert items(claims=asked, profile=born) == {"age_over_21": "true"}

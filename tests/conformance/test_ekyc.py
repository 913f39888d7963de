"""The modules of the OpenID Foundation's plan `ekyc-test-plan-oidccore`, each under its own name.

Every answer is checked as the suite checks it: against the schema's necessary parts, the metadata, and the request.
"""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.conformance.conftest import RECORDS
from tests.conformance.suite import Registration, SignIn, Suite
from tests.flows.provider import prepare, running_provider

PROVED = """    level: 2
    verification:
      time: "2025-07-01T09:00:00+07:00"
      verification_process: HN-2025-000017
      evidence:
        - type: document
          document_details:
            type: idcard
            issuer: {name: Bộ Công an, country_code: VN}
            date_of_issuance: 2022-05-06
          check_details:
            - {check_method: vcrypt, organization: Công an Hà Nội, time: "2025-07-01T08:55:00+07:00"}
            - {check_method: bvp}
          attachments:
            - desc: page
              url: https://archive.hanoi.example.vn/pages/7f1e
              digest: {alg: sha-256, value: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=}
"""
SUITE = Registration("suite-ekyc", "an-ekyc-client-secret-for-tests")
CLIENT = """  - client_id: suite-ekyc
    client_secret: an-ekyc-client-secret-for-tests
    client_name: Conformance suite, identity assurance
    redirect_uris: ["https://suite.example/test/a/idp/callback"]
    scope: openid profile identity
"""


@pytest.fixture
async def ekyc(tmp_path: Path) -> AsyncIterator[Suite]:
    """The suite, with a person whose proofing was recorded."""
    assert RECORDS.count("    level: 2\n") == 1
    await prepare(tmp_path, RECORDS.replace("    level: 2\n", PROVED) + CLIENT)
    async with running_provider(tmp_path) as provider:
        yield Suite(provider, client=SUITE)


async def metadata(suite: Suite) -> dict[str, Any]:
    document: dict[str, Any] = (await suite.browser.http.get("/.well-known/openid-configuration")).json()
    return document


async def first_claim(suite: Suite) -> str:
    return str((await metadata(suite))["claims_in_verified_claims_supported"][0])


def wanted(claims: dict[str, Any], verification: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"verification": {"trust_framework": None, **(verification or {})}, "claims": claims}


async def signed_in(suite: Suite, **places: object) -> SignIn:
    """Sign in with `verified_claims` requested in each of `places`; a plain claim beside them, as the suite does."""
    request = {place: {"verified_claims": element} for place, element in places.items()}
    request.setdefault("userinfo", {})["nickname"] = None
    return await suite.sign_in(claims=json.dumps(request))


async def answers(suite: Suite, signed: SignIn) -> tuple[Any, Any]:
    """`verified_claims` of the ID token and of userinfo, each checked against the metadata; None when absent."""
    described = await metadata(suite)
    found = signed.id_token.get("verified_claims"), (await suite.claims(signed)).get("verified_claims")
    for element in (part for answer in found if answer for part in (answer if isinstance(answer, list) else [answer])):
        check_element(element, described)
    return found


def check_element(element: dict[str, Any], described: dict[str, Any]) -> None:
    """What the suite's schema and its comparison with the metadata demand."""
    assert element.keys() == {"verification", "claims"}
    verification = element["verification"]
    assert verification["trust_framework"] in described["trust_frameworks_supported"]
    assert element["claims"].keys() <= set(described["claims_in_verified_claims_supported"])
    for evidence in verification.get("evidence", []):
        assert evidence["type"] in described["evidence_supported"]
        if "document_details" in evidence:
            assert evidence["document_details"]["type"] in described["documents_supported"]
        for check in evidence.get("check_details", []):
            assert check["check_method"] in described["documents_check_methods_supported"]
        for attachment in evidence.get("attachments", []):
            assert ("external" if "digest" in attachment else "embedded") in described["attachments_supported"]
            assert attachment["url"].startswith("https://")
            assert attachment["digest"]["alg"] in described["digest_algorithms_supported"]
            assert attachment["digest"]["value"]
    assert all(value not in (None, "", [], {}) for value in leaves(verification))


def leaves(node: object) -> Iterator[object]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield child
        yield from leaves(child)


async def is_told(suite: Suite, how: object) -> bool:
    name = await first_claim(suite)
    element = wanted({name: how})
    in_token, at_userinfo = await answers(suite, await signed_in(suite, id_token=element, userinfo=element))
    assert in_token == at_userinfo
    return list(at_userinfo["claims"]) == [name] and at_userinfo["verification"] == {"trust_framework": "vn_eid"}


async def test_ekyc_server_happypath(ekyc: Suite) -> None:
    described = await metadata(ekyc)

    assert described["claims_parameter_supported"] is True
    assert described["verified_claims_supported"] is True
    assert described["trust_frameworks_supported"]
    assert {"document", "electronic_record"} <= set(described["evidence_supported"])
    assert described["documents_supported"]
    assert described["documents_check_methods_supported"]
    assert described["electronic_records_supported"]
    assert "external" in described["attachments_supported"]
    assert "sha-256" in described["digest_algorithms_supported"]
    assert await is_told(ekyc, None)


async def test_ekyc_server_happypath_emptyobject(ekyc: Suite) -> None:
    assert await is_told(ekyc, {})


async def test_ekyc_server_happypath_essentialfalse(ekyc: Suite) -> None:
    assert await is_told(ekyc, {"essential": False})


@pytest.mark.parametrize("how", [None, {"essential": False}])
async def test_ekyc_server_unknown_claim_omitted(ekyc: Suite, how: object) -> None:
    name = await first_claim(ekyc)
    element = wanted({name: None, f"claim{uuid4().hex}": how})

    for answer in await answers(ekyc, await signed_in(ekyc, id_token=element, userinfo=element)):
        assert list(answer["claims"]) == [name]


async def test_ekyc_server_unknown_essential_claim_omitted(ekyc: Suite) -> None:
    name = await first_claim(ekyc)
    element = wanted({name: None, f"claim{uuid4().hex}": {"essential": True}})

    for answer in await answers(ekyc, await signed_in(ekyc, id_token=element, userinfo=element)):
        assert list(answer["claims"]) == [name]


async def test_ekyc_server_unknown_claim_specialchars_omitted(ekyc: Suite) -> None:
    name = await first_claim(ekyc)
    element = wanted({name: None, "claim%1/a&,.b": None})

    for answer in await answers(ekyc, await signed_in(ekyc, id_token=element, userinfo=element)):
        assert list(answer["claims"]) == [name]


async def test_ekyc_server_one_claim_with_random_value_omitted(ekyc: Suite) -> None:
    element = wanted({await first_claim(ekyc): {"value": str(uuid4())}})

    in_token, at_userinfo = await answers(ekyc, await signed_in(ekyc, id_token=element, userinfo=element))

    assert in_token is None
    assert at_userinfo == {"verification": {"trust_framework": "vn_eid"}, "claims": {}}


async def test_ekyc_server_request_only_in_idtoken(ekyc: Suite) -> None:
    name = await first_claim(ekyc)

    in_token, at_userinfo = await answers(ekyc, await signed_in(ekyc, id_token=wanted({name: None})))

    assert list(in_token["claims"]) == [name]
    assert at_userinfo is None


async def test_ekyc_server_request_only_in_userinfo(ekyc: Suite) -> None:
    name = await first_claim(ekyc)

    in_token, at_userinfo = await answers(ekyc, await signed_in(ekyc, userinfo=wanted({name: None})))

    assert in_token is None
    assert list(at_userinfo["claims"]) == [name]


async def test_ekyc_server_testuserprovidedrequest(ekyc: Suite) -> None:
    element = wanted(
        {"name": {"essential": True, "purpose": "To open an account"}, "birthdate": None, "personal_number": None},
        {
            "trust_framework": {"value": "vn_eid"},
            "assurance_level": {"values": ["level_1", "level_2"]},
            "time": {"max_age": 315_360_000},
            "evidence": [
                {
                    "type": {"value": "document"},
                    "document_details": {"type": {"values": ["idcard", "passport"]}, "date_of_issuance": None},
                    "check_details": [{"check_method": {"value": "vcrypt"}, "time": {"max_age": 315_360_000}}],
                    "attachments": None,
                }
            ],
        },
    )

    _, at_userinfo = await answers(ekyc, await signed_in(ekyc, userinfo=[element]))

    (answer,) = at_userinfo
    assert answer["claims"].keys() == {"name", "birthdate", "personal_number"}
    assert answer["verification"] == {
        "trust_framework": "vn_eid",
        "assurance_level": "level_2",
        "time": "2025-07-01T09:00:00+07:00",
        "evidence": [
            {
                "type": "document",
                "document_details": {"type": "idcard", "date_of_issuance": "2022-05-06"},
                "check_details": [{"check_method": "vcrypt", "time": "2025-07-01T08:55:00+07:00"}],
                "attachments": [
                    {
                        "desc": "page",
                        "url": "https://archive.hanoi.example.vn/pages/7f1e",
                        "digest": {"alg": "sha-256", "value": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
                    }
                ],
            }
        ],
    }


async def test_ekyc_server_testbasedonuserinfo_defaults(ekyc: Suite) -> None:
    """The suite turns what the person is known to have into a request, and expects exactly that."""
    known = {
        "verification": {
            "trust_framework": "vn_eid",
            "assurance_level": "level_2",
            "time": "2025-07-01T09:00:00+07:00",
            "verification_process": "HN-2025-000017",
        },
        "claims": {"name": "Nguyễn Văn An", "family_name": "Nguyễn", "birthdate": "1999-01-02", "gender": "male"},
    }
    element = {part: dict.fromkeys(members) for part, members in known.items()}

    _, at_userinfo = await answers(ekyc, await signed_in(ekyc, userinfo=element))

    assert at_userinfo == known


async def test_ekyc_server_test_userinfo_notfoundinop(ekyc: Suite) -> None:
    """What is not advertised is asked for beside what is: it is not told, and nothing fails."""
    element = wanted(
        {"name": None, "place_of_birth": None, "nationalities": None},
        {"evidence": [{"type": {"value": "document"}, "document_details": {"type": None, "document_number": None}}]},
    )

    _, at_userinfo = await answers(ekyc, await signed_in(ekyc, userinfo=element))

    assert at_userinfo["claims"].keys() == {"name"}
    assert at_userinfo["verification"]["evidence"] == [{"type": "document", "document_details": {"type": "idcard"}}]


@pytest.mark.parametrize(
    "element", [{"trust_framework": {"value": "eidas"}}, {"evidence": [{"type": {"value": "vouch"}}]}]
)
async def test_verification_that_cannot_be_fulfilled_is_omitted_without_an_error(
    ekyc: Suite, element: dict[str, Any]
) -> None:
    asked = wanted({"name": None}, element)

    assert await answers(ekyc, await signed_in(ekyc, id_token=asked, userinfo=asked)) == (None, None)


@pytest.mark.parametrize("claims", [{}, None])
async def test_a_request_without_claims_is_refused(ekyc: Suite, claims: object) -> None:
    element = {"verification": {"trust_framework": None}, "claims": claims}

    page = await ekyc.request(claims=json.dumps({"userinfo": {"verified_claims": element}}))

    assert ekyc.error(page)["error"] == "invalid_request"

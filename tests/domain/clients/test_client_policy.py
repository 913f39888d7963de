from idp.domain.clients.client_policy import POLICIES, ClientProfile


def test_every_profile_has_its_row() -> None:
    assert set(POLICIES) == set(ClientProfile)


def test_no_profile_signs_with_a_shared_secret_or_with_nothing() -> None:
    for policy in POLICIES.values():
        assert not policy.signing_algorithms & {"none", "HS256", "HS384", "HS512"}


def test_fapi2_takes_pushed_constrained_requests_of_clients_that_prove_themselves_by_a_key() -> None:
    """FAPI 2.0 Security Profile sections 5.3.2.1, 5.3.2.2 and 5.4."""
    policy = POLICIES[ClientProfile.FAPI2]
    assert policy.pushes_requests_only
    assert policy.needs_pkce
    assert policy.needs_sender_constraint
    assert policy.issuer_is_only_assertion_audience
    assert policy.response_types == {"code"}
    assert policy.signing_algorithms == {"PS256", "ES256", "EdDSA", "Ed25519"}
    assert not any(method.startswith("client_secret") or method == "none" for method in policy.authentication_methods)
    assert not policy.rotates_refresh_tokens


def test_only_the_legacy_profile_returns_tokens_in_the_front_channel() -> None:
    in_front = {profile for profile, policy in POLICIES.items() for kind in policy.response_types if kind != "code"}
    assert in_front == {ClientProfile.LEGACY}


def test_the_algorithm_by_default_is_one_that_the_profile_takes() -> None:
    assert {profile.value: policy.default_algorithm for profile, policy in POLICIES.items()} == {
        "default": "RS256",
        "fapi2": "ES256",
        "legacy": "RS256",
    }

from idp.web.edge.headers import Headers, SecurityHeaders
from idp.web.page_policy import page_policy

HTTPS = SecurityHeaders("https://id.example.vn")
LOCAL = SecurityHeaders("http://localhost:8000")


def _by_name(headers: Headers) -> dict[str, str]:
    assert len({name for name, _ in headers}) == len(headers)
    return {name.decode(): value.decode() for name, value in headers}


def test_every_kind_of_answer_is_not_sniffed_and_names_its_referrer_policy() -> None:
    for headers in (HTTPS.page, HTTPS.protocol, HTTPS.document, HTTPS.static):
        assert _by_name(headers)["x-content-type-options"] == "nosniff"
        assert "referrer-policy" in _by_name(headers)


def test_https_is_remembered_by_browsers_and_plain_http_is_not() -> None:
    for kind in ("page", "protocol", "document", "static"):
        assert "strict-transport-security" in _by_name(getattr(HTTPS, kind))
        assert "strict-transport-security" not in _by_name(getattr(LOCAL, kind))


def test_pages_and_protocol_answers_are_never_stored() -> None:
    assert _by_name(HTTPS.page)["cache-control"] == "no-store"
    assert _by_name(HTTPS.protocol)["cache-control"] == "no-store"
    assert _by_name(HTTPS.protocol)["pragma"] == "no-cache"


def test_discovery_and_keys_may_be_cached_and_read_from_any_origin() -> None:
    document = _by_name(HTTPS.document)
    assert document["cache-control"] == "public, max-age=300"
    assert document["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in _by_name(HTTPS.protocol)


def test_a_page_has_its_own_policy_cannot_be_framed_and_shares_no_browsing_context() -> None:
    page = _by_name(HTTPS.page_headers(page_policy()))
    assert page["content-security-policy"] == page_policy()
    assert page["x-frame-options"] == "DENY"
    assert page["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in page["permissions-policy"]


def test_our_own_forms_keep_their_origin() -> None:
    assert _by_name(HTTPS.page)["referrer-policy"] == "same-origin"


def test_a_protocol_answer_opened_as_a_page_may_do_nothing() -> None:
    assert _by_name(HTTPS.protocol)["content-security-policy"].startswith("default-src 'none'")

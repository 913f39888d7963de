import base64
import hashlib

import pytest

from idp.web.page_policy import FORM_POST_SCRIPT, page_policy


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split(";"))}


def test_a_page_loads_nothing_but_our_style_and_pictures() -> None:
    assert directives(page_policy()) == {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }


def test_script_is_our_own_files_and_only_on_a_page_that_has_some() -> None:
    assert directives(page_policy(script=True))["script-src"] == ["'self'"]
    assert directives(page_policy(script=True))["connect-src"] == ["'self'"]
    assert "connect-src" not in directives(page_policy())
    assert "script-src" not in directives(page_policy())


def test_the_logo_is_allowed_by_its_origin_only() -> None:
    found = directives(page_policy(logo_uri="https://cdn.example/logo.png?x=1"))
    assert found["img-src"] == ["'self'", "data:", "https://cdn.example"]
    assert found["form-action"] == ["'self'"]


@pytest.mark.parametrize(
    ("redirect_uri", "allowed"), [("https://portal.example/cb?x", "https:"), ("http://localhost:8001/cb", "http:")]
)
def test_a_service_may_send_people_on_from_where_they_return(redirect_uri: str, allowed: str) -> None:
    assert directives(page_policy(redirect_uri=redirect_uri))["form-action"] == ["'self'", allowed]


def test_an_application_on_a_phone_is_allowed_by_its_scheme() -> None:
    assert directives(page_policy(redirect_uri="vn.example.app:/callback"))["form-action"] == [
        "'self'",
        "vn.example.app:",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example; script-src *",
        "https://a.example,b/x",
        "https://a b.example/",
        "https://*/",
        "https://[::1/",
        "javascript:alert(1)",
        "data:text/html,x",
        "//a.example/",
        "https://b\u1ebfn.example/",
        "",
    ],
)
def test_an_address_that_is_no_source_never_reaches_the_header(address: str) -> None:
    assert page_policy(logo_uri=address, redirect_uri=address) == page_policy()


def test_credentials_and_paths_stay_out_of_the_header() -> None:
    assert directives(page_policy(redirect_uri="https://u:p@a.example:8443/x?y#z"))["form-action"] == [
        "'self'",
        "https:",
    ]


def test_only_the_form_post_page_may_run_its_one_script() -> None:
    digest = base64.b64encode(hashlib.sha256(FORM_POST_SCRIPT.encode()).digest()).decode()
    assert directives(page_policy(form_post=True))["script-src"] == [f"'sha256-{digest}'"]
    assert "script-src" not in page_policy()


def test_frames_are_allowed_by_their_origins_once_each_and_by_none_without_frames() -> None:
    frames = ("https://a.example/out?iss=x&sid=y", "https://a.example/other", "http://localhost:9001/out")
    assert directives(page_policy(frames=frames))["frame-src"] == ["https://a.example", "http://localhost:9001"]
    assert "frame-src" not in directives(page_policy())
    assert "frame-src" not in directives(page_policy(frames=["https://a.example; script-src *"]))

"""Which clients are let in (RFC 7644 section 2); the tokens themselves are tested as whole flows."""

from idp.protocol.resources.own_resources import own_resources
from idp.protocol.scim.access import SCOPE, scim_resource


def test_the_interface_is_a_resource_that_nobody_registers() -> None:
    resource = scim_resource("https://idp.example.vn")
    assert (resource.audience, resource.scopes) == ("https://idp.example.vn/scim/v2", frozenset({SCOPE}))
    assert resource in own_resources("https://idp.example.vn")

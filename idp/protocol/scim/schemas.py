"""RFC 7643 sections 5 to 7: what this interface can do, and the attributes that it keeps, for systems to read."""

from typing import Any, Final

from idp.protocol.scim.paths import ENTERPRISE, OFFICER, USER

MOST_RESULTS: Final = 100
"""Resources in one answer."""

MOST_SEARCHED: Final = 2_000
"""Officers that a filter without an identifier is matched against."""

LIST_SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
SEARCH_SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
_SCHEMA: Final = "urn:ietf:params:scim:schemas:core:2.0:Schema"
_RESOURCE_TYPE: Final = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
_CONFIG: Final = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"


def service_provider_config(base: str) -> dict[str, Any]:
    """Return section 5: what is supported."""
    no = {"supported": False}
    return {
        "schemas": [_CONFIG],
        "patch": {"supported": True},
        "bulk": {**no, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": no,
        "sort": no,
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "OAuth 2.0 access token",
                "description": "A client's own token: grant client_credentials, scope scim, resource this interface.",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }


def resource_types(base: str) -> list[dict[str, Any]]:
    """Return section 6: the one type of resources."""
    return [
        {
            "schemas": [_RESOURCE_TYPE],
            "id": "User",
            "name": "User",
            "description": "An officer of an agency.",
            "endpoint": "/Users",
            "schema": USER,
            "schemaExtensions": [
                {"schema": ENTERPRISE, "required": False},
                {"schema": OFFICER, "required": True},
            ],
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/User"},
        }
    ]


def schemas(base: str) -> list[dict[str, Any]]:
    """Return section 7: the attributes that are kept; what else is sent is passed over."""
    return [
        _schema(
            base,
            USER,
            "User",
            [
                _attribute("userName", required=True, uniqueness="server"),
                _attribute(
                    "name", "complex", mutability="immutable", sub=[_attribute("formatted", mutability="immutable")]
                ),
                _attribute("displayName", mutability="immutable"),
                _attribute("title", required=True),
                _attribute("active", "boolean"),
            ],
        ),
        _schema(base, ENTERPRISE, "EnterpriseUser", [_attribute("department", mutability="readOnly")]),
        _schema(
            base,
            OFFICER,
            "Officer",
            [
                _attribute("personalNumber", required=True, mutability="writeOnly", returned="never"),
                _attribute("agency", required=True),
                _attribute("roles", mutability="readOnly", many=True),
                _attribute("heldFrom", "dateTime"),
                _attribute("heldTo", "dateTime"),
                _attribute("officerId", mutability="readOnly", uniqueness="server"),
            ],
        ),
    ]


def listed(resources: list[dict[str, Any]], total: int, start: int) -> dict[str, Any]:
    """Return RFC 7644 section 3.4.2: a list, or a page of one."""
    return {
        "schemas": [LIST_SCHEMA],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def _schema(base: str, urn: str, name: str, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schemas": [_SCHEMA],
        "id": urn,
        "name": name,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{urn}"},
    }


def _attribute(
    name: str,
    kind: str = "string",
    *,
    required: bool = False,
    many: bool = False,
    mutability: str = "readWrite",
    returned: str = "default",
    uniqueness: str = "none",
    sub: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": name,
        "type": kind,
        "multiValued": many,
        "required": required,
        "mutability": mutability,
        "returned": returned,
        "uniqueness": uniqueness,
    }
    if kind == "string":
        described["caseExact"] = False
    return described if sub is None else {**described, "subAttributes": sub}

"""`/scim/v2`: the SCIM interface (RFC 7644) at its addresses."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.domain.events import Origin
from idp.journeys.provisioning import Provisioner
from idp.ports.keys import SubjectKeys
from idp.protocol.errors import OAuthError
from idp.protocol.scim.access import ScimAccess
from idp.protocol.scim.errors import ScimError
from idp.protocol.scim.paths import member, require_schema
from idp.protocol.scim.projection import projected
from idp.protocol.scim.schemas import SEARCH_SCHEMA, listed, resource_types, schemas, service_provider_config
from idp.protocol.scim.service import ScimUsers, Search
from idp.protocol.scim.users import PATH, Written, read_body
from idp.web.edge.body import read_body as read_octets
from idp.web.edge.context import request_context
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.refusals import RefusedRequest
from idp.web.machine_endpoint import shown_possession
from idp.web.responses import BearerChallenge

MEDIA_TYPE: Final = "application/scim+json"
_NOT_MODIFIED: Final = 304

Handler = Callable[[Request, Provisioner], Awaitable[Response]]


class ScimEndpoints:
    """Reads requests, lets clients in, and writes answers; errors are in SCIM's own schema."""

    def __init__(
        self, issuer: str, access: ScimAccess, users: ScimUsers, keys: SubjectKeys, security: SecurityHeaders
    ) -> None:
        self._issuer = issuer
        self._access = access
        self._users = users
        self._keys = keys
        self._headers = {name.decode(): value.decode() for name, value in security.protocol}
        self._challenge = BearerChallenge(issuer)

    def routes(self) -> tuple[Route, ...]:
        """Return every route; the descriptions of the interface are for everybody."""
        base = self._issuer + PATH
        one = f"{PATH}/Users/{{user_id}}"
        return (
            self._described(f"{PATH}/ServiceProviderConfig", service_provider_config(base)),
            *self._catalogue(f"{PATH}/ResourceTypes", resource_types(base)),
            *self._catalogue(f"{PATH}/Schemas", schemas(base)),
            self._guarded(f"{PATH}/Users", GET=self._list, POST=self._create),
            self._guarded(f"{PATH}/Users/.search", POST=self._search),
            self._guarded(f"{PATH}/.search", POST=self._search),
            self._guarded(one, GET=self._read, PUT=self._replace, PATCH=self._modify, DELETE=self._delete),
            self._guarded(f"{PATH}/{{rest:path}}", GET=_nothing, POST=_nothing, PUT=_nothing, DELETE=_nothing),
        )

    async def _list(self, request: Request, by: Provisioner) -> Response:
        query = request.query_params
        search = Search(filter=query.get("filter"), start=_number(query.get("startIndex"), 1), count=_count(query))
        return await self._found(by, search, query)

    async def _search(self, request: Request, by: Provisioner) -> Response:
        body = await _body(request)
        require_schema(body, SEARCH_SCHEMA)
        told = {name: _text(member(body, name)) for name in ("filter", "attributes", "excludedAttributes")}
        numbers = {name: str(member(body, name)) for name in ("startIndex", "count") if member(body, name) is not None}
        search = Search(filter=told["filter"], start=_number(numbers.get("startIndex"), 1), count=_count(numbers))
        return await self._found(by, search, {name: value for name, value in told.items() if value is not None})

    async def _found(self, by: Provisioner, search: Search, wanted: Mapping[str, str]) -> Response:
        page = await self._users.search(by, search)
        page["Resources"] = [_chosen(each, wanted) for each in page["Resources"]]
        return self._answer(page)

    async def _create(self, request: Request, by: Provisioner) -> Response:
        written = await self._users.create(by, await _body(request))
        answer = self._one(request, written, 201)
        answer.headers["location"] = written.body["meta"]["location"]
        return answer

    async def _read(self, request: Request, by: Provisioner) -> Response:
        written = await self._users.read(by, request.path_params["user_id"])
        seen = request.headers.get("if-none-match", "")
        if written.version in {each.strip() for each in seen.split(",")}:
            return Response(None, _NOT_MODIFIED, {**self._headers, "etag": written.version})
        return self._one(request, written)

    async def _replace(self, request: Request, by: Provisioner) -> Response:
        body = await _body(request)
        return self._one(request, await self._users.replace(by, request.path_params["user_id"], body, _seen(request)))

    async def _modify(self, request: Request, by: Provisioner) -> Response:
        body = await _body(request)
        return self._one(request, await self._users.modify(by, request.path_params["user_id"], body, _seen(request)))

    async def _delete(self, request: Request, by: Provisioner) -> Response:
        await self._users.delete(by, request.path_params["user_id"], _seen(request))
        return Response(None, 204, self._headers)

    def _guarded(self, path: str, **handlers: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            context = request_context(request.scope)
            context.route = path
            origin = Origin(context.request_id, self._keys.pseudonym(context.client_address))
            handler = handlers["GET" if request.method == "HEAD" else request.method]
            try:
                possession = shown_possession(request.scope, self._issuer)
                by = await self._access.provisioner(request.headers.get("authorization"), possession, origin)
                context.client_id = by.client_id
                return await handler(request, by)
            except OAuthError as error:
                context.outcome = error.code
                return self._refused(error)
            except ScimError as error:
                context.outcome = error.kind or str(error.status)
                return self._answer(error.body(), error.status, error.wait)
            except RefusedRequest as error:
                context.outcome = "invalid_request"
                return self._answer(ScimError(error.status, error.reason).body(), error.status)

        return Route(path, endpoint, methods=[*handlers])

    def _described(self, path: str, document: dict[str, Any]) -> Route:
        async def endpoint(request: Request) -> Response:
            request_context(request.scope).route = path
            return self._answer(document)

        return Route(path, endpoint, methods=["GET"])

    def _catalogue(self, path: str, documents: list[dict[str, Any]]) -> tuple[Route, ...]:
        """A list of descriptions, and each at its own address."""
        return (
            self._described(path, listed(documents, len(documents), 1)),
            *(self._described(f"{path}/{document['id']}", document) for document in documents),
        )

    def _one(self, request: Request, written: Written, status: int = 200) -> Response:
        answer = self._answer(_chosen(written.body, request.query_params), status)
        answer.headers["etag"] = written.version
        return answer

    def _answer(self, body: dict[str, Any], status: int = 200, wait: int | None = None) -> Response:
        answer = JSONResponse(body, status, self._headers, MEDIA_TYPE)
        if wait is not None:
            answer.headers["retry-after"] = str(wait)
        return answer

    def _refused(self, error: OAuthError) -> Response:
        """RFC 6750 section 3 in the header, RFC 7644 section 3.12 in the body."""
        challenge = self._challenge.answer(error)
        answer = self._answer(ScimError(challenge.status, error.description).body(), challenge.status)
        for name, value in challenge.headers:
            answer.headers[name.decode()] = value.decode()
        return answer


async def _nothing(_request: Request, _by: Provisioner) -> Response:
    raise ScimError(404, "There is no such endpoint.")


async def _body(request: Request) -> dict[str, Any]:
    return read_body(await read_octets(request.scope, request.receive))


def _seen(request: Request) -> str | None:
    return request.headers.get("if-match")


def _chosen(resource: dict[str, Any], wanted: Mapping[str, str]) -> dict[str, Any]:
    return projected(resource, wanted.get("attributes"), wanted.get("excludedAttributes"))


def _count(told: Mapping[str, str]) -> int | None:
    return None if told.get("count") is None else _number(told["count"], 0)


def _number(text: str | None, absent: int) -> int:
    """A whole number of reasonable size; raises `ScimError` for anything else."""
    if text is None:
        return absent
    if len(text) > 9 or not text.removeprefix("-").isdecimal() or not text.isascii():  # noqa: PLR2004 -- below a billion
        raise ScimError(400, "startIndex and count are whole numbers.", "invalidValue")
    return int(text)


def _text(value: object) -> str | None:
    """Attributes of a search may be a list of names."""
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    return None if value is None else str(value)

import pytest

from idp.domain.ids import RequestId
from idp.web.edge.context import UNMATCHED, RequestContext, attach, find_context, request_context
from tests.web.edge.asgi import scope_of


def test_a_handler_reads_what_the_edge_attached() -> None:
    scope = scope_of()
    context = RequestContext(RequestId("request-1"), "192.0.2.1")
    attach(scope, context)
    assert request_context(scope) is context is find_context(scope)
    assert context.route == UNMATCHED


def test_without_the_edge_there_is_no_context() -> None:
    assert find_context(scope_of()) is None
    with pytest.raises(KeyError):
        request_context(scope_of())

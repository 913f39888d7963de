import pytest

from idp.web.edge.proxy import TrustedProxies
from idp.web.edge.trace_parent import trace_parent
from tests.web.edge.asgi import scope_of

PARENT = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PROXIES = TrustedProxies(["10.0.0.0/8"])


@pytest.mark.parametrize(("address", "sent", "believed"), [
    ("10.0.0.1", [PARENT], PARENT.decode()),
    ("192.0.2.1", [PARENT], None),
    ("127.0.0.1", [PARENT], None),
    ("10.0.0.1", [], None),
    ("10.0.0.1", [PARENT, PARENT], None),
])  # fmt: skip
def test_only_a_trusted_proxy_is_believed_about_a_trace(address: str, sent: list[bytes], believed: str | None) -> None:
    scope = scope_of(client=(address, 1), headers=[(b"traceparent", value) for value in sent])
    assert trace_parent(scope, PROXIES) == believed


def test_octets_that_are_no_text_are_nobodys_fault() -> None:
    scope = scope_of(client=("10.0.0.1", 1), headers=[(b"traceparent", b"\xff\xfe")])
    assert trace_parent(scope, PROXIES) == "\xff\xfe"

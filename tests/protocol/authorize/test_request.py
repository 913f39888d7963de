from idp.domain.levels.assurance import Level
from idp.protocol.authorize.request import AuthorizationRefusedError, AuthorizationRequest, ResponseTarget
from idp.protocol.errors import LoginRequiredError
from tests.protocol.authorize.signed_in import needing
from tests.protocol.world import PORTAL, REDIRECT

TARGET = ResponseTarget(REDIRECT, "query", "xyz")


def test_only_prompt_none_makes_a_request_silent() -> None:
    silent = AuthorizationRequest(PORTAL, TARGET, ("openid",), needing(Level.ONE), prompts=frozenset({"none"}))
    asking = AuthorizationRequest(PORTAL, TARGET, ("openid",), needing(Level.ONE), prompts=frozenset({"login"}))
    assert silent.is_silent
    assert not asking.is_silent


def test_a_refusal_says_where_its_answer_may_go() -> None:
    shown = AuthorizationRefusedError(LoginRequiredError())
    sent = AuthorizationRefusedError(LoginRequiredError(), TARGET, PORTAL)
    assert (shown.target, shown.client) == (None, None)
    assert (sent.target, sent.client) == (TARGET, PORTAL)

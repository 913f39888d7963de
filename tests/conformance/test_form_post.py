"""The OpenID Foundation's Form Post OP plan: every module of the Basic plan, answered by a form that submits itself."""

from collections.abc import Awaitable, Callable

import pytest

from tests.conformance import test_basic
from tests.conformance.suite import Suite
from tests.flows.provider import Provider

MODULES = {name.removeprefix("test_"): module for name, module in vars(test_basic).items() if "_oidcc_" in name}


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES.keys())
async def test_form_post(module: Callable[[Suite], Awaitable[None]], provider: Provider) -> None:
    await module(Suite(provider, response_mode="form_post"))

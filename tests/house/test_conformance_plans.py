import ast

import pytest

from tests.house.plans import Plan, function_of, plans
from tests.house.source import tree

PLANS = {plan.name: plan for plan in plans()}


@pytest.fixture(params=list(PLANS.values()), ids=list(PLANS))
def plan(request: pytest.FixtureRequest) -> Plan:
    chosen: Plan = request.param
    return chosen


def test_every_module_of_a_plan_has_a_test_of_its_name(plan: Plan) -> None:
    assert plan.files, plan.patterns
    tested = plan.tested()
    assert [module for module in plan.modules if function_of(module) not in tested] == []


def test_a_plan_that_reruns_another_imports_its_tests(plan: Plan) -> None:
    if not plan.reruns:
        assert plan.modules
        return
    imported = {
        alias.name
        for path in plan.files
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert {path.stem for path in PLANS[plan.reruns].files} <= imported


def test_what_is_left_out_says_why(plan: Plan) -> None:
    assert [module for module, why in plan.left_out.items() if len(why) < 20 or module in plan.modules] == []

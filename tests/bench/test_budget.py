"""The budget of microseconds: modules belong to parts, and the documentation says what was recorded."""

import sys

from bench.budget.__main__ import BEGIN, END, PAGE, Measured, Parts, recorded_table, table, written
from bench.budget.sampler import module_of
from bench.budget.where import HASH, OTHER, by_part, part_of
from bench.instructions.regression import Budget


def test_the_page_about_performance_says_what_was_recorded() -> None:
    assert PAGE.read_text(encoding="utf-8").count(BEGIN) == PAGE.read_text(encoding="utf-8").count(END) == 1
    assert written() == recorded_table(), "python -m bench.budget --write"


def test_the_longest_name_that_fits_a_module_decides_its_part() -> None:
    assert part_of("idp.web.edge.router").startswith("edge")
    assert part_of("idp.web.edge.cookies").startswith("pages")
    assert part_of("idp.adapters.sql.clients.grants").startswith("store: statements")
    assert part_of("idp.adapters.sql.trail.audit").startswith("audit")
    assert part_of("idp.protocol.senders.dpop").startswith("client authentication")
    assert part_of("thread argon2") == HASH
    assert part_of("idp.webs") == OTHER


def test_what_modules_of_a_part_spent_is_added_up_and_nothing_is_lost() -> None:
    parts = by_part(
        {
            "idp.protocol.tokens.token": 0.5,
            "idp.domain.grants.grant": 0.25,
            "elsewhere": 0.125,
            "idp.journeys.risk": 0.0,
        }
    )
    assert parts == {"protocol and domain": 0.75, OTHER: 0.125}


def test_what_a_library_does_is_charged_to_the_module_that_called_it() -> None:
    seen = []
    space = {"__name__": "idp.protocol.tokens.token", "work": lambda: seen.append(module_of(sys._getframe()))}
    exec("work()", space)  # noqa: S102
    assert seen == ["idp.protocol.tokens.token"]


def test_what_nobody_of_ours_called_is_the_event_loop() -> None:
    assert module_of(None) == "uvicorn"


def test_parts_below_a_microsecond_are_left_out_of_the_table() -> None:
    operations = {"refresh": Parts(500.4, {"journeys": 0.2, "protocol and domain": 499.6})}
    measured = Measured("a machine", "22 November 2026", operations, {"a signature": 20.54})
    assert table(measured, Budget("3.11", {"interpreter": 1000}, {"refresh": 2_512_884})) == (
        "Measured on 22 November 2026: a machine.\n\n"
        "| µs of CPU for one operation | refresh |\n"
        "| --- | ---: |\n"
        "| protocol and domain | 500 |\n"
        "| **all, as the kernel counts** | **500** |\n"
        "| instructions, thousands | 2,513 |\n\n"
        "| nothing less will do | µs of CPU |\n"
        "| --- | ---: |\n"
        "| a signature | 20.5 |\n"
    )

import asyncio
import threading

import pytest

from idp.adapters.http.resolver import MOST_BELOW, SystemResolver, system_addresses
from idp.ports.http import OutgoingError


class Names:
    """Answers at once, except for names that hang until they are let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.silent = threading.Event()

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        if host.startswith("silent"):
            self.silent.wait(20)
        if host.startswith("unknown"):
            raise OSError(host)
        return ["192.0.2.1"]


async def test_the_system_knows_this_machine() -> None:
    assert set(system_addresses("localhost")) <= {"127.0.0.1", "::1"}


async def test_all_who_ask_for_a_name_at_once_share_one_look_up() -> None:
    names = Names()
    resolver = SystemResolver(names)
    answers = [asyncio.create_task(resolver("silent.example", 443)) for _ in range(20)]
    await asyncio.sleep(0)
    names.silent.set()
    assert await asyncio.gather(*answers) == [["192.0.2.1"]] * 20
    assert names.asked == ["silent.example"]
    assert await resolver("silent.example", 443) == ["192.0.2.1"]
    assert len(names.asked) == 2
    resolver.close()


@pytest.mark.parametrize("form", ["silent{}.evil.example", "silent.b{}.evil.example", "silent{}.b{}.c{}.evil.example"])
async def test_names_of_one_domain_that_hang_leave_the_others_their_threads(form: str) -> None:
    names = Names()
    resolver = SystemResolver(names)
    hosts = [form.format(number, number, number // 2) for number in range(MOST_BELOW)]
    hanging = [asyncio.create_task(resolver(host, 443)) for host in hosts]
    await asyncio.sleep(0)
    for each in hanging:
        each.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    with pytest.raises(OutgoingError, match="look-ups"):
        await resolver("another.one.evil.example", 443)
    with pytest.raises(OutgoingError, match="look-ups"):
        await resolver("evil.example", 443)
    assert await resolver("portal.gov.vn", 443) == ["192.0.2.1"]
    names.silent.set()
    resolver.close()


async def test_a_ministry_whose_name_servers_hang_leaves_the_other_ministries_alone() -> None:
    names = Names()
    resolver = SystemResolver(names)
    hanging = [asyncio.create_task(resolver(f"silent{n}.moc.gov.vn", 443)) for n in range(MOST_BELOW)]
    await asyncio.sleep(0)
    assert await resolver("portal.gov.vn", 443) == ["192.0.2.1"]
    with pytest.raises(OutgoingError, match="look-ups"):
        await resolver("www.moc.gov.vn", 443)
    for each in hanging:
        each.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    names.silent.set()
    resolver.close()


async def test_a_name_that_is_unknown_is_asked_for_again() -> None:
    names = Names()
    resolver = SystemResolver(names)
    for _ in range(2):
        with pytest.raises(OSError, match="unknown"):
            await resolver("unknown.example", 443)
    assert len(names.asked) == 2
    resolver.close()

from idp.domain.accounts.account_closure import COOLING_OFF, AccountClosure
from idp.domain.ids import AccountId, Seconds


def test_an_account_closes_within_the_twenty_days_that_the_law_gives_for_erasing() -> None:
    assert 7 * 24 * 3600 <= COOLING_OFF < 20 * 24 * 3600


def test_a_closure_stands_open_until_it_was_done() -> None:
    assert AccountClosure(AccountId("a"), Seconds(1), Seconds(2)).closed_at is None

from tests.house.console_roles import table, written


def test_the_page_about_the_console_says_what_the_table_of_roles_says() -> None:
    """`python -m tests.house.console_roles` writes it anew."""
    assert written() == table()

import pytest

from idp.domain.abuse.proof_of_work import WrongWorkError, check_work, leading_zero_bits, puzzle_name, solve


@pytest.mark.parametrize(
    ("digest", "bits"), [(b"\x80\x00", 240), (b"\x00\xff" + bytes(30), 8), (b"\x00\x01" + bytes(30), 15)]
)
def test_bits_are_counted_from_the_front(digest: bytes, bits: int) -> None:
    assert leading_zero_bits(digest.rjust(32, b"\x00")) == bits


def test_a_solution_solves_its_own_puzzle_and_no_other() -> None:
    solution = solve("puzzle", 12)

    check_work("puzzle", solution, 12)
    with pytest.raises(WrongWorkError):
        check_work("another puzzle", solution, 12)


def test_more_bits_than_were_found_are_refused() -> None:
    with pytest.raises(WrongWorkError):
        check_work("puzzle", solve("puzzle", 8), 40)


@pytest.mark.parametrize("solution", ["", "-1", "1e9", "٣", " 1", "0x10", "1" * 17, "\ud800"])
def test_what_is_no_number_is_refused_whatever_it_hashes_to(solution: str) -> None:
    with pytest.raises(WrongWorkError):
        check_work("puzzle", solution, 0)


def test_the_name_of_a_puzzle_is_one_block_so_that_a_try_is_one_more() -> None:
    assert len(puzzle_name("puzzle of any length" * 9)) == 64

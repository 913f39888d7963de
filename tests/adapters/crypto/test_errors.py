from idp.adapters.crypto.errors import KeyMaterialError


def test_an_error_is_one_line_that_names_problem_and_remedy() -> None:
    error = KeyMaterialError("the key is gone", "restore it")
    assert str(error) == "the key is gone: restore it"
    assert (error.problem, error.remedy) == ("the key is gone", "restore it")

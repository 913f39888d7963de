from idp.adapters.observability.client_labels import NOBODY, OTHERS, ClientLabels


def test_clients_are_named_until_there_are_too_many() -> None:
    labels = ClientLabels(most=2)
    assert [labels.label(each) for each in ("a", "b", "c", "a", "d", "b")] == ["a", "b", OTHERS, "a", OTHERS, "b"]


def test_nobody_takes_no_place() -> None:
    labels = ClientLabels(most=1)
    assert [labels.label(each) for each in (None, None, "a", None)] == [NOBODY, NOBODY, "a", NOBODY]

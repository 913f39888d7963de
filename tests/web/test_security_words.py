from idp.domain import events
from idp.web.wording.security import happened_words


def test_a_refused_second_factor_is_called_what_it_was() -> None:
    name = events.SecondFactorRefused.name
    told = [
        happened_words(name, {"method": method, "reason": reason})
        for method, reason in (("otp", "WrongCodeError"), ("recovery_code", "throttled"), ("biometric", "no_match"))
    ]
    assert told[0] == "A wrong code was given"
    assert "Too many wrong codes" in told[1]
    assert "face" in told[2]

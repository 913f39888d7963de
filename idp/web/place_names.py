"""Places as people read them: the country's name, with the province's code where one is known."""

from babel import Locale as Names


def place_name(code: str | None, locale: str) -> str:
    """Return `Việt Nam (VN-HN)` for a place's code, the code itself for a country nobody knows, nothing for None."""
    if not code:
        return ""
    country, _, province = code.partition("-")
    name = Names.parse(locale).territories.get(country)
    if name is None:
        return code
    return f"{name} ({code})" if province else str(name)

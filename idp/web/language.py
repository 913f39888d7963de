"""Which language a page is in: what was chosen, then what the service asked for, then what the browser prefers."""

from collections.abc import Iterable, Sequence

from idp.web.views.common import LOCALES, Locale

_MOST_CONSIDERED = 32
"""Language tags looked at in one list; a longer list is cut, so that reading it stays cheap."""


def negotiate_locale(
    chosen: Sequence[str | None],
    ui_locales: str | None = None,
    accept_language: str | None = None,
    *,
    default: Locale = "vi",
) -> Locale:
    """Return the language of a page.

    `chosen` are the person's own choices, strongest first (the `lang` parameter, then the cookie); `ui_locales` is
    the parameter of OpenID Connect Core 1.0, section 3.1.2.1; `accept_language` the header of RFC 9110, section
    12.5.4. What is unreadable or not spoken here is passed over, never an error.
    """
    wanted = (tag for tag in chosen if tag)
    asked = (ui_locales or "").split()[:_MOST_CONSIDERED]
    return _first_spoken(wanted) or _first_spoken(asked) or _first_spoken(_preferred(accept_language or "")) or default


def _first_spoken(tags: Iterable[str]) -> Locale | None:
    for tag in tags:
        primary = tag.strip().lower().replace("_", "-").split("-", 1)[0]
        for locale in LOCALES:
            if primary == locale:
                return locale
    return None


def _preferred(accept_language: str) -> list[str]:
    """Return the tags of the header by falling weight, in the header's order where weights are equal."""
    weighted = []
    for part in accept_language.split(",", _MOST_CONSIDERED)[:_MOST_CONSIDERED]:
        tag, _, parameter = part.partition(";")
        weight = _weight(parameter)
        if weight > 0:
            weighted.append((weight, tag))
    return [tag for _, tag in sorted(weighted, key=lambda entry: -entry[0])]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
